"""`Lineup`: the faces of a photo that are to be judged, those that are not and why, and how they were found."""

from dataclasses import dataclass

from pipeline.face import Box, Face
from pipeline.marks import Mark
from pipeline.photo import Photo

UNSURE, BEYOND_LIMIT = "face_unsure", "too_many_faces"


@dataclass(frozen=True)
class Unjudged:
    """A face that was found and not judged.

    Attributes:
        why: code of `pipeline.verdict.REASONS`: `UNSURE` where its landmarks could not be measured, or `BEYOND_LIMIT`.
        size: longer side in photo pixels; 0 where it is unknown.
        box: in photo pixels; None where it is unknown.
    """

    why: str
    size: float = 0.0
    box: Box | None = None


@dataclass(frozen=True, eq=False)
class Lineup:
    """A photo as it was searched.

    Attributes:
        photo: in the frame or page whose faces these are.
        faces: to be judged, largest first.
        unjudged: what was found besides.
        least: longer side in photo pixels from which faces were seen; smaller ones may be missed.
        notes: how the faces were found, in plain words.
        marks: of the faces that were marked by hand.
    """

    photo: Photo
    faces: tuple[Face, ...]
    unjudged: tuple[Unjudged, ...]
    least: int
    notes: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
