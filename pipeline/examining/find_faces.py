"""Where the faces of a picture are: two finders, the mesh network, and what they say together.

A finder's box counts only once the mesh network sees a face in it: only a face that stands may hide another, and what
does not stand is told, not dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Self

import numpy as np

from models.faces import blazeface, facemesh, retinaface
from models.faces.blazeface import Detection
from pipeline.examining.boxes import SAME, as_floats, box_within, overlap, partly_within, size_of, touching
from pipeline.examining.crowds import most_looked_at, thinned
from pipeline.examining.glance import Glance
from pipeline.examining.parts import is_large, moved, parts_of
from pipeline.face import TURNS, Box, Face, Turn, box_before, cut, turn_by, window_of
from pipeline.photo import Photo

LONGEST = 1280
"""Longer side in pixels of what the finder for groups sees at once."""

HALF = 640
"""The same where only faces in another turn are looked for."""

COARSE = 320
"""The same at least beside a portrait, where only faces of `LEAST_WANTED` pixels and more are looked for."""

LEAST_WANTED = 64
"""Longer side in pixels of the smallest face that releases judge."""

LEAST_SEEN = 26
"""Longer side in pixels from which the finder for groups sees a face (measured: 20 of 20; 7 of 20 at 21 px)."""

STANDS = 0.5
"""The mesh network's confidence from which a face stands."""

SURE = 0.75
"""The fast finder's confidence from which it is worth searching a picture in another turn."""

UPRIGHT = 0.85
"""The fast finder's confidence from which it is sure that a face stands upright."""

AROUND = 0.15
"""What is looked at around a face's window on each side, over its side, to tell how it stands."""

CLEAR = 0.9
"""The finder's confidence from which a box without a mesh is worth telling."""

LEAST_TOLD = 32
"""Longer side in pixels from which it is; smaller ones are mostly textures."""


@dataclass(frozen=True)
class Unsure:
    """What a finder took for a face and the mesh network did not.

    Attributes:
        box: x0, y0, x1, y1 in photo pixels.
        score: the finder's confidence in [0, 1].
    """

    box: Box
    score: float

    @property
    def size(self) -> float:
        """Longer side of the box in photo pixels."""
        return size_of(self.box)


@dataclass(frozen=True)
class Search:
    """What a search of a picture gave.

    Attributes:
        faces: largest first, in the picture's own frame.
        unsure: what may be a face and could not be measured.
        least: longer side in photo pixels from which faces were seen; smaller ones may be missed.
        beyond: boxes over those that are looked at, see `most_looked_at`; at most as many.
    """

    faces: tuple[Face, ...] = field(repr=False)
    unsure: tuple[Unsure, ...]
    least: int
    beyond: tuple[Box, ...] = ()

    def turned_back(self, turn: Turn, width: int, height: int) -> Self:
        """Return this search of a picture turned by `turn` in the frame of the one before, of width × height."""
        unsure = tuple(replace(each, box=box_before(each.box, turn, width, height)) for each in self.unsure)
        beyond = tuple(box_before(box, turn, width, height) for box in self.beyond)
        faces = tuple(face.turned_back(turn, width, height) for face in self.faces)
        return replace(self, faces=faces, unsure=unsure, beyond=beyond)


def find_faces(photo: Photo, size: int = 256) -> list[Face]:
    """Find every face of a photo, largest first, also of one that lies on its side or its head.

    Args:
        photo: the photo.
        size: side of each face's crop in pixels.
    """
    return list(search(photo.rgb, size).faces)


def faces_in(rgb: np.ndarray, size: int = 256, parts: bool = True) -> list[Face]:
    """Find the faces of (H, W, 3) uint8 RGB as it stands, largest first; for `parts` see `_upright`."""
    return list(_upright(rgb, size, blazeface.find(rgb), parts).faces) if min(rgb.shape[:2]) >= 8 else []


def search(rgb: np.ndarray, size: int = 256) -> Search:
    """Search (H, W, 3) uint8 RGB for faces; those that lie on their side or their head are found upright.

    It is searched as it stands. It is searched once more in every turn that one of its faces needs, and in those in
    which a finder sees a face where none is known; without any face, in all. Beside a portrait only the fast finder is
    asked, for faces on their head; else both, at half the size.
    """
    if min(rgb.shape[:2]) < 8:
        return Search((), (), 0)
    glance = Glance(rgb)
    here = _upright(rgb, size, glance.boxes(0))
    needed = {face.place: _turn_of(rgb, face, glance) for face in here.faces}
    for turn in TURNS[1:]:
        if not here.faces or turn in needed.values() or _shows_more(rgb, turn, here, glance):
            here = _with_turned(here, _in_turn(rgb, turn, size), {p for p, wanted in needed.items() if wanted == turn})
    return here


def _shows_more(rgb: np.ndarray, turn: Turn, here: Search, glance: Glance) -> bool:
    """Tell whether a finder sees a face in a turned picture where none is known."""
    boxes, portrait = [], len(here.faces) == 1 and glance.is_large(here.faces[0])
    if not portrait:
        height, width = rgb.shape[:2]
        seen = retinaface.find(turn_by(rgb, turn), CLEAR, longest=HALF)
        boxes = [box_before(each.box, turn, width, height) for each in seen]
    if not portrait or turn == 180:
        boxes += [each.box for each in glance.boxes(turn) if each.score > SURE]
    return any(not any(touching(box, face.box) for face in here.faces) for box in boxes)


def _in_turn(rgb: np.ndarray, turn: Turn, size: int) -> Search:
    """Search a picture turned; return only the faces that then stand upright, in the frame of the picture itself."""
    picture = turn_by(rgb, turn)
    near = blazeface.find(picture)
    there = _upright(picture, size, near, parts=False)
    if there.faces and is_large(picture):
        there = _upright(picture, size, near)
    upright = tuple(face for face in there.faces if _turn_of(picture, face) == 0)
    return replace(there, faces=upright).turned_back(turn, rgb.shape[1], rgb.shape[0])


def _with_turned(here: Search, there: Search, lying: set[tuple[float, ...]]) -> Search:
    """Return a search with the faces of that in another turn.

    Args:
        here: the search so far.
        there: the same picture's in a turn.
        lying: places of those faces of `here` that stand upright in that turn only.
    """
    kept = [face for face in here.faces if face.place not in lying or not _among(face.box, there.faces)]
    faces = [*kept, *(face for face in there.faces if not _among(face.box, kept))]
    unsure = [each for each in here.unsure if not any(touching(each.box, face.box) for face in faces)]
    largest, most = _largest_first(faces), most_looked_at()  # four turns may each have as many
    beyond = (*(face.box for face in largest[most:]), *(here.beyond or there.beyond))[:most]
    return replace(here, faces=largest[:most], unsure=tuple(unsure), beyond=beyond)


def _turn_of(rgb: np.ndarray, face: Face, glance: Glance | None = None) -> Turn:
    """Return the turn, counter-clockwise, after which a face that was found in a picture stands upright in it.

    The eyes tell it, unless the fast finder, which knows upright faces only, is surer of the opposite turn; or is sure
    of a third one. Then the mesh network laid an upright face into one that is none.
    """
    left, right = (face.landmarks[list(corners)].mean(axis=0) for corners in ((33, 133), (263, 362)))
    angle = np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0]))  # clockwise, for y points down
    first = round(angle / 90) % 4
    if glance is None or not glance.shows(face):
        rgb, glance = _around(rgb, face), None
    near, box = glance or Glance(rgb), face.box if glance else (0, 0, *rgb.shape[1::-1])
    best = max((TURNS[first], TURNS[first - 2]), key=lambda turn: near.sure(turn, box))
    if near.sure(best, box) >= UPRIGHT:
        return best
    aside = max((TURNS[first - 1], TURNS[first - 3]), key=lambda turn: near.sure(turn, box))
    return aside if near.sure(aside, box) >= UPRIGHT else best


def _around(rgb: np.ndarray, face: Face) -> np.ndarray:
    """Return the picture around a face, in the size that the fast finder looks at."""
    x0, y0, x1, y1 = face.window
    beside = (x1 - x0) * AROUND
    return cut(rgb, (x0 - beside, y0 - beside, x1 + beside, y1 + beside), blazeface.SIZE)


def _upright(rgb: np.ndarray, size: int, near: Sequence[Detection], parts: bool = True) -> Search:
    """Ask the fast finder, then the one for groups: beside one large face at a size at which faces worth judging show.

    Args:
        rgb: (H, W, 3) uint8.
        size: side of each face's crop.
        near: what the fast finder saw in it.
        parts: whether a large picture is also searched part by part.
    """
    longest = max(rgb.shape[:2])
    standing = _Standing(rgb, size)
    standing.add(near)
    standing.forget_unsure()  # a box of the fast finder alone is no sign of a face
    if standing.one_portrait():
        enough = min(LONGEST, max(COARSE, ceil(longest * LEAST_SEEN / LEAST_WANTED)))
        standing.add(retinaface.find(rgb, longest=enough))
        if standing.count == 1:
            return standing.search(enough / longest)
    seen, scale = list(retinaface.find(rgb, longest=LONGEST)), LONGEST / longest
    for left, top, part in parts_of(rgb) if parts else ():
        scale = LONGEST / max(part.shape[:2])
        seen += [moved(each, left, top) for each in retinaface.find(part, longest=LONGEST)]
    standing.add(seen)
    return standing.search(scale)


class _Standing:
    """The faces of a picture that stand so far, each with the box by which it was found, and what does not stand."""

    def __init__(self, rgb: np.ndarray, size: int) -> None:
        self._rgb, self._size = rgb, size
        self._faces: list[Face] = []
        self._boxes: list[Box] = []
        self._unsure: list[Unsure] = []
        self._beyond: list[Box] = []

    @property
    def count(self) -> int:
        """How many faces stand."""
        return len(self._faces)

    def add(self, detections: Sequence[Detection]) -> None:
        """Measure the mesh of every box that is not a standing face's, of too many the largest; keep what stands."""
        looked_at, beyond = thinned(detections, most_looked_at())
        self._beyond = [as_floats(each.box) for each in beyond]
        for detection in looked_at:
            if any(overlap(detection.box, box) > SAME for box in self._boxes):
                continue
            face = face_in_box(self._rgb, detection, self._size)
            if face is None:
                self._doubt(Unsure(as_floats(detection.box), float(detection.score)))
            elif not _among(face.box, self._faces):
                self._faces.append(face)
                self._boxes.append(detection.box)

    def _doubt(self, unsure: Unsure) -> None:
        if self._worth_telling(unsure) and not any(touching(unsure.box, each.box) for each in self._unsure):
            self._unsure.append(unsure)

    def forget_unsure(self) -> None:
        """Let go of the boxes in which no face stood."""
        self._unsure.clear()

    def one_portrait(self) -> bool:
        """Tell whether there is one large face, beside which a coarse search for others will do."""
        if self.count != 1:
            return False
        x0, y0, x1, y1 = self._boxes[0]
        return (x1 - x0) * (y1 - y0) > 0.08 * self._rgb.shape[0] * self._rgb.shape[1]

    def search(self, scale: float) -> Search:
        """Return what was found at a scale of search: pixels that the finder saw a photo pixel."""
        unsure = [each for each in self._unsure if self._worth_telling(each)]
        least = round(LEAST_SEEN / min(1.0, scale))
        return Search(_largest_first(self._faces), tuple(unsure), least, tuple(self._beyond))

    def _worth_telling(self, unsure: Unsure) -> bool:
        clear = unsure.score >= CLEAR and unsure.size >= LEAST_TOLD
        return clear and not any(
            touching(unsure.box, box) for box in (*self._boxes, *(face.box for face in self._faces))
        )


def face_in_box(rgb: np.ndarray, detection: Detection, size: int) -> Face | None:
    """Measure the mesh of a box in (H, W, 3) uint8 and cut its crop; None where no face stands in it."""
    points, score = facemesh.landmarks(rgb, detection)
    window = window_of(points)
    if score < STANDS or window[2] - window[0] < 8 or not partly_within(window, rgb):
        return None
    return Face(box_within(points, rgb), points, window, cut(rgb, window, size), score)


def _among(box: Box, faces: Iterable[Face]) -> bool:
    return any(overlap(box, face.box) > SAME for face in faces)


def _largest_first(faces: Iterable[Face]) -> tuple[Face, ...]:
    return tuple(sorted(faces, key=lambda face: -face.size))
