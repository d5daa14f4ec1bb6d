"""One map against what is known of its crop: its peak, its overlap with the edit, and what the score owes to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from sklearn.metrics import average_precision_score

from pipeline.crops.masks import EDITED, UNKNOWN
from pipeline.evaluation.maps import truth
from pipeline.examining.faithfulness import blend, blur, with_faithfulness
from pipeline.heatmap import Heatmap
from pipeline.regions import region_bits

BASELINE_SIDE = 16
FRACTIONS = (0.05, 0.15, 0.3, 0.6)
"""Shares of the cells that are taken away, or put back, strongest first."""

Logits = Callable[[np.ndarray], np.ndarray]
"""(B, 3, S, S) float32 → (B,) logits."""
Probability = Callable[[float], float]


@dataclass(frozen=True, eq=False)
class Case:
    """An edited crop and what is known of the edit.

    Attributes:
        facts: what is written of the picture: set, sha256, source, kind, group, regions, row.
        pixels: (3, S, S) float32 RGB in [0, 1], as the network sees it.
        landmarks: (468, 2) float32 in store pixels.
        mask: (75, 75) uint8, see `pipeline.crops.masks`; None where only the region bits are known.
        original: (3, S, S) float32, the same crop before it was edited; None where it is not in the store.
    """

    facts: dict[str, Any]
    pixels: np.ndarray
    landmarks: np.ndarray
    mask: np.ndarray | None
    original: np.ndarray | None = None

    @cached_property
    def area(self) -> float:
        """Share of the window that was edited: what a peak set blindly would hit."""
        if self.mask is not None:
            return float((truth.in_window(self.mask) == EDITED).mean())
        bits = np.array(region_bits(self.facts["regions"]))
        return truth.parts_area(bits, self.landmarks)


def blind_map(name: str, sha256: str) -> np.ndarray:
    """Return a map that never saw the picture, (16, 16) float32.

    Args:
        name: "centre", highest in the middle of the crop; or "random", smooth noise, for each picture its own.
        sha256: of the picture, the seed of its noise.
    """
    if name == "centre":
        away = np.abs(np.arange(BASELINE_SIDE) - (BASELINE_SIDE - 1) / 2)
        return np.asarray(1 - np.hypot(away[:, None], away) / BASELINE_SIDE, np.float32)
    noise = np.random.default_rng(int(sha256[:12], 16)).normal(size=(3 * BASELINE_SIDE, 3 * BASELINE_SIDE))
    smooth = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), BASELINE_SIDE / 10)
    inner = slice(BASELINE_SIDE, 2 * BASELINE_SIDE)  # at its own rim a blurred field varies more, and peaks there
    return smooth[inner, inner].copy()


def score_map(case: Case, method: str, grid: np.ndarray) -> dict[str, Any]:
    """Return a row of what a map's peak hits and how it overlaps with the edit.

    The peak is the pointing game's (Zhang et al., ECCV 2016): the map's largest value, whatever its sign. `names` tells
    whether the map would name the place, see `Heatmap.peak_point`. A flat map, or one that is not a number, lacks a
    peak. It hits nothing and orders its cells as chance would.
    """
    heatmap = Heatmap(grid, truth.WINDOW, "edited", "edited", method)
    point = peak_of(heatmap)
    parts = truth.parts_at(point, case.landmarks) if point else np.zeros(4, bool)
    row = case.facts | {"method": method, "state": heatmap.state, "area": case.area, "heatmap": heatmap}
    row |= {"peak_x": point[0] if point else np.nan, "peak_y": point[1] if point else np.nan}
    row |= {"parts": "".join("1" if part else "0" for part in parts), "names": heatmap.peak_point is not None}
    if case.mask is None:
        return row | {
            "hit": bool((parts & np.array(region_bits(case.facts["regions"]))).any()),
            "ap": np.nan,
            "mask": None,
        }
    hit = point is not None and truth.value_at(case.mask, point) == EDITED
    return row | {"hit": hit, "ap": precision(heatmap, case.mask), "mask": case.mask}


def peak_of(heatmap: Heatmap) -> tuple[float, float] | None:
    """Return where a map is largest, x and y in its window's pixels; None where it is flat or not a number."""
    if heatmap.state in ("not a number", "flat"):
        return None
    low = heatmap.grid.min() - 1  # above 0 everywhere, so that a peak is told of any map
    return Heatmap(heatmap.grid - low, heatmap.window, heatmap.stage, heatmap.label, heatmap.method).peak_point


def precision(heatmap: Heatmap, mask: np.ndarray) -> float:
    """Return the average precision of a map's cells for the edited ones, unknown ones left out; NaN without both."""
    cells, values = truth.in_window(mask), truth.cells_of(heatmap)
    known = cells != UNKNOWN
    edited = cells[known] == EDITED
    return float(average_precision_score(edited, values[known])) if 0 < edited.mean() < 1 else float("nan")


def overlap(heatmap: Heatmap, mask: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Return the intersection over union of a map cut at each threshold with the edit, (T,), unknown cells left out."""
    cells = truth.in_window(mask)
    known = cells != UNKNOWN
    edited = cells[known] == EDITED
    above = truth.cells_of(heatmap)[known] >= np.asarray(thresholds, np.float32)[:, None]
    return (above & edited).sum(axis=1) / np.maximum((above | edited).sum(axis=1), 1)


def perturb_maps(maps: Sequence[Heatmap], pixels: np.ndarray, logits: Logits, probability: Probability) -> list[Any]:
    """Return for each map of one picture its faithfulness, its deletion and its insertion.

    Deletion and insertion: areas under the probability as the strongest cells are blurred, or shown on the blurred
    picture (Petsiuk et al., RISE, BMVC 2018). A good map has a small deletion and a large insertion. For a map that
    is not a number all are NaN.

    Args:
        maps: of the picture, for its detector's positive label.
        pixels: (3, S, S) float32, the crop.
        logits: the network.
        probability: of the positive label, from a logit.
    """
    crop = pixels.transpose(1, 2, 0)
    smooth = blur(crop)
    pictures = [crop, smooth]
    sound = [heatmap for heatmap in maps if heatmap.state != "not a number"]
    for heatmap in sound:
        strongest = np.argsort(-heatmap.grid, axis=None, kind="stable")
        for share in FRACTIONS:
            picked = strongest[: max(1, round(share * heatmap.grid.size))]
            pictures.append(blend(crop, smooth, heatmap.grid.shape, picked))
            pictures.append(blend(smooth, crop, heatmap.grid.shape, picked))
    outputs = logits(np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), np.float32))
    chances = [probability(float(logit)) for logit in outputs]
    curves = np.array(chances[2:]).reshape(len(sound), len(FRACTIONS), 2)
    curves_and_maps = iter(zip(curves, (with_faithfulness(m, logits, pixels, m.label) for m in sound), strict=True))
    nothing = {"faithfulness": np.nan, "deletion": np.nan, "insertion": np.nan}
    return [
        _areas(*next(curves_and_maps), chances[0], chances[1]) if m.state != "not a number" else nothing for m in maps
    ]


def falls_when_undone(maps: Sequence[Heatmap], case: Case, logits: Logits) -> list[float]:
    """Return how much more the logit falls when a map's strongest fifth is shown as it was before the edit.

    More than when the fifth is that of the same map moved elsewhere, in logits, as `with_faithfulness` tells it. Unlike
    a blur, which is itself an edit, the original's pixels bring in nothing that a network could take for one.

    Args:
        maps: of the case, for its detector's positive label.
        case: with an original.
        logits: the network.
    """
    assert case.original is not None
    falls = (with_faithfulness(m, logits, case.pixels, m.label, case.original).faithfulness for m in maps)
    return [np.nan if fall is None else fall for fall in falls]


def _areas(curve: np.ndarray, heatmap: Heatmap, whole: float, bare: float) -> dict[str, float]:
    shares = (0.0, *FRACTIONS, 1.0)
    return {
        "faithfulness": np.nan if heatmap.faithfulness is None else heatmap.faithfulness,
        "deletion": float(np.trapezoid([whole, *curve[:, 0], bare], shares)),
        "insertion": float(np.trapezoid([bare, *curve[:, 1], whole], shares)),
    }
