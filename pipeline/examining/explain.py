"""Where a network looked: class activation maps through pytorch-grad-cam, or its own mask; and whether they matter.

Raw and signed, nothing is scaled.

- "gradcam": Selvaraju et al., ICCV 2017. "hirescam": Draelos & Carin, 2020 (arXiv 2011.08891). Where pooled features
  lie under one linear layer both give the class activation map of Zhou et al., CVPR 2016. The map's sum plus the
  head's bias is then the logit itself: the map is an account of the score, not a picture beside it.
- "layercam": Jiang et al., TIP 2021.
- "eigencam": Muhammad & Yeasin, IJCNN 2020. It asks nothing of the label, and its sign is arbitrary, as that of any
  principal component.
- "mask": what the network's mask head says, where it has one: the log-odds that a cell was edited. It was trained to
  tell where, so it is no account of the score.
- "parts": that mask, raised in those parts of the face that the region outputs hold edited. The two were trained on
  different photos, for of an expert's composite only the new parts are known.
- "likeliest": the mask raised in the likeliest part, whatever its odds.

CLIP's network also reads its class tokens: its maps account for what its cells add to the logit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

import models.torchvision_ops  # noqa: F401  before pytorch_grad_cam, which imports torchvision
from models.detector import TURN, Detector
from pipeline.errors import UnknownName
from pipeline.examining.edit_map import BY_REGIONS, MASK, where_edited
from pipeline.examining.networks import FaceCrops
from pipeline.examining.questions import Question
from pipeline.heatmap import WHERE_EDITED, Heatmap

CAMS = {
    "gradcam": "GradCAM",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "eigencam": "EigenCAM",
    "eigengradcam": "EigenGradCAM",
}
"""Names here to classes of pytorch_grad_cam, of which the map is taken before its negative part is cut off."""
METHODS = (*CAMS, MASK, *BY_REGIONS)
"""All methods; `MASK` needs a network with a mask head, `BY_REGIONS` region outputs too, see `methods_of`."""


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


def methods_of(detector: Detector) -> tuple[str, ...]:
    """Return the methods of `METHODS` that a detector, in eval mode, can be explained by."""
    with TURN, torch.inference_mode():
        logits = detector(torch.zeros(1, 3, 64, 64))
    if logits.mask is None:
        return tuple(CAMS)
    return METHODS if logits.regions is not None else (*CAMS, MASK)


def raw_maps(
    detector: Detector,
    pixels: torch.Tensor,
    targets: list[SignedLogit],
    method: str = "gradcam",
    landmarks: np.ndarray | None = None,
) -> np.ndarray:
    """Return raw signed maps, (B, h, w) float32, in units of a logit.

    With "gradcam" and "hirescam" a map's sum is what its cells add to the score's logit; with "mask" each cell is a
    logit of its own, that of having been edited, and "parts" and "likeliest" add up to `RAISED` to it.

    Args:
        detector: in eval mode.
        pixels: of the crops, as it takes them.
        targets: one question a picture.
        method: one of `METHODS`.
        landmarks: in the crops' pixels, (B, 468, 2); only `BY_REGIONS` need them.

    Raises:
        UnknownName: there is no such method, or the network lacks the head for it. The message names those that it has.
        ValueError: one of `BY_REGIONS` without landmarks.
    """
    inputs = pixels.contiguous(memory_format=torch.channels_last)
    if method in WHERE_EDITED:
        return _mask_maps(detector, inputs, targets, method, landmarks)
    if method not in CAMS:
        raise UnknownName.among("heatmap method", method, methods_of(detector))
    import pytorch_grad_cam  # takes seconds to import, so only where a map is asked for

    kind: Any = getattr(pytorch_grad_cam, CAMS[method])
    layer = detector.cam_layer
    with TURN, _gradients_end_at(layer), kind(model=_LogitOnly(detector), target_layers=[layer]) as cam:
        outputs = cam.activations_and_grads(inputs)
        torch.stack([target(output) for target, output in zip(targets, outputs, strict=True)]).sum().backward()
        activations = cam.activations_and_grads.activations[0].numpy()
        gradients = cam.activations_and_grads.gradients[0].numpy()
        raw = cam.get_cam_image(inputs, layer, targets, activations, gradients, False)
    detector.zero_grad()
    return np.asarray(raw, np.float32)


def _mask_maps(
    detector: Detector, inputs: torch.Tensor, targets: list[SignedLogit], method: str, landmarks: np.ndarray | None
) -> np.ndarray:
    with TURN, torch.inference_mode():
        logits = detector(inputs)
    if logits.mask is None or (method in BY_REGIONS and logits.regions is None):
        raise UnknownName.among("heatmap method of this network", method, methods_of(detector))
    regions = np.empty((len(inputs), 0)) if logits.regions is None else logits.regions.numpy()
    maps = where_edited(logits.mask[:, 0].numpy(), regions, method, landmarks, inputs.shape[-1])
    signs = np.array([target.sign for target in targets], np.float32)
    return np.asarray(maps * signs[:, None, None], np.float32)


def heatmaps(
    detector: Detector, positive: str, crops: FaceCrops, questions: Sequence[Question], method: str = "gradcam"
) -> list[Heatmap]:
    """Explain a batch of face crops, each for the question asked; the maps are of the upright crops.

    Args:
        detector: in eval mode.
        positive: the detector's positive label.
        crops: the faces.
        questions: for each face, the one asked.
        method: one of `METHODS`.

    Raises:
        UnknownName: see `raw_maps`.
    """
    targets = [SignedLogit(question.sign(positive, method)) for question in questions]
    grids = raw_maps(detector, torch.from_numpy(crops.pixels), targets, method, crops.landmarks)
    return [
        Heatmap(grid, face.window, question.stage, question.label, method)
        for grid, face, question in zip(grids, crops.faces, questions, strict=True)
    ]
