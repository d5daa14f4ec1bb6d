"""A network of few weights, for tests of what is done with networks: it learns in a second what is bright."""

import torch
from torch import nn

from models.detector import Detector
from models.imagenet import MEAN, STD

NAME = "small"


class Small(Detector):
    """Three convolutions with norms, and a head that drops out, as the real ones have."""

    def __init__(self, outputs: int) -> None:
        super().__init__(MEAN, STD)
        self.body = nn.Sequential(*(self._block(*sizes) for sizes in ((3, 8), (8, 16), (16, 24))))
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(24, outputs))

    @staticmethod
    def _block(inputs: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 4, 1), nn.BatchNorm2d(outputs), nn.ReLU())

    @property
    def cam_layer(self) -> nn.Module:
        """The last activation: 24 maps of S/64."""
        return self.body[2]

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pooled (B, 24)."""
        return self.body(pixels).mean(dim=(2, 3))


def build(outputs: int, pretrained: bool) -> Small:
    """Build it; there are no weights to start from."""
    assert not pretrained
    return Small(outputs)
