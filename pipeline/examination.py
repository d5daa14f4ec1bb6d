"""`Examination`: what was found in one photo. This is what is shown, saved, reported and returned."""

from dataclasses import dataclass, replace
from typing import Any

from models.regions import REGION_NAMES
from models.release import Release
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.verdict import NO_FACE, StageScore, Verdict

DIGITS = 6


@dataclass(frozen=True, eq=False)
class FaceExamination:
    """One face, its verdict and the maps made for it: none, or first that of the stage that decided."""

    face: Face
    verdict: Verdict
    heatmaps: tuple[Heatmap, ...] = ()


@dataclass(frozen=True, eq=False)
class Examination:
    """A photo, its faces largest first, and the release that judged them.

    Attributes:
        photo: the photo.
        faces: those that were examined.
        release: what judged them.
        left_out: how many smaller faces were found and not examined: there were more than `settings().max_faces`.
    """

    photo: Photo
    faces: tuple[FaceExamination, ...]
    release: Release
    left_out: int = 0

    @property
    def decisive(self) -> FaceExamination | None:
        """The most suspicious face, whose verdict is the photo's; None where there is no face."""
        return max(self.faces, key=lambda face: face.verdict.suspicion, default=None)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the most suspicious face, saying if faces were left out; "inconclusive" without a face."""
        verdict = self.decisive.verdict if self.decisive else NO_FACE
        return replace(verdict, reasons=(*verdict.reasons, "too_many_faces")) if self.left_out else verdict

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that the command line prints for a photo; `path` and `ms` are the caller's to add."""
        verdict = self.verdict
        return {
            "sha256": self.photo.sha256,
            "verdict": verdict.label,
            "p_edited": _probability(verdict.edited),
            "p_deepfake": _probability(verdict.deepfake),
            "probabilities": _rounded(verdict.probabilities),
            "reasons": list(verdict.reasons),
            "faces": [_face(entry) for entry in self.faces],
            "release": self.release.name,
            "format": self.photo.format,
            "width": self.photo.width,
            "height": self.photo.height,
            "bytes": len(self.photo.data),
            "notes": list(self.photo.notes),
            "faces_left_out": self.left_out,
        }


def _face(entry: FaceExamination) -> dict[str, Any]:
    verdict = entry.verdict
    said = {
        "box": [round(edge, 1) for edge in entry.face.box],
        "verdict": verdict.label,
        "p_edited": _probability(verdict.edited),
        "p_deepfake": _probability(verdict.deepfake),
        "probabilities": _rounded(verdict.probabilities),
        "reasons": list(verdict.reasons),
        "regions": _regions(verdict.edited),
    }
    if verdict.stability:
        said["stability"] = [round(probability, DIGITS) for probability in verdict.stability]
    return said


def _regions(score: StageScore | None) -> dict[str, float] | None:
    if score is None or not score.regions:
        return None
    return {name: round(value, DIGITS) for name, value in zip(REGION_NAMES, score.regions, strict=True)}


def _probability(score: StageScore | None) -> float | None:
    return None if score is None else round(score.probability, DIGITS)


def _rounded(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, DIGITS) for name, value in values.items()}
