"""A stage's threshold, band of abstention and margin of stability, frozen on validation, with the rule in words.

Nothing here sees the test split.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.release import Stage, StageName
from pipeline.training.calibration import Calibration, best_calibration, probabilities

PASSED = 0.95
"""Share of real photos that stay below stage 1's threshold: of sources that training saw, and of those it never saw."""
MISSED = 0.10
"""Largest share of edited photos among those of which no indication is said, at an even base rate.

`REAL_UNSURE` comes first: the risk may be larger where the band would hold more real photos than that.
"""
REAL_UNSURE = 0.10
"""Largest share of real photos in stage 1's band.

With what the checks of stability and scope withdraw, about 15 % of them get no verdict.
"""
WRONG = 0.05
"""Largest share of wrong answers among those that stage 2 gives; `EDITED_UNSURE` comes first."""
EDITED_UNSURE = 0.08
"""Largest share of edited photos in stage 2's band.

With stage 1's band and the checks about 15 % of them get no verdict.
"""
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
        weights: (N,), see `weights_of`.
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


def passing_threshold(photos: Scored, share: float = PASSED) -> float:
    """Return the probability below which at least `share` of the negatives lie: half way to the next score, or to 1.

    Of those of sources that training saw, and of those of sources that it never saw: the higher of the two.
    """
    ends = [quantile(photos.scores[side], photos.weights[side], share) for side in photos.sides if side.any()]
    last = max((end for end in ends if np.isfinite(end)), default=float("nan"))
    above = photos.scores[photos.scores > last]
    return max((last + (float(above.min()) if len(above) else 1.0)) / 2, float(np.nextafter(last, 2)))


def share_missed(photos: Scored, low: float) -> float:
    """Return the share of edited photos among those below `low`, at an even base rate; 0 where there are none."""
    below = photos.scores < low
    edited, real = (photos.share(below, side) for side in (photos.truth, ~photos.truth))
    return edited / (edited + real) if edited + real else 0.0


def share_unsure(photos: Scored, low: float, high: float, among: np.ndarray) -> float:
    """Return the share of some photos, (N,) bool, that lie from `low` on and under `high`."""
    return photos.share((photos.scores >= low) & (photos.scores < high), among)


def lower_end(photos: Scored, threshold: float) -> float:
    """Return the lower end of stage 1's band: the highest that leaves the risk `MISSED`, if the cap allows it.

    It lies at most at 0.5, from where edited is likelier than not, and at most at the threshold. It lies so high, up to
    there, that at most `REAL_UNSURE` of the real photos are in the band.
    """
    highest = min(0.5, threshold)
    ends = np.unique(np.append(photos.scores[photos.scores < highest], highest))[::-1]
    wanted = next((end for end in ends if share_missed(photos, end) <= MISSED), ends[-1])
    held = [end for end in ends if share_unsure(photos, end, threshold, ~photos.truth) <= REAL_UNSURE]
    return float(max(wanted, min(held, default=highest)))


def share_wrong(photos: Scored, half: float) -> float:
    """Return the share of wrong answers at least `half` away from 0.5; 0 where no answer is left."""
    given = (photos.scores < 0.5 - half) | (photos.scores >= 0.5 + half)
    return photos.share((photos.scores >= 0.5) != photos.truth, given)


def half_width(photos: Scored) -> float:
    """Return half the width of stage 2's band about 0.5: the smallest with the risk `WRONG`, if the cap allows it."""
    everything = np.ones(len(photos.scores), bool)
    steps = np.linspace(0, 0.49, 99)
    held = [step for step in steps if share_unsure(photos, 0.5 - step, 0.5 + step, everything) <= EDITED_UNSURE]
    return float(next((step for step in held if share_wrong(photos, step) <= WRONG), held[-1]))


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


@dataclass(frozen=True, eq=False)
class Uncalibrated:
    """Validation photos as a stage's network sees them, before its calibration.

    Attributes:
        logits: (N,) raw.
        truth: (N,) in {0, 1}, 1 the stage's positive label.
        weights: (N,), see `weights_of`.
        groups: (N,) labels; a person's photos share one.
        variants: (N, k) raw logits of the photos' variants, in the order of `pipeline.examining.stability.VARIANTS`;
            NaN for photos whose variants were left out. Without them the stage checks no stability.
        seen: (N,) bool, whether training saw photos of the source; None: of every one.
    """

    logits: np.ndarray
    truth: np.ndarray
    weights: np.ndarray
    groups: np.ndarray
    variants: np.ndarray | None = None
    seen: np.ndarray | None = None

    def under(self, calibration: Calibration) -> Scored:
        """Return the photos as the calibrated stage sees them."""
        scores = calibration.probabilities(self.logits)
        return Scored(scores, self.truth == 1, self.weights, np.asarray(self.groups), self.seen)


def stage_rules(stage: StageName, photos: Uncalibrated, weights: str = "") -> Stage:
    """Calibrate a stage on validation and set its threshold, band and margin of stability.

    Args:
        stage: which one; the rules differ.
        photos: of validation.
        weights: id of the network's weights.

    Raises:
        NotCalibrated: see `best_calibration`.
    """
    calibration = best_calibration(photos.logits, photos.truth, photos.weights, photos.groups)
    rules_of = _rules_of_edited if stage == "edited" else _rules_of_deepfake
    ruled = rules_of(calibration.stage(weights), photos.under(calibration))
    ruled = replace(ruled, rule=f"Probabilities: {CALIBRATIONS[calibration.method]} on validation; {ruled.rule}")
    if photos.variants is None:
        return ruled
    varied = np.isfinite(photos.variants).all(axis=1)
    logits, their_weights = np.column_stack([photos.logits, photos.variants])[varied], photos.weights[varied]
    margin = margin_of(ruled, logits, their_weights, MOST_CHECKED[stage])
    return _with_stability(replace(ruled, stability_margin=margin), logits, their_weights)


CALIBRATIONS = {
    "temperature": "temperature scaling",
    "platt": "Platt scaling",
    "isotonic": "isotonic regression",
}


def _rules_of_edited(stage: Stage, photos: Scored) -> Stage:
    """Set stage 1's threshold and band, and say the rule."""
    threshold = max(passing_threshold(photos), 0.5)
    low, real = lower_end(photos, threshold), ~photos.truth
    risk, below = share_missed(photos, low), photos.scores < low
    passed = photos.interval(lambda draw: max(passing_threshold(draw), 0.5))
    missed = photos.interval(lambda draw: share_missed(draw, low))
    unsure = [share_unsure(photos, low, threshold, side) for side in (real, photos.truth)]
    rule = (
        f"they hold where half of the photos seen are edited. Threshold {threshold:.3f} "
        f"({passed}): frozen on validation where {PASSED:.0%} of the "
        f"real photos lie below it, every source weighted alike: of those that training saw and of those it never saw, "
        f"the higher threshold; {_say_below(photos, threshold)}; never under 0.5. Band: from {low:.3f} up to the "
        f"threshold nothing is said. It begins at 0.5, from where edited is likelier than not; or lower, so that at "
        f"most {MISSED:.0%} of the photos of which “no indication” is said are edited (at an even base rate), but with "
        f"no more than {REAL_UNSURE:.0%} of the real photos in the band. The risk that is left: {risk:.1%} "
        f"({missed}, n = {np.count_nonzero(below)}). In the band lie {unsure[0]:.1%} of "
        f"validation's real photos and {unsure[1]:.1%} of its edited ones; below it "
        f"{photos.share(below, real):.1%} and {photos.share(below, photos.truth):.1%}."
    )
    return replace(stage, threshold=threshold, abstain=(low, threshold), rule=rule)


def _say_below(photos: Scored, threshold: float) -> str:
    """Say how many real photos lie below stage 1's threshold, by whether training saw photos of their source."""
    parts = []
    for side, where in zip(photos.sides, ("sources that training saw", "sources that it never saw"), strict=True):
        if side.any():
            share = photos.share(photos.scores < threshold, side)
            parts.append(f"{share:.1%} of {np.count_nonzero(side)} of {where}")
    return f"here {' and '.join(parts)}"


def _rules_of_deepfake(stage: Stage, photos: Scored) -> Stage:
    """Set stage 2's band about 0.5, and say the rule."""
    half = half_width(photos)
    everything, risk = np.ones(len(photos.scores), bool), share_wrong(photos, half)
    lying = share_unsure(photos, 0.5 - half, 0.5 + half, everything)
    rule = (
        "they hold where deepfake and facetune are equally frequent among edits. Threshold 0.5. Band: from "
        f"{0.5 - half:.3f} up to {0.5 + half:.3f} nothing is said: the narrowest band that leaves at most {WRONG:.0%} "
        f"wrong answers, every source and kind weighted alike, but with no more than {EDITED_UNSURE:.0%} of the photos "
        f"in it. The risk that is left: {risk:.1%} ({photos.interval(lambda draw: share_wrong(draw, half))}, "
        f"n = {len(photos.scores)}). In the band lie {lying:.1%}."
    )
    return replace(stage, threshold=0.5, abstain=(0.5 - half, 0.5 + half), rule=rule)


def _with_stability(stage: Stage, logits: np.ndarray, weights: np.ndarray) -> Stage:
    """Say in a stage's rule what the check of stability does; `logits` is (N, 1 + k)."""
    scores = probabilities(stage, logits)
    near = np.array([stage.room(score) < stage.stability_margin for score in scores[:, 0]])
    turned = np.array([stage.flips(row[0], row[1:]) for row in scores])
    checked, unstable, unseen = (
        float(weights[which].sum() / weights.sum()) for which in (near, near & turned, turned & ~near)
    )
    check = (
        f" Stability: an answer within {stage.stability_margin:.2f} log-odds of its contrary is tried on "
        f"{logits.shape[1] - 1} harmless variants of the photo and withdrawn if any of them turns it: {checked:.1%} of "
        f"validation is tried, {unstable:.2%} withdrawn; outside, {unseen:.2%} would turn."
    )
    return replace(stage, rule=stage.rule + check)
