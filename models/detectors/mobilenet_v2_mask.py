"""MobileNetV2 with a mask head."""

from models.detector import Detector
from models.detectors.mobilenet_v2 import pretrained_body
from models.imagenet import MEAN, STD
from models.masked import MaskedDetector
from models.registry import register

FINE = 14
"""Blocks up to stride 16."""


@register("mobilenet_v2_mask")
def mobilenet_v2_mask(outputs: int, pretrained: bool) -> Detector:
    """Build MobileNetV2 with a mask head."""
    body = pretrained_body(pretrained)
    return MaskedDetector(body[:FINE], body[FINE:], (96, 1280), outputs, MEAN, STD)
