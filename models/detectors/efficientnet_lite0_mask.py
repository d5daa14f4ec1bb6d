"""EfficientNet-Lite0 with a mask head."""

from torch import nn

from models.detector import Detector
from models.detectors.efficientnet_lite0 import MEAN, STD, pretrained_body
from models.masked import MaskedDetector
from models.registry import register

FINE = 11
"""Blocks up to stride 16."""


@register("efficientnet_lite0_mask")
def efficientnet_lite0_mask(outputs: int, pretrained: bool) -> Detector:
    """Build EfficientNet-Lite0 with a mask head; the blocks are numbered as the package numbers them.

    Blocks are never dropped while it trains (the package's stochastic depth): the runs are short.
    """
    body = pretrained_body(pretrained)
    fine = nn.Sequential(body._conv_stem, body._bn0, body._swish, *body._blocks[:FINE])
    coarse = nn.Sequential(*body._blocks[FINE:], body._conv_head, body._bn1, body._swish)
    return MaskedDetector(fine, coarse, (112, 1280), outputs, MEAN, STD)
