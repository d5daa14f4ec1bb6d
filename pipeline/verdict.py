"""`Verdict`: what two stages say of one face, or why nothing is said."""

from dataclasses import dataclass
from typing import Literal

from models.release import Release, Stage

Label = Literal["real", "deepfake", "facetune", "inconclusive"]
LABELS: tuple[Label, ...] = ("deepfake", "facetune", "inconclusive", "real")
"""Most suspicious first."""

CAUTION = (
    "An indication, not proof. The models are often wrong, above all on kinds of photo they never saw: "
    "look at the evidence, the original and its source before you rely on it."
)

REASONS: dict[str, str] = {
    "no_face": "no face was found",
    "face_too_small": "the face is too small to judge",
    "near_threshold": "the score lies in the band where this release is too often wrong",
    "kind_unclear": "there are indications of editing, but which kind is unclear",
    "too_many_faces": "there are more faces than are examined at once; the smallest were left out",
}
"""Codes of an abstention, and what they mean."""


@dataclass(frozen=True)
class StageScore:
    """One stage's answer: calibrated probability of its positive label in [0, 1], and where it decides or abstains."""

    weights: str
    probability: float
    threshold: float
    abstain: tuple[float, float]

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
        edited: the first stage; None only where there was no face to score.
        deepfake: the second stage; None where it did not run.
        reasons: codes of `REASONS`, empty unless the label is "inconclusive" or something was left out.
    """

    label: Label
    edited: StageScore | None
    deepfake: StageScore | None = None
    reasons: tuple[str, ...] = ()

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
    def stage(self) -> Literal["edited", "deepfake"]:
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


def score(stage: Stage, logit: float) -> StageScore:
    """Turn a stage's logit into its calibrated score."""
    return StageScore(stage.weights, stage.probability(logit), stage.threshold, stage.abstain)


def passes_on(release: Release, edited: StageScore) -> bool:
    """Tell whether the second stage runs."""
    return edited.positive and not edited.abstains


def decide(release: Release, face_size: float, edited: StageScore, deepfake: StageScore | None) -> Verdict:
    """Make one face's verdict from what the stages said."""
    reasons = []
    if face_size < release.min_face:
        reasons.append("face_too_small")
    if edited.abstains:
        reasons.append("near_threshold")
    if deepfake is not None and deepfake.abstains:
        reasons.append("kind_unclear")
    if reasons:
        return Verdict("inconclusive", edited, deepfake, tuple(reasons))
    if deepfake is None:
        return Verdict("real", edited)
    return Verdict("deepfake" if deepfake.positive else "facetune", edited, deepfake)
