"""What share of all views the warnings cover, as the threshold moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.reach.ranking import Join, Ranked
from pipeline.words.warnings import warning_of

THRESHOLDS = np.round(np.linspace(0.0, 1.0, 101), 2)
"""(101,) float64: where the curve is drawn."""


@dataclass(frozen=True, eq=False)
class Coverage:
    """Views under a warning, at each threshold.

    Attributes:
        thresholds: (T,) float64.
        deepfake: (T,) float64, reach of photos that are warned of as deepfakes.
        edited: (T,) float64, reach of photos that are warned of as edited.
        photos: (T,) int64, how many photos get either warning.
        unchecked: reach of photos that could not be checked, whatever the threshold.
        unchecked_photos: how many these are.
        all_reach: of everything that the file tells of, photos without a verdict and of other sources included.
    """

    thresholds: np.ndarray
    deepfake: np.ndarray
    edited: np.ndarray
    photos: np.ndarray
    unchecked: float
    unchecked_photos: int
    all_reach: float

    def share(self, reach: np.ndarray | float) -> np.ndarray | float:
        """Return reach as a share of all; not a number where nothing has any reach."""
        return reach / self.all_reach if self.all_reach else reach * np.nan

    @property
    def warned(self) -> np.ndarray:
        """(T,) float64: share of all views under a warning of an edit."""
        return np.asarray(self.share(self.deepfake + self.edited))

    def at(self, threshold: float) -> int:
        """Return the place of the threshold that is nearest to one."""
        return int(np.abs(self.thresholds - threshold).argmin())


def coverage(joined: Join, thresholds: np.ndarray = THRESHOLDS) -> Coverage:
    """Return how much the warnings of `pipeline.words.warnings.warning_of` cover at each threshold.

    Photos whose verdict is hidden from the person who asks get no warning here, and count among all views.

    Args:
        joined: photos and figures.
        thresholds: (T,) float64, rising.
    """
    checked = [each for each in joined.known
               if warning_of(each.photo.label, each.photo.p_edited, each.photo.p_deepfake, 0.0, each.photo.reasons)
               != "unchecked"]  # fmt: skip
    reach = np.array([each.engaged.reach or 0.0 for each in checked])
    edited = np.array([each.photo.p_edited or 0.0 for each in checked])
    deepfake = np.array([
        (each.photo.p_edited or 0.0) * each.photo.p_deepfake
        if each.photo.label == "deepfake" and each.photo.p_deepfake is not None else -1.0
        for each in checked
    ])  # fmt: skip
    either = _above(edited, reach, thresholds)
    fakes = _above(deepfake, reach, thresholds)
    photos = _above(edited, np.ones(len(checked)), thresholds).astype(np.int64)
    warned_of = {each.photo.key for each in checked}
    rest = [*(each for each in joined.known if each.photo.key not in warned_of), *joined.no_verdict]
    unchecked = sum(each.engaged.reach or 0.0 for each in rest)
    return Coverage(thresholds, fakes, either - fakes, photos, unchecked, len(rest), joined.all_reach)


def _above(chances: np.ndarray, amounts: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the sum of the amounts whose chance reaches each threshold.

    Args:
        chances, amounts: (N,) float64.
        thresholds: (T,) float64.

    Returns:
        (T,) float64.
    """
    order = np.argsort(chances)
    sums = np.concatenate([np.cumsum(amounts[order][::-1])[::-1], [0.0]])
    return np.asarray(sums[np.searchsorted(chances[order], thresholds, side="left")])


def count_warnings(ranked: Sequence[Ranked]) -> dict[str, tuple[int, float]]:
    """Return warning → how many of the ranked photos get it, and their reach."""
    counts: dict[str, tuple[int, float]] = {}
    for one in ranked:
        photos, reach = counts.get(one.warning, (0, 0.0))
        counts[one.warning] = photos + 1, reach + one.reach
    return counts
