"""A stage's threshold, band of abstention and margin of stability, frozen on validation, with the rule in words.

Nothing here sees the test split.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from models.release import Stage
from pipeline.training.calibration import calibrated, probabilities

PASSED = 0.95
"""Share of real photos that stay below stage 1's threshold: of sources that training saw, and of those it never saw."""
MISSED = 0.10
"""Largest share of edited photos among those of which no indication is said, at an even base rate ..."""
REAL_UNSURE = 0.10
"""... unless more than this share of real photos would lie in the band: with what the checks of stability and scope
withdraw, about 15 % of them get no verdict."""
WRONG = 0.05
"""Largest share of wrong answers among those that stage 2 gives ..."""
EDITED_UNSURE = 0.08
"""... unless more than this share of edited photos would lie in the band: with stage 1's band and the checks about 15 %
of them get no verdict."""
FLIPS_LEFT = 0.0005
"""Share of photos whose answer a harmless change may turn without being noticed."""
LEAST_CHECKED = 0.02
"""Share of photos that are checked at least: unseen ones may be less stable than validation's."""
MOST_CHECKED = {"edited": 0.05, "deepfake": 0.10}
"""Share of the photos that a stage sees which are checked at most: each costs as much time as four more photos."""
DRAWS = 400


@dataclass(frozen=True, eq=False)
class Scored:
    """Validation photos as a calibrated stage sees them.

    Attributes:
        scores: (N,) calibrated probabilities.
        truth: (N,) bool, the positive label.
        weights: (N,) by which both classes, within each all sources, and within these all kinds have the same say.
        groups: (N,) labels of what is drawn together.
        seen: (N,) bool, whether training saw photos of the source; None: of every one.
    """

    scores: np.ndarray
    truth: np.ndarray
    weights: np.ndarray
    groups: np.ndarray
    seen: np.ndarray | None = None

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """The real photos, (N,) bool each: of sources that training saw, and of those that it never saw."""
        seen = np.ones(len(self.truth), bool) if self.seen is None else self.seen
        return ~self.truth & seen, ~self.truth & ~seen

    def share(self, which: np.ndarray, among: np.ndarray) -> float:
        """Return the weighted share of `which` among some photos, both (N,) bool; 0 where there are none."""
        total = float(self.weights[among].sum())
        return float(self.weights[which & among].sum()) / total if total else 0.0

    def interval(self, figure: Callable[["Scored"], float]) -> str:
        """Return a figure's 95 % percentile bootstrap interval over groups (Efron & Tibshirani, 1993) in words."""
        rng = np.random.default_rng(1)
        known, place = np.unique(self.groups, return_inverse=True)
        drawn = []
        for _ in range(DRAWS):
            times = np.bincount(rng.integers(len(known), size=len(known)), minlength=len(known))[place]
            drawn.append(figure(replace(self, weights=self.weights * times)))
        low, high = np.nanpercentile(drawn, [2.5, 97.5])
        return f"95 % interval {low:.3f} to {high:.3f}"


def quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the smallest value at or below which at least `share` of the weight lies; NaN without any weight."""
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    if not len(summed) or not summed[-1] > 0:
        return float("nan")
    place = min(int(np.searchsorted(summed, share * summed[-1] * (1 - 1e-12))), len(values) - 1)
    return float(values[order][place])


def passing(found: Scored, share: float = PASSED) -> float:
    """Return the probability below which at least `share` of the negatives lie: half way to the next score, or to 1.

    Of those of sources that training saw, and of those of sources that it never saw: the higher of the two.
    """
    ends = [quantile(found.scores[side], found.weights[side], share) for side in found.sides if side.any()]
    last = max((end for end in ends if np.isfinite(end)), default=float("nan"))
    above = found.scores[found.scores > last]
    return max((last + (float(above.min()) if len(above) else 1.0)) / 2, float(np.nextafter(last, 2)))


def missed(found: Scored, low: float) -> float:
    """Return the share of edited photos among those below `low`, at an even base rate; 0 where there are none."""
    below = found.scores < low
    edited, real = (found.share(below, side) for side in (found.truth, ~found.truth))
    return edited / (edited + real) if edited + real else 0.0


def unsure(found: Scored, low: float, high: float, among: np.ndarray) -> float:
    """Return the share of photos, (N,) bool, that lie from `low` up to, not including, `high`."""
    return found.share((found.scores >= low) & (found.scores < high), among)


def lower_end(found: Scored, threshold: float) -> float:
    """Return the lower end of stage 1's band: the highest that leaves the risk `MISSED`, if the cap allows it.

    Never above 0.5, from where edited is likelier than not, nor above the threshold; and so high, up to there, that
    at most `REAL_UNSURE` of the real photos lie in the band.
    """
    highest = min(0.5, threshold)
    ends = np.unique(np.append(found.scores[found.scores < highest], highest))[::-1]
    wanted = next((end for end in ends if missed(found, end) <= MISSED), ends[-1])
    held = [end for end in ends if unsure(found, end, threshold, ~found.truth) <= REAL_UNSURE]
    return float(max(wanted, min(held, default=highest)))


def wrong(found: Scored, half: float) -> float:
    """Return the share of wrong answers at least `half` away from 0.5; 0 where no answer is left."""
    given = (found.scores < 0.5 - half) | (found.scores >= 0.5 + half)
    return found.share((found.scores >= 0.5) != found.truth, given)


def half_width(found: Scored) -> float:
    """Return half the width of stage 2's band about 0.5: the smallest with the risk `WRONG`, if the cap allows it."""
    everything = np.ones(len(found.scores), bool)
    steps = np.linspace(0, 0.49, 99)
    held = [step for step in steps if unsure(found, 0.5 - step, 0.5 + step, everything) <= EDITED_UNSURE]
    return float(next((step for step in held if wrong(found, step) <= WRONG), held[-1]))


def margin_of(stage: Stage, logits: np.ndarray, weights: np.ndarray, most: float = 0.05) -> float:
    """Return how near its contrary an answer must be to be tried on variants, in calibrated log-odds.

    So wide that answers turn outside it for at most `FLIPS_LEFT` of the photos, and that from `LEAST_CHECKED` up to
    `most` of them lie inside.

    Args:
        stage: with its threshold and band.
        logits: (N, 1 + k), of each validation photo and of its variants, see `logits_under`.
        weights: (N,).
        most: share of the photos that may be tried, in (0, 1).
    """
    scores = probabilities(stage, logits)
    room = np.array([stage.room(score) for score in scores[:, 0]])
    turned = np.array([stage.flips(row[0], row[1:]) for row in scores])
    order = np.argsort(-room)
    left = np.cumsum(np.where(turned, weights, 0)[order]) / weights.sum()
    noticed = room[order][left > FLIPS_LEFT]
    needed = float(noticed.max(initial=0.0))
    least, highest = (quantile(room, weights, share) for share in (LEAST_CHECKED, most))
    margin = min(max(needed, least), highest)
    return round(margin + 1e-4, 4) if np.isfinite(margin) else 0.0


def stage_rules(
    stage: Literal["edited", "deepfake"],
    logits: np.ndarray,
    truth: np.ndarray,
    weights: np.ndarray,
    groups: np.ndarray,
    variants_logits: np.ndarray | None = None,
    detector: str = "",
    seen: np.ndarray | None = None,
) -> Stage:
    """Calibrate a stage on validation and set its threshold, band and margin of stability.

    Args:
        stage: which one; the rules differ.
        logits: (N,) raw, of validation photos.
        truth: (N,) in {0, 1}, 1 the stage's positive label.
        weights: (N,), see `weights_of`.
        groups: (N,) labels; a person's photos share one.
        variants_logits: (N, k) raw, of the photos' variants in the order of `VARIANTS` of
            `pipeline.examining.stability`, NaN where they were not looked at; None for no stability check.
        detector: id of the weights.
        seen: (N,) bool, whether training saw photos of the source; None: of every one.

    Raises:
        NotCalibrated: see `calibrated`.
    """
    calibration = calibrated(logits, truth, weights, groups)
    found = Scored(calibration.probabilities(logits), truth == 1, weights, np.asarray(groups), seen)
    ruled = (_edited if stage == "edited" else _deepfake)(calibration.stage(detector), found)
    ruled = replace(ruled, rule=f"Probabilities: {CALIBRATIONS[calibration.method]} on validation; {ruled.rule}")
    if variants_logits is None:
        return ruled
    looked_at = np.isfinite(variants_logits).all(axis=1)
    every, weights = np.column_stack([logits, variants_logits])[looked_at], weights[looked_at]
    return _steadied(
        replace(ruled, stability_margin=margin_of(ruled, every, weights, MOST_CHECKED[stage])), every, weights
    )


CALIBRATIONS = {
    "temperature": "temperature scaling",
    "platt": "Platt scaling",
    "isotonic": "isotonic regression",
}


def _edited(stage: Stage, found: Scored) -> Stage:
    """Set stage 1's threshold and band, and say the rule."""
    threshold = max(passing(found), 0.5)
    low, real = lower_end(found, threshold), ~found.truth
    risk = missed(found, low)
    rule = (
        f"they hold where half of the photos seen are edited. Threshold {threshold:.3f} "
        f"({found.interval(lambda drawn: max(passing(drawn), 0.5))}): frozen on validation where {PASSED:.0%} of the "
        f"real photos lie below it, every source weighted alike: of those that training saw and of those it never saw, "
        f"the higher threshold; {_below(found, threshold)}; never under 0.5. Band: from {low:.3f} up to the threshold "
        f"nothing is said. It begins at 0.5, from where edited is likelier than not; or lower, so that at most "
        f"{MISSED:.0%} of the photos of which “no indication” is said are edited (at an even base rate), but with no "
        f"more than {REAL_UNSURE:.0%} of the real photos in the band. The risk that is left: {risk:.1%} "
        f"({found.interval(lambda drawn: missed(drawn, low))}, "
        f"n = {np.count_nonzero(found.scores < low)}). In the band lie {unsure(found, low, threshold, real):.1%} of "
        f"validation's real photos and {unsure(found, low, threshold, found.truth):.1%} of its edited ones; below it "
        f"{found.share(found.scores < low, real):.1%} and {found.share(found.scores < low, found.truth):.1%}."
    )
    return replace(stage, threshold=threshold, abstain=(low, threshold), rule=rule)


def _below(found: Scored, threshold: float) -> str:
    """Say how many real photos lie below stage 1's threshold, by whether training saw photos of their source."""
    said = []
    for side, where in zip(found.sides, ("sources that training saw", "sources that it never saw"), strict=True):
        if side.any():
            share = found.share(found.scores < threshold, side)
            said.append(f"{share:.1%} of {np.count_nonzero(side)} of {where}")
    return f"here {' and '.join(said)}"


def _deepfake(stage: Stage, found: Scored) -> Stage:
    """Set stage 2's band about 0.5, and say the rule."""
    half = half_width(found)
    everything, risk = np.ones(len(found.scores), bool), wrong(found, half)
    lying = unsure(found, 0.5 - half, 0.5 + half, everything)
    rule = (
        "they hold where deepfake and facetune are equally frequent among edits. Threshold 0.5. Band: from "
        f"{0.5 - half:.3f} up to {0.5 + half:.3f} nothing is said: the narrowest band that leaves at most {WRONG:.0%} "
        f"wrong answers, every source and kind weighted alike, but with no more than {EDITED_UNSURE:.0%} of the photos "
        f"in it. The risk that is left: {risk:.1%} ({found.interval(lambda drawn: wrong(drawn, half))}, "
        f"n = {len(found.scores)}). In the band lie {lying:.1%}."
    )
    return replace(stage, threshold=0.5, abstain=(0.5 - half, 0.5 + half), rule=rule)


def _steadied(stage: Stage, logits: np.ndarray, weights: np.ndarray) -> Stage:
    """Say in a stage's rule what the check of stability does; `logits` is (N, 1 + k)."""
    scores = probabilities(stage, logits)
    near = np.array([stage.room(score) < stage.stability_margin for score in scores[:, 0]])
    turned = np.array([stage.flips(row[0], row[1:]) for row in scores])
    checked, unstable, unseen = (
        float(weights[which].sum() / weights.sum()) for which in (near, near & turned, turned & ~near)
    )
    said = (
        f" Stability: an answer within {stage.stability_margin:.2f} log-odds of its contrary is tried on "
        f"{logits.shape[1] - 1} harmless variants of the photo and withdrawn if any of them turns it: {checked:.1%} of "
        f"validation is tried, {unstable:.2%} withdrawn; outside, {unseen:.2%} would turn."
    )
    return replace(stage, rule=stage.rule + said)
