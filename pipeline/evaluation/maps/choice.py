"""Figures of maps by method and set of photos, and the rule by which a release's method is chosen."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.crops.masks import EDITED
from pipeline.evaluation.maps import truth
from pipeline.evaluation.maps.scores import overlap
from pipeline.examining.explain import METHODS
from pipeline.figures import bootstrap
from pipeline.figures.maps import passes, value_of
from pipeline.figures.pointing import bits_of, share_named, shifts
from pipeline.results.maps import CHECKS, OUTPUTS, PEAK, RIGHT

CUTS = np.linspace(0.5, 0.995, 40)
"""Quantiles of a method's values among which its threshold is looked for."""

Figures = dict[str, Any]


def thresholds_of(table: pd.DataFrame) -> dict[str, float]:
    """Choose for each method the one threshold with the largest mean overlap with the masks; of validation's maps.

    Args:
        table: rows of `score_map`; only those with a mask count.
    """
    thresholds = {}
    for method, part in table[table["mask"].notna()].groupby("method"):
        values = np.stack([truth.cells_of(heatmap) for heatmap in part.heatmap])
        cuts = np.quantile(values, CUTS)
        overlaps = [overlap(heatmap, mask, cuts) for heatmap, mask in zip(part.heatmap, part["mask"], strict=True)]
        mean = np.mean(overlaps, axis=0)
        thresholds[str(method)] = float(cuts[mean.argmax()])
    return thresholds


def with_overlap(table: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Add `iou`: each map's overlap with its mask at its method's frozen threshold; NaN without a mask."""
    iou = [
        float("nan")
        if mask is None or method not in thresholds
        else float(overlap(heatmap, mask, [thresholds[method]])[0])
        for heatmap, mask, method in zip(table.heatmap, table["mask"], table.method, strict=True)
    ]
    return table.assign(iou=iou)


def map_figures(table: pd.DataFrame) -> Figures:
    """Return one split's figures: measure → method → value with its interval, n and, for peaks, chance.

    Args:
        table: one row a picture and method, see `score_map` and `with_overlap`; what `perturb_maps` and
            `falls_when_undone` give is NaN where it was not measured.
    """
    measures: Figures = {}
    for name, part in table.groupby("set"):
        single = part[part.regions.str.count("1") == 1] if name == "composites" else part.iloc[:0]
        for suffix, rows in (("", part), (", one region", single)):
            for method, mine in rows.groupby("method", sort=False):
                for measure, figure in _of_method(str(name), mine):
                    if suffix and measure not in (PEAK, RIGHT):
                        continue  # too few of these are blurred
                    measures.setdefault(f"{name}{suffix}: {measure}", {})[str(method)] = figure
    return measures


def _of_method(name: str, mine: pd.DataFrame) -> list[tuple[str, Figures]]:
    """Return the figures of one method on one set; what nobody measured is left out."""
    peaks = _composite_peaks(mine) if name == "composites" else _mask_peaks(mine)
    measures = [(PEAK, peaks)]
    if (mine.method == OUTPUTS).all():
        return measures
    right = mine[["group"]].assign(hit=mine.hit & mine.names)
    measures.append((RIGHT, bootstrap.interval(right, bootstrap.hit_rate)))
    for measure, column in CHECKS.items():
        known = mine[mine[column].notna()]
        measures.append((measure, bootstrap.interval(known.assign(hit=known[column] > 0), bootstrap.hit_rate)))
    for measure, column in (("AP", "ap"), ("IoU", "iou"), ("deletion", "deletion"), ("insertion", "insertion")):
        measures.append((measure, _mean(mine, column)))
    return [(measure, figure) for measure, figure in measures if figure["n"]]


def _mean(table: pd.DataFrame, column: str) -> Figures:
    known = table.loc[table[column].notna(), ["group", column]]
    values = known[column].to_numpy(float)
    return bootstrap.interval(known, bootstrap.Weighted(lambda _, weights: weights @ values / weights.sum(axis=1)))


def _composite_peaks(mine: pd.DataFrame) -> Figures:
    return share_named(mine, bits_of(mine.parts)) | {"area": round(float(mine.area.mean()), 4)}


def _mask_peaks(mine: pd.DataFrame) -> Figures:
    """Return the pointing game against masks; chance is what the same peaks reach on other photos' masks."""
    masks, points = mine["mask"].tolist(), list(zip(mine.peak_x, mine.peak_y, strict=True))
    tries = [
        truth.value_at(masks[(i + shift) % len(masks)], point) == EDITED
        for shift in shifts(len(points))
        for i, point in enumerate(points)
        if np.isfinite(point[0])
    ]
    turns = len(points) * len(shifts(len(points)))
    return bootstrap.interval(mine[["group", "hit"]], bootstrap.hit_rate) | {
        "chance": round(sum(tries) / turns, 4) if turns else None,
        "area": round(float(mine.area.mean()), 4),
    }


CHOSEN_BY = (
    f"composites: {RIGHT}",
    f"composites, one region: {RIGHT}",
    f"forged: {RIGHT}",
    "forged: AP",
    f"pairs: {RIGHT}",
    "pairs: AP",
)


def best_method(metrics: Mapping[str, Figures]) -> str:
    """Choose the method to ship from the validation split's figures, never from the test split's.

    The rule (`pipeline.results.maps.RULE` says it to readers):

    1. Only methods count whose maps tell where undoing the edit lowers the score most. They must do so in more than
       half of the pictures, and in more than maps of smooth noise do.
    2. Of these the one with the largest mean of the figures `CHOSEN_BY` is taken, each weighing the same, as far as
       they were measured: the share of maps that name a place, and rightly, and the average precision.
    3. Of equals the first of `METHODS` is taken. Where none is left it is "gradcam", whose cells sum to the score.

    Args:
        metrics: what `measure_maps` writes as metrics.json: split → measure → method → figure; "val" must be there.
    """
    val = metrics["val"]
    measures = [measure for measure in CHOSEN_BY if measure in val]
    methods = [name for name in METHODS if all(name in val[measure] for measure in measures)]
    sound = [name for name in methods if passes(val, name)]
    worth = {name: float(np.mean([value_of(val[measure][name]) for measure in measures])) for name in sound if measures}
    return max(worth, key=lambda name: worth[name]) if worth else "gradcam"
