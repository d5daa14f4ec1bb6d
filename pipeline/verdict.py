"""`Verdict`: what two stages say of one face, or why nothing is said."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.regions import REGION_NAMES
from models.release import Release, Stage, StageName

Label = Literal["real", "deepfake", "facetune", "inconclusive"]
LABELS: tuple[Label, ...] = ("deepfake", "facetune", "inconclusive", "real")
"""Most suspicious first."""

CAUTION = (
    "An indication, not proof. The models are often wrong, above all on kinds of photo they never saw: "
    "look at the evidence, the original and its source before you rely on it."
)

REASONS: dict[str, str] = {
    "no_face": "no face was found (mark it by hand, or choose a photo in which one is seen)",
    "face_too_small": "the face is too small to judge (look for a larger version of the photo)",
    "too_blurred": "the face is too blurred to judge (look for a sharper version, or for the original file)",
    "too_dark": "the face is darker than those this release was trained on (look for another version or photo)",
    "too_bright": "the face is brighter than those this release was trained on (look for another version or photo)",
    "turned_away": "the face is turned too far away (choose a photo in which it looks towards the camera)",
    "unlike_training": "the face is unlike those this release was trained on, in its colour, contrast, noise or "
    "sharpness (rely on other evidence)",
    "near_threshold": "the score lies in the band where this release is too often wrong (rely on other evidence)",
    "kind_unclear": "there are indications of editing, but which kind is unclear (look at the heatmaps for both kinds)",
    "unstable": "the answer turns when the photo is saved again or resized a little (look for the original file)",
    "too_many_faces": "there are more faces than are examined at once; the smallest were left out (crop the photo to "
    "those that matter)",
    "face_unsure": "what looks like a face could not be measured (mark it closely by hand, or rely on other evidence)",
    "cut_short": "the file is cut short: only what is left of the photo was examined (look for the whole file)",
}
"""Codes of an abstention: what they mean, and what to do. Scores are given all the same."""


@dataclass(frozen=True)
class StageScore:
    """One stage's answer.

    Attributes:
        weights: id of the weights that said so.
        probability: calibrated, of the stage's positive label, in [0, 1].
        threshold: probability from which the stage says its positive label.
        abstain: (low, high), high excluded: between them the stage says nothing.
        regions: how surely each part of `REGION_NAMES` was edited, uncalibrated sigmoids; empty where the network
            has no region outputs.
    """

    weights: str
    probability: float
    threshold: float
    abstain: tuple[float, float]
    regions: tuple[float, ...] = ()

    @property
    def likeliest_region(self) -> str:
        """The part that the network itself holds likeliest edited, of `REGION_NAMES`; "" where it does not tell."""
        return REGION_NAMES[self.regions.index(max(self.regions))] if self.regions else ""

    @property
    def abstains(self) -> bool:
        """Whether the probability lies in the band of abstention, low included, high not."""
        return self.abstain[0] <= self.probability < self.abstain[1]

    @property
    def positive(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.probability >= self.threshold


@dataclass(frozen=True)
class Verdict:
    """What is said of one face.

    Attributes:
        label: "real" stands for "no indication of editing found", never for "genuine".
        edited: the first stage; None only for a photo that has no face.
        deepfake: the second stage; None where only the first ran.
        reasons: codes of `REASONS`, where the label is "inconclusive" or something was left out.
        stability: what the stage that decided gives the photo's harmless variants, calibrated, in the order of
            `pipeline.examining.stability.VARIANTS`; empty where its score was too clear to need the check.
    """

    label: Label
    edited: StageScore | None
    deepfake: StageScore | None = None
    reasons: tuple[str, ...] = ()
    stability: tuple[float, ...] = ()

    @property
    def probabilities(self) -> dict[str, float | None]:
        """Joint probabilities: real 1 − p₁, deepfake p₁p₂, facetune p₁(1 − p₂); None where a stage did not run."""
        if self.edited is None:
            return {"real": None, "deepfake": None, "facetune": None}
        first = self.edited.probability
        if self.deepfake is None:
            return {"real": 1 - first, "deepfake": None, "facetune": None}
        second = self.deepfake.probability
        return {"real": 1 - first, "deepfake": first * second, "facetune": first * (1 - second)}

    @property
    def stage(self) -> StageName:
        """The stage that decided: the last one that ran."""
        return "edited" if self.deepfake is None else "deepfake"

    @property
    def strength(self) -> str:
        """How strong an indication of editing is: "weak", "moderate" or "strong"; "" where there is none."""
        joint = self.probabilities.get(self.label)
        if self.label not in ("deepfake", "facetune") or joint is None:
            return ""
        return "strong" if joint >= 0.9 else "moderate" if joint >= 0.7 else "weak"

    @property
    def suspicion(self) -> tuple[int, float]:
        """Sort key, most suspicious largest: edited before inconclusive before none, then by p(edited)."""
        rank = {"deepfake": 2, "facetune": 2, "inconclusive": 1, "real": 0}[self.label]
        return rank, self.edited.probability if self.edited else -1.0


NO_FACE = Verdict("inconclusive", None, None, ("no_face",))


def score(stage: Stage, logit: float, regions: Sequence[float] = ()) -> StageScore:
    """Turn a stage's logit, and any region logits, into its calibrated score."""
    parts = tuple(1 / (1 + math.exp(-max(-60.0, min(60.0, region)))) for region in regions)
    return StageScore(stage.weights, stage.probability(logit), stage.threshold, stage.abstain, parts)


def passes_on(edited: StageScore) -> bool:
    """Tell whether the second stage runs."""
    return edited.positive and not edited.abstains


def decide(
    release: Release,
    face_size: float,
    edited: StageScore,
    deepfake: StageScore | None,
    outside: tuple[str, ...] = (),
    stability: tuple[float, ...] = (),
) -> Verdict:
    """Make one face's verdict from what the stages said.

    Args:
        release: its thresholds and its smallest face.
        face_size: in photo pixels.
        edited, deepfake: the stages' scores; no second where it did not run.
        outside: codes of what puts the face out of the release's scope.
        stability: calibrated, of the face's harmless variants, by the last stage that ran; empty where unasked.
    """
    small = ("face_too_small",) if face_size < release.min_face else ()
    reasons = (*small, *outside, *_unsure(release, edited, deepfake, stability))
    if reasons:
        return Verdict("inconclusive", edited, deepfake, reasons, stability)
    label: Label = "real" if deepfake is None else "deepfake" if deepfake.positive else "facetune"
    return Verdict(label, edited, deepfake, (), stability)


def _unsure(
    release: Release, edited: StageScore, deepfake: StageScore | None, stability: tuple[float, ...]
) -> list[str]:
    """Return the codes of what keeps the stages from an answer."""
    rules, last = (release.edited, edited) if deepfake is None else (release.deepfake, deepfake)
    doubts = {
        "near_threshold": edited.abstains,
        "kind_unclear": deepfake is not None and deepfake.abstains,
        "unstable": rules.flips(last.probability, stability),
    }
    return [code for code, holds in doubts.items() if holds]


def label_set(verdict: Verdict, release: Release) -> tuple[str, ...]:
    """Return every label that stays possible of a face at the release's conformal coverage, see `labels_possible`.

    Args:
        verdict: of a face.
        release: its `conformal` quantiles. Where they or the scores are missing, every label stays possible.
    """
    if verdict.edited is None:
        return tuple(verdict.probabilities)
    second = verdict.deepfake.probability if verdict.deepfake else math.nan
    quantiles = release.conformal.get("quantiles", {})
    possible = labels_possible(verdict.edited.probability, second, verdict.deepfake is not None, quantiles)
    return tuple(label for label, stays in possible.items() if stays)


def labels_possible(
    first: float | np.ndarray, second: float | np.ndarray, asked: bool | np.ndarray, quantiles: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """Return label → bool, or (N,) bool: whether it stays possible, for each true label by itself.

    Split conformal sets of least ambiguity (LAC: Sadinle, Lei & Wasserman, JASA 2019), class by class; they hold for
    photos like validation's. Where the second stage did not run, each kind of edit counts with p(edited), the most
    that it could have had, so that the set grows rather than misses one.

    Args:
        first, second: p(edited) and p(deepfake), of one face or of N.
        asked: whether the second stage ran.
        quantiles: label → largest 1 − p with which it stays possible; a label without one is never ruled out.
    """
    joint = {
        "real": 1 - first,
        "deepfake": np.where(asked, first * second, first),
        "facetune": np.where(asked, first * (1 - second), first),
    }
    return {label: np.asarray(1 - value <= quantiles.get(label, 1.0)) for label, value in joint.items()}
