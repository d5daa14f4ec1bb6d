"""Class activation maps through pytorch-grad-cam, raw and signed, and a measure of whether they matter.

Grad-CAM: Selvaraju et al., ICCV 2017. HiResCAM: Draelos & Carin, 2020 (arXiv 2011.08891). With the registry's
networks, pooled features under one linear layer, both give the class activation map of Zhou et al., CVPR 2016, and the
map's sum plus the head's bias is the logit itself: the map is an account of the score, not a picture beside it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
import torch
from torch import nn

import models.torchvision_ops  # noqa: F401  before pytorch_grad_cam, which imports torchvision
from models.detector import TURN, Detector
from pipeline.errors import UnknownName
from pipeline.heatmap import Heatmap

METHODS = {"gradcam": "GradCAM", "hirescam": "HiResCAM", "layercam": "LayerCAM", "eigengradcam": "EigenGradCAM"}
"""Names here to classes of pytorch_grad_cam that keep a sign before it is cut off."""

FRACTION = 0.2
TRIALS = 4


@dataclass(frozen=True)
class SignedLogit:
    """The question put to a detector: what speaks for its positive label (sign 1), or against it (sign −1)?"""

    sign: Literal[1, -1]

    def __call__(self, output: torch.Tensor) -> torch.Tensor:
        """Return the scalar whose gradient is taken, from one row of the detector's output."""
        return self.sign * output[0]


class _LogitOnly(nn.Module):
    """pytorch-grad-cam wants a plain (B, 1) tensor."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.detector(pixels).logit[:, None]


@contextmanager
def _gradients_end_at(layer: nn.Module) -> Iterator[None]:
    """Let no gradient run through what lies before a layer: a map needs none, and they cost most of its time."""
    handle = layer.register_forward_hook(lambda _module, _inputs, output: output.detach().requires_grad_(True))
    try:
        yield
    finally:
        handle.remove()


def raw_maps(
    detector: Detector, pixels: torch.Tensor, targets: list[SignedLogit], method: str = "gradcam"
) -> np.ndarray:
    """Return raw signed maps, (B, h, w) float32, in units of the logit: a map's sum is what its cells add to it.

    Args:
        detector: in eval mode.
        pixels: (B, 3, S, S) float32 RGB in [0, 1].
        targets: one question a picture.
        method: a key of `METHODS`.

    Raises:
        UnknownName: no such method.
    """
    if method not in METHODS:
        raise UnknownName.among("heatmap method", method, METHODS)
    import pytorch_grad_cam  # takes seconds to import, so only where a map is asked for

    kind: Any = getattr(pytorch_grad_cam, METHODS[method])
    layer = detector.cam_layer
    inputs = pixels.contiguous(memory_format=torch.channels_last)
    with TURN, _gradients_end_at(layer), kind(model=_LogitOnly(detector), target_layers=[layer]) as cam:
        outputs = cam.activations_and_grads(inputs)
        torch.stack([target(output) for target, output in zip(targets, outputs, strict=True)]).sum().backward()
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        raw = cam.get_cam_image(inputs, layer, targets, activations, gradients, False)
    detector.zero_grad()
    return np.asarray(raw, np.float32)


def heatmaps(
    detector: Detector,
    pixels: np.ndarray,
    windows: list[tuple[float, float, float, float]],
    stage: str,
    labels: list[str],
    positive: str,
    method: str = "gradcam",
) -> list[Heatmap]:
    """Explain a batch of face crops, each for the label asked.

    Args:
        detector: in eval mode.
        pixels: (B, 3, S, S) float32 RGB in [0, 1], the crops.
        windows: the crops' squares in photo pixels.
        stage: "edited" or "deepfake".
        labels: the label that each map argues for.
        positive: the detector's positive label: any other is its opposite.
        method: a key of `METHODS`.
    """
    targets = [SignedLogit(1 if label == positive else -1) for label in labels]
    grids = raw_maps(detector, torch.from_numpy(pixels), targets, method)
    return [
        Heatmap(grid, window, stage, label, method) for grid, window, label in zip(grids, windows, labels, strict=True)
    ]


def with_faithfulness(
    heatmap: Heatmap, logits: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, positive: str
) -> Heatmap:
    """Measure a map by deletion: blur its strongest fifth and random fifths, compare how far the logit falls.

    The idea is deletion (Petsiuk et al., RISE, BMVC 2018) with a blurred fill, so that no hard edge is brought in.

    Args:
        heatmap: the map of `pixels`.
        logits: the network that it explains: (B, 3, S, S) → (B,) logits.
        pixels: (3, S, S) float32, the crop.
        positive: the detector's positive label.
    """
    if heatmap.state in ("not a number", "flat"):
        return heatmap
    rng = np.random.default_rng(0)  # the same photo is always measured the same way
    cells = heatmap.grid.size
    count = max(1, round(cells * FRACTION))
    chosen = [np.argsort(-heatmap.grid, axis=None, kind="stable")[:count]]
    chosen += [rng.choice(cells, count, replace=False) for _ in range(TRIALS)]
    crop = pixels.transpose(1, 2, 0)
    blurred = cv2.GaussianBlur(crop, (0, 0), crop.shape[0] / 24)
    batch = [crop] + [_blended(crop, blurred, heatmap.grid.shape, picked) for picked in chosen]
    said = logits(np.ascontiguousarray(np.stack(batch).transpose(0, 3, 1, 2)))
    sign = 1 if heatmap.label == positive else -1
    falls = sign * (said[0] - said[1:])
    return replace(heatmap, faithfulness=float(falls[0] - falls[1:].mean()))


def _blended(crop: np.ndarray, blurred: np.ndarray, shape: tuple[int, ...], picked: np.ndarray) -> np.ndarray:
    mask = np.zeros(shape, np.float32)
    mask.flat[picked] = 1
    soft = cv2.resize(mask, crop.shape[1::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    return crop * (1 - soft) + blurred * soft
