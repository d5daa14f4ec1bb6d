"""Does a verdict stand small, harmless changes of the photo? A crop's variants, and what they say of a stage's answer.

An answer that turns into its contrary when a photo is only saved once more, or shrunk a little, is none. The check
follows test-time augmentation (Ayhan & Berens, MIDL 2018); what counts is the contrary answer, so a variant that falls
into the band of abstention turns nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np

from models.release import Stage
from pipeline.examining.container import grow_back, jpeg, pixels_of, shrink

TIGHTER = 0.02
"""Share of the side that another finder of faces might well have left out."""

Change = Callable[[np.ndarray], np.ndarray]


def _three_quarters(crop: np.ndarray) -> np.ndarray:
    return grow_back(shrink(crop, 0.75), crop)


def _tighter(crop: np.ndarray) -> np.ndarray:
    edge = max(1, round(crop.shape[0] * TIGHTER / 2))
    return grow_back(np.ascontiguousarray(crop[edge : -edge - 1, edge : -edge - 1]), crop)


VARIANTS: Mapping[str, Change] = MappingProxyType(
    {
        "JPEG at quality 75": partial(jpeg, quality=75),
        "JPEG at quality 60": partial(jpeg, quality=60),
        "shrunk to three quarters": _three_quarters,
        "cut two per cent tighter, half a pixel aside": _tighter,
    }
)
"""Changes that alter nothing of what a photo shows: (S, S, 3) uint8 RGB to the same shape; no chance in them."""


def variants(crop: np.ndarray) -> list[np.ndarray]:
    """Return a crop, (S, S, 3) uint8 RGB, under each of `VARIANTS` in turn.

    They are not yet in the fixed container: each goes the whole way that the crop itself goes, see `pixels_of`.
    """
    return [change(crop) for change in VARIANTS.values()]


def logits_under(network: Callable[[np.ndarray], np.ndarray], crops: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield for each crop its logit and those of its variants, (1 + k,) float32.

    Args:
        network: (B, 3, S, S) float32 in [0, 1] to (B, outputs), the logit first, as `models.serving.Network`.
        crops: each (S, S, 3) uint8 RGB, not yet in the fixed container; read one at a time.
    """
    for crop in crops:
        crop = np.ascontiguousarray(crop)
        yield network(pixels_of([crop, *variants(crop)]))[:, 0]


def worth_checking(stage: Stage, probability: float) -> bool:
    """Tell whether a harmless change could turn an answer; how near the contrary it must be, validation has told."""
    return stage.room(probability) < stage.stability_margin
