"""`line_up()`: which faces of a photo are judged, which are not and why, on which page they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.errors import PhotoTooLarge, TriageError
from pipeline.examining.boxes import overlap, size_of
from pipeline.examining.crowds import most_looked_at
from pipeline.examining.find_faces import STANDS, faces_in, search
from pipeline.examining.marked_face import marked_face
from pipeline.face import Box, Face, Turn
from pipeline.lineup import BEYOND_LIMIT, UNSURE, Lineup, Unjudged
from pipeline.marks import Mark
from pipeline.photo import Photo

FRAMES, MOST_PIXELS = 24, 100_000_000
"""Frames or pages, and pixels of them, that are looked at, at most, until one has a face."""

HIDES = 0.2
"""Intersection over union from which a marked face stands for one that was found."""

UNCOUNTED = "there may be more faces than are counted here: so many are not told apart"

TURNED: dict[Turn, str] = {90: "lies on its side", 180: "stands on its head", 270: "lies on its side"}


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
    if first.faces or marks or photo.frames - photo.frame < 2:
        return first
    looked_at, pixels = 1, 0
    for later in _later_frames(photo):
        if faces_in(later.rgb, 8, parts=False):
            lineup = _in_frame(later, (), most)
            return replace(
                lineup, notes=(f"no face was found on the {_pages(looked_at)} before this one", *lineup.notes)
            )
        looked_at, pixels = looked_at + 1, pixels + later.width * later.height
        if pixels > MOST_PIXELS:
            break
    return replace(first, notes=(*first.notes, f"no face was found on the first {_pages(looked_at)} of {photo.frames}"))


def _pages(count: int) -> str:
    return "frame or page" if count == 1 else f"{count} frames or pages"


def _later_frames(photo: Photo) -> Iterator[Photo]:
    """Yield the frames or pages after a photo's own; one that is too large is passed over, damage ends them."""
    for frame in range(photo.frame + 1, min(photo.frames, photo.frame + FRAMES)):
        try:
            yield Photo.read(photo.data, photo.partial, frame)
        except PhotoTooLarge:
            continue
        except TriageError:
            return


def _in_frame(photo: Photo, marks: Sequence[Mark], most: int) -> Lineup:
    result, marked = search(photo.rgb), _measure_marks(photo, marks)
    measured = [face for face in marked if face.score >= STANDS]
    others = [face for face in result.faces if not _is_covered(face.box, measured)]
    kept, beyond = others[: max(0, most - len(marked))], others[max(0, most - len(marked)) :]
    unsure = [Unjudged(UNSURE, each.size, each.box) for each in result.unsure if not _is_covered(each.box, marked)]
    faces = sorted([*marked, *kept], key=lambda face: -face.size)
    unseen = [box for box in result.beyond if not _is_covered(box, marked)]  # not looked at: the search has a limit too
    left_out = [*((face.size, face.box) for face in beyond), *((size_of(box), box) for box in unseen)]
    unjudged = (*unsure, *(Unjudged(BEYOND_LIMIT, size, box) for size, box in left_out))
    notes = (*_notes(faces), *((UNCOUNTED,) if len(result.beyond) >= most_looked_at() else ()))
    return Lineup(photo, tuple(faces), unjudged, result.least, notes, tuple(marks))


def _measure_marks(photo: Photo, marks: Sequence[Mark]) -> list[Face]:
    """Return the marked faces; of those that cover one another the last counts."""
    faces: list[Face] = []
    for mark in marks:
        new = marked_face(photo, mark)
        faces = [*(face for face in faces if not _is_covered(face.box, [new])), new]
    return faces


def _is_covered(box: Box, marked: Sequence[Face]) -> bool:
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
