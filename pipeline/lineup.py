"""`Lineup`: the faces of a photo that are to be judged, those that are not and why, and how they were found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.errors import TriageError
from pipeline.face import Box, Face, Turn
from pipeline.find_faces import overlap, search
from pipeline.marks import Mark, marked_face
from pipeline.photo import Photo

FRAMES = 24
"""Frames or pages that are looked at, at most, until one has a face."""

HIDES = 0.2
"""Intersection over union from which a marked face stands for one that was found."""

UNSURE, BEYOND_LIMIT = "face_unsure", "too_many_faces"
TURNED: dict[Turn, str] = {90: "lies on its side", 180: "stands on its head", 270: "lies on its side"}


@dataclass(frozen=True)
class Unjudged:
    """A face that was found and not judged.

    Attributes:
        why: code of `pipeline.verdict.REASONS`: `UNSURE` where its landmarks could not be measured, or `BEYOND_LIMIT`.
        size: longer side in photo pixels; 0 where it is not known.
        box: x0, y0, x1, y1 in photo pixels; None where it is not known.
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


def line_up(photo: Photo, marks: Sequence[Mark] = (), most: int = 300) -> Lineup:
    """Find the faces of a photo; of one with several frames or pages, in the first that has any.

    Args:
        photo: as it was read.
        marks: faces marked by hand; each stands for the found face that it covers.
        most: faces to be judged, at most; the smallest are left out, never a marked one.

    Raises:
        BadMark: a mark lies outside the photo.
    """
    first = _in_frame(photo, marks, most)
    frame = photo.frame + 1
    while not first.faces and not marks and frame < min(photo.frames, photo.frame + FRAMES):
        try:
            found = _in_frame(Photo.read(photo.data, photo.partial, frame), (), most)
        except TriageError:
            break  # the first frame stands; its notes tell of damage behind it
        if found.faces:
            before = " or ".join(str(number) for number in range(photo.frame + 1, frame + 1))
            return replace(found, notes=(f"no face was found on page {before}", *found.notes))
        frame += 1
    return first


def _in_frame(photo: Photo, marks: Sequence[Mark], most: int) -> Lineup:
    found = search(photo.rgb)
    marked = [marked_face(photo, mark) for mark in marks]
    others = [face for face in found.faces if not _covered(face.box, marked)]
    kept, beyond = others[: max(0, most - len(marked))], others[max(0, most - len(marked)) :]
    unsure = [Unjudged(UNSURE, each.size, each.box) for each in found.unsure if not _covered(each.box, marked)]
    faces = sorted([*marked, *kept], key=lambda face: -face.size)
    unjudged = (*unsure, *(Unjudged(BEYOND_LIMIT, face.size, face.box) for face in beyond))
    return Lineup(photo, tuple(faces), unjudged, found.least, _notes(faces), tuple(marks))


def _covered(box: Box, marked: Sequence[Face]) -> bool:
    return any(overlap(box, face.box) > HIDES for face in marked)


def _notes(faces: Sequence[Face]) -> tuple[str, ...]:
    """Say which faces were turned upright."""
    notes = {}
    for face in faces:
        if face.turn:
            notes[face.turn] = (
                f"a face {TURNED[face.turn]}: it was examined turned upright, by {face.turn}° counter-clockwise"
            )
    return tuple(notes.values())
