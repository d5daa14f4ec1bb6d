"""`Examination`: what was found in one photo. This is what is shown, saved, reported and returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.regions import REGION_NAMES
from models.release import Release
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.lineup import BEYOND_LIMIT, UNSURE, Unjudged
from pipeline.marks import Mark
from pipeline.photo import Photo
from pipeline.verdict import NO_FACE, StageScore, Verdict

DIGITS = 6
FLAT = 0.03
"""Share of a face's crop of one colour from which a part of it is missing in a photo that is cut short."""
ONLY_FIRST = "only the first was examined"
"""End of a note that is no longer true where later pages were looked at."""
SLACK = 2
"""Pixels by which faces that a release would judge may be too small to be found before it is said."""


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
        photo: the photo, in the frame or page that was examined.
        faces: those that were examined.
        release: what judged them.
        unjudged: faces that were found and not examined.
        least: longer side in photo pixels from which faces were seen, smaller ones may be missed; 0 where unknown.
        found_how: how the faces were found, in plain words.
        marks: of the faces that an analyst marked by hand.
    """

    photo: Photo
    faces: tuple[FaceExamination, ...]
    release: Release
    unjudged: tuple[Unjudged, ...] = ()
    least: int = 0
    found_how: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def decisive(self) -> FaceExamination | None:
        """The most suspicious face, whose verdict is the photo's; None where there is no face."""
        return max(self.faces, key=lambda face: face.verdict.suspicion, default=None)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the most suspicious face, "inconclusive" without one.

        What was left unjudged is among its reasons. Beside that nothing is plainly "real": it becomes "inconclusive".
        So does every verdict on a face of which a part is missing, as the file is cut short.
        """
        verdict = self.decisive.verdict if self.decisive else NO_FACE
        codes = [UNSURE, BEYOND_LIMIT]
        beside = [code for code in codes if any(each.why == code for each in self.unjudged)]
        beside += ["cut_short"] if self.photo.partial else []
        if not beside:
            return verdict
        label = "inconclusive" if verdict.label == "real" or self._is_torn else verdict.label
        return replace(verdict, label=label, reasons=tuple(dict.fromkeys((*verdict.reasons, *beside))))

    @property
    def _is_torn(self) -> bool:
        """Whether the photo is cut short within the face that decides, or in all of it."""
        if not self.photo.partial or self.decisive is None:
            return False
        return self.photo.coarse or _flat_share(self.decisive.face.crop) > FLAT

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to get from the file to the faces, in plain words."""
        missed = (f"faces under about {self.least} pixels were not looked for in a picture of this size",)
        may_miss = self.least > self.release.min_face + SLACK
        notes = [note for note in self.photo.notes if not (self.found_how and note.endswith(ONLY_FIRST))]
        return (*notes, *self.found_how, *(missed if may_miss else ()))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that the command line prints for a photo; `path` and `ms` are the caller's to add."""
        verdict = self.verdict
        record = {
            "sha256": self.photo.sha256,
            "verdict": verdict.label,
            "p_edited": _probability(verdict.edited),
            "p_deepfake": _probability(verdict.deepfake),
            "probabilities": _round_all(verdict.probabilities),
            "reasons": list(verdict.reasons),
            "faces": [_face_record(entry) for entry in self.faces],
            "release": self.release.name,
            "format": self.photo.format,
            "width": self.photo.width,
            "height": self.photo.height,
            "bytes": len(self.photo.data),
            "notes": list(self.notes),
            "faces_left_out": sum(each.why == BEYOND_LIMIT for each in self.unjudged),
            "faces_unjudged": [_unjudged_record(each) for each in self.unjudged],
            "faces_seen_from": self.least,
            "frame": self.photo.frame,
            "partial": self.photo.partial,
            "marks": [mark.as_dict() for mark in self.marks],
        }
        return record | {"faces_account": faces_account(record)}


def _flat_share(crop: np.ndarray) -> float:
    """Return the share of an (S, S, 3) crop that has its one most frequent colour, as missing parts have."""
    packed = crop.reshape(-1, 3).astype(np.uint32) @ np.array((65536, 256, 1), np.uint32)
    return float(np.unique(packed, return_counts=True)[1].max()) / len(packed)


def faces_account(record: Mapping[str, Any]) -> str:
    """Say how many faces a photo has and what became of each: "3 faces: 2 examined, 1 too small (41 px)".

    Args:
        record: a photo's, see `Examination.as_dict`; that of an older version will do.
    """
    faces, unjudged = record["faces"], record.get("faces_unjudged", [])
    left_out = max(0, record.get("faces_left_out", 0) - sum(each["why"] == BEYOND_LIMIT for each in unjudged))
    total = len(faces) + len(unjudged) + left_out
    if not total:
        return "no face found"
    unmeasured = [face.get("size") for face in faces if UNSURE in face["reasons"]]
    small = [
        face.get("size") for face in faces if "face_too_small" in face["reasons"] and UNSURE not in face["reasons"]
    ]
    marked, examined = sum(face.get("marked", False) for face in faces), len(faces) - len(small) - len(unmeasured)
    parts = [f"{examined} examined"] if examined else []
    parts += _say_count(small, "too small")
    unmeasured += [each["size"] for each in unjudged if each["why"] == UNSURE]
    parts += _say_count(unmeasured, "could not be measured")
    beyond = [each["size"] for each in unjudged if each["why"] == BEYOND_LIMIT] + [None] * left_out
    parts += _say_count(beyond, "over the limit")
    by_hand = f"; {marked} marked by hand" if marked else ""
    return f"{total} face{'s' if total > 1 else ''}: {', '.join(parts)}{by_hand}"


def _say_count(sizes: Sequence[float | None], what: str) -> list[str]:
    """Say how many faces are so, and how large they are, where it is known."""
    if not sizes:
        return []
    known = sorted(round(size) for size in sizes if size)
    span = f" ({known[0]} px)" if len(set(known)) == 1 else f" ({known[0]}–{known[-1]} px)" if known else ""
    return [f"{len(sizes)} {what}{span}"]


def _unjudged_record(each: Unjudged) -> dict[str, Any]:
    box = None if each.box is None else [round(edge, 1) for edge in each.box]
    return {"why": each.why, "size": round(each.size), "box": box}


def _face_record(entry: FaceExamination) -> dict[str, Any]:
    verdict = entry.verdict
    record = {
        "box": [round(edge, 1) for edge in entry.face.box],
        "size": round(entry.face.size),
        "verdict": verdict.label,
        "p_edited": _probability(verdict.edited),
        "p_deepfake": _probability(verdict.deepfake),
        "probabilities": _round_all(verdict.probabilities),
        "reasons": list(verdict.reasons),
        "regions": _regions(verdict.edited),
    }
    if verdict.stability:
        record["stability"] = [round(probability, DIGITS) for probability in verdict.stability]
    if entry.face.turn:
        record["turned"] = entry.face.turn
    if entry.face.marked:
        record["marked"] = True
    return record


def _regions(score: StageScore | None) -> dict[str, float] | None:
    if score is None or not score.regions:
        return None
    return {name: round(value, DIGITS) for name, value in zip(REGION_NAMES, score.regions, strict=True)}


def _probability(score: StageScore | None) -> float | None:
    return None if score is None else round(score.probability, DIGITS)


def _round_all(values: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, DIGITS) for name, value in values.items()}
