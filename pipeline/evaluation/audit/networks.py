"""Frozen networks that turn pictures into numbers: the released first stage, and ImageNet's where it is installed.

Of the releases in use it is the quick one's: the audit asks for the features of tens of thousands of pictures.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.errors import WeightsMissing
from models.in_use import releases_in_use
from models.release import read_release
from pipeline.examining.lanes import cores
from pipeline.settings import settings

if TYPE_CHECKING:  # torch takes seconds to import
    from models.detector import Detector

ARCHITECTURE = "efficientnet_lite0"
IMAGENET = f"ImageNet {ARCHITECTURE}"
BATCH = 8
TOGETHER = 64

Embed = Callable[[np.ndarray], np.ndarray]
"""(B, S, S, 3) uint8 RGB → (B, C) float32."""


@dataclass(frozen=True, eq=False)
class Frozen:
    """A network that is not trained here.

    Attributes:
        name: how figures name it.
        embed: turns pictures into pooled features.
        taught: whether it learned from labelled photos such as the audited ones.
    """

    name: str
    embed: Embed
    taught: bool


def networks() -> tuple[list[Frozen], dict[str, str]]:
    """Return the networks of this machine, the one that knows no labels first; and why one is missing.

    Raises:
        WeightsMissing, WeightsMismatch: the release is not whole.
    """
    from models import registry

    weights = read_release(settings().release or releases_in_use().get("quick", "")).edited.weights
    released, _ = registry.load(weights)
    stage = Frozen(weights, _embedding(released), True)
    try:
        body = registry.build(ARCHITECTURE, 1, pretrained=True).eval()
    except WeightsMissing as problem:
        return [stage], {IMAGENET: str(problem)}
    return [Frozen(IMAGENET, _embedding(body), False), stage], {}


def _embedding(detector: "Detector") -> Embed:
    """Return the pooled features of a detector in eval mode."""
    import torch

    from models.fusion import fuse

    body = fuse(detector, 256).requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def embed(pictures: np.ndarray) -> np.ndarray:
        pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)
        parts = [body.features((part - body.mean) / body.std) for part in pixels.split(BATCH)]
        return torch.cat(parts).numpy()

    return embed


def embed_pictures(
    frozen: Sequence[Frozen], rows: Sequence[int], picture: Callable[[int], np.ndarray | None], what: str
) -> dict[str, pd.DataFrame]:
    """Return the features of rows' pictures, by network, indexed by row; rows without a picture are left out.

    Args:
        frozen: the networks; each picture is made once for all of them.
        rows: row numbers.
        picture: makes a row's picture, (S, S, 3) uint8, or None.
        what: for the progress bar.
    """
    kept: list[int] = []
    parts: dict[str, list[np.ndarray]] = {network.name: [] for network in frozen}
    with ThreadPoolExecutor(cores()) as lanes, tqdm(total=len(rows), desc=what, unit="picture") as bar:
        for first in range(0, len(rows), TOGETHER):
            batch = rows[first : first + TOGETHER]
            by_row = dict(zip(batch, lanes.map(picture, batch), strict=True))
            pictures = {row: pixels for row, pixels in by_row.items() if pixels is not None}
            kept += pictures
            for network in frozen if pictures else ():
                parts[network.name].append(network.embed(np.stack(list(pictures.values()))))
            bar.update(len(batch))
    return {
        name: pd.DataFrame(np.concatenate(arrays) if arrays else None, index=kept) for name, arrays in parts.items()
    }
