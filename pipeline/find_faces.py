"""Where the faces of a picture are: two finders, the mesh network, and what they say together.

A finder's box counts only once the mesh network sees a face in it: only a face that stands may hide another, and what
does not stand is told, not dropped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Self

import numpy as np

from models.faces import blazeface, facemesh, retinaface
from models.faces.blazeface import Detection
from pipeline.face import TURNS, Box, Face, Turn, cut, turned, turned_box, window_of
from pipeline.photo import Photo

LONGEST = 1280
"""Longer side in pixels of what the finder for groups sees at once."""

COARSE = 320
"""The same beside a portrait, where faces under a tenth of the picture may be missed."""

LEAST_SEEN = 26
"""Longer side in pixels from which the finder for groups sees a face (measured: 20 of 20; 7 of 20 at 21 px)."""

TILE = 3200
"""Longer side in pixels of a part of a large picture that is searched by itself: shrunk, 65 px are still seen."""

OVERLAP = 320
"""Pixels that neighbouring parts share: a larger face is seen in the whole picture, shrunk."""

SAME = 0.3
"""Intersection over union from which two boxes are those of one face."""

STANDS = 0.5
"""The mesh network's confidence from which a face stands."""

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
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


@dataclass(frozen=True)
class Search:
    """What a search of a picture gave.

    Attributes:
        faces: largest first, in the picture's own frame.
        unsure: what may be a face and could not be measured.
        least: longer side in photo pixels from which faces were seen; smaller ones may be missed.
    """

    faces: tuple[Face, ...] = field(repr=False)
    unsure: tuple[Unsure, ...]
    least: int

    def turned_back(self, turn: Turn, width: int, height: int) -> Self:
        """Return this search of a picture turned by `turn` in the frame of the one before, of width × height."""
        unsure = tuple(replace(each, box=turned_box(each.box, turn, width, height)) for each in self.unsure)
        return replace(self, faces=tuple(face.turned_back(turn, width, height) for face in self.faces), unsure=unsure)


def find_faces(photo: Photo, size: int = 256) -> list[Face]:
    """Find every face of a photo, largest first, also of one that lies on its side or its head.

    Args:
        photo: the photo.
        size: side of each face's crop in pixels.
    """
    return list(search(photo.rgb, size).faces)


def faces_in(rgb: np.ndarray, size: int = 256) -> list[Face]:
    """Find the faces of (H, W, 3) uint8 RGB as it stands, largest first: none has a turn."""
    return list(_upright(rgb, size).faces)


def search(rgb: np.ndarray, size: int = 256) -> Search:
    """Search (H, W, 3) uint8 RGB for faces; those that lie on their side or their head are found upright.

    A picture in which no face stands is tried in all four turns. One with faces on their side is searched once more in
    the turn that sets most of them upright.
    """
    here = _upright(rgb, size)
    if min(rgb.shape[:2]) < 8:
        return here
    if not here.faces:
        return _in_another_turn(rgb, size) or here
    for turn in {_turn_of(face) for face in here.faces} - {0}:
        here = _with_turned(here, _in_turn(rgb, turn, size), turn)
    return here


def _in_another_turn(rgb: np.ndarray, size: int) -> Search | None:
    """Return the search in the turn in which the largest face stands upright; None where none does in any."""
    tried = [_in_turn(rgb, turn, size) for turn in TURNS[1:]]
    upright = [found for found in tried if found.faces]
    return max(upright, key=lambda found: found.faces[0].size) if upright else None


def _in_turn(rgb: np.ndarray, turn: Turn, size: int) -> Search:
    """Search a picture turned; return only the faces that then stand upright, in the frame of the picture itself."""
    found = _upright(turned(rgb, turn), size)
    upright = replace(found, faces=tuple(face for face in found.faces if _turn_of(face) == 0))
    return upright.turned_back(turn, rgb.shape[1], rgb.shape[0])


def _with_turned(here: Search, there: Search, turn: Turn) -> Search:
    """Return a search with those of its faces that need a turn taken from the search in that turn."""
    kept = [face for face in here.faces if _turn_of(face) != turn or not _among(face.box, there.faces)]
    new = [face for face in there.faces if not _among(face.box, kept)]
    return replace(here, faces=_largest_first([*kept, *new]))


def _turn_of(face: Face) -> Turn:
    """Return the turn, counter-clockwise, after which a face that was found in a picture stands upright in it."""
    if face.turn:
        return 0
    left, right = (face.landmarks[list(corners)].mean(axis=0) for corners in ((33, 133), (263, 362)))
    angle = np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0]))  # clockwise, for y points down
    return TURNS[round(angle / 90) % 4]


def _upright(rgb: np.ndarray, size: int) -> Search:
    """Ask the fast finder, then the one for groups: coarsely beside one large face, in full where there may be more."""
    height, width = rgb.shape[:2]
    if min(height, width) < 8:
        return Search((), (), 0)
    standing = _Standing(rgb, size)
    standing.add(blazeface.find(rgb))
    standing.forget_unsure()  # a box of the fast finder alone is no sign of a face
    portrait, scale = standing.one_portrait(), LONGEST / max(height, width)
    if portrait:
        standing.add(retinaface.find(rgb, longest=COARSE))
        if standing.count == 1:
            return standing.search(COARSE / max(height, width))
    standing.add(retinaface.find(rgb, longest=LONGEST))
    for left, top, part in _parts(rgb):
        scale = LONGEST / max(part.shape[:2])
        standing.add(_moved(each, left, top) for each in retinaface.find(part, longest=LONGEST))
    return standing.search(scale)


def _parts(rgb: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield the left, the top and the pixels of the parts that a large picture is searched in; none of a small one."""
    height, width = rgb.shape[:2]
    if max(height, width) <= TILE:
        return
    for top in _starts(height):
        for left in _starts(width):
            yield left, top, rgb[top : top + TILE, left : left + TILE]


def _starts(length: int) -> list[int]:
    """Return where parts of at most `TILE` pixels begin along a side, evenly, each sharing `OVERLAP` with the next."""
    if length <= TILE:
        return [0]
    count = ceil((length - OVERLAP) / (TILE - OVERLAP))
    return [round(index * (length - TILE) / (count - 1)) for index in range(count)]


def _moved(detection: Detection, left: int, top: int) -> Detection:
    x0, y0, x1, y1 = detection.box
    return Detection(
        (x0 + left, y0 + top, x1 + left, y1 + top), detection.eyes + np.array((left, top)), detection.score
    )


class _Standing:
    """The faces of a picture that stand so far, each with the box by which it was found, and what does not stand."""

    def __init__(self, rgb: np.ndarray, size: int) -> None:
        self._rgb, self._size = rgb, size
        self._faces: list[Face] = []
        self._boxes: list[Box] = []
        self._unsure: list[Unsure] = []

    @property
    def count(self) -> int:
        """How many faces stand."""
        return len(self._faces)

    def add(self, detections: Iterable[Detection]) -> None:
        """Measure the mesh of every box that is not a standing face's, and keep what stands."""
        for detection in detections:
            if any(overlap(detection.box, box) > SAME for box in self._boxes):
                continue
            face = measured(self._rgb, detection, self._size)
            if face is None:
                self._unsure.append(Unsure(detection.box, detection.score))
            elif not _among(face.box, self._faces):
                self._faces.append(face)
                self._boxes.append(detection.box)

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
        return Search(_largest_first(self._faces), tuple(unsure), round(LEAST_SEEN / min(1.0, scale)))

    def _worth_telling(self, unsure: Unsure) -> bool:
        clear = unsure.score >= CLEAR and unsure.size >= LEAST_TOLD
        return clear and not any(
            touching(unsure.box, box) for box in (*self._boxes, *(face.box for face in self._faces))
        )


def measured(rgb: np.ndarray, detection: Detection, size: int, least: float = STANDS) -> Face | None:
    """Measure the mesh of a box in (H, W, 3) uint8 and cut its crop; None where no face stands in it."""
    points, score = facemesh.landmarks(rgb, detection)
    window = window_of(points)
    if score < least or window[2] - window[0] < 8 or not _overlaps(window, rgb):
        return None
    return Face(clipped(points, rgb), points, window, cut(rgb, window, size), score)


def clipped(points: np.ndarray, rgb: np.ndarray) -> Box:
    """Return the box of (N, 2) points, clipped to a picture, (H, W, 3)."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (
        max(float(low[0]), 0.0),
        max(float(low[1]), 0.0),
        min(float(high[0]), float(rgb.shape[1])),
        min(float(high[1]), float(rgb.shape[0])),
    )


def _overlaps(window: Box, rgb: np.ndarray) -> bool:
    """Tell whether at least a quarter of a window lies in the picture."""
    height, width = rgb.shape[:2]
    return _shared(window, (0, 0, width, height)) > 0.25 * (window[2] - window[0]) ** 2


def _shared(one: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over union of two boxes, in [0, 1]."""
    shared = _shared(one, other)
    areas = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other))
    return shared / (areas - shared) if areas > shared else 0.0


def touching(one: Box, other: Box) -> bool:
    """Tell whether a good part of the smaller of two boxes lies in the other."""
    least = min((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (one, other))
    return _shared(one, other) > SAME * least


def _among(box: Box, faces: Iterable[Face]) -> bool:
    return any(overlap(box, face.box) > SAME for face in faces)


def _largest_first(faces: Iterable[Face]) -> tuple[Face, ...]:
    return tuple(sorted(faces, key=lambda face: -face.size))
