"""ResNet-18, -50 and -152 (He et al., CVPR 2016): torchvision's networks. The original system used two ResNet-152."""

from collections.abc import Callable

import torch
from torch import nn

import models.torchvision_ops  # noqa: F401  before torchvision
from models.detector import Detector
from models.imagenet import MEAN, STD, from_hub
from models.registry import register


class ResNet(Detector):
    """A torchvision ResNet whose classifier is a linear head of `outputs`."""

    def __init__(self, depth: int, outputs: int, pretrained: bool) -> None:
        super().__init__(MEAN, STD)
        from torchvision import models as vision

        builder: Callable[[], vision.ResNet] = getattr(vision, f"resnet{depth}")
        net = builder()
        if pretrained:
            net.load_state_dict(from_hub(f"ResNet{depth}_Weights", "IMAGENET1K_V1"))
        width = net.fc.in_features
        net.fc = nn.Identity()
        self.body = net
        self.head = nn.Linear(width, outputs)

    @property
    def cam_layer(self) -> nn.Module:
        """The last residual block: 512 or 2,048 maps of S/32."""
        return self.body.layer4[-1]

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pooled (B, 512) or (B, 2048) from normalised pixels."""
        return self.body(pixels)


@register("resnet18")
def resnet18(outputs: int, pretrained: bool) -> Detector:
    """Build ResNet-18."""
    return ResNet(18, outputs, pretrained)


@register("resnet50")
def resnet50(outputs: int, pretrained: bool) -> Detector:
    """Build ResNet-50."""
    return ResNet(50, outputs, pretrained)


@register("resnet152")
def resnet152(outputs: int, pretrained: bool) -> Detector:
    """Build ResNet-152, the network of the original system."""
    return ResNet(152, outputs, pretrained)
