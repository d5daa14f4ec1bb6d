"""`Mark`: a face that an analyst marked by hand, where none was found or the wrong one."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from models.faces import facemesh
from models.faces.blazeface import Detection
from pipeline import mean_face
from pipeline.boxes import clipped
from pipeline.errors import BadMark
from pipeline.face import TURNS, Box, Face, Turn, cut, opposite, turned, turned_box, window_of
from pipeline.find_faces import STANDS
from pipeline.photo import Photo

LEAST_SIDE = 16
"""Shorter side in photo pixels of the smallest box that can be marked."""
EYES = np.array([(0.3, 0.4), (0.7, 0.4)])
"""Where the eyes are in a face's box, as shares of its sides: they only tell the mesh network what is level."""


@dataclass(frozen=True)
class Mark:
    """A box around a face, from forehead to chin.

    Attributes:
        box: x0, y0, x1, y1 in photo pixels.
        turn: degrees by which the photo is turned counter-clockwise for the face to stand upright.
    """

    box: Box
    turn: Turn = 0

    @classmethod
    def read(cls, record: dict[str, Any]) -> Self:
        """Return the mark that `as_dict` gave.

        Raises:
            BadMark: it is none.
        """
        try:
            x0, y0, x1, y1 = (float(edge) for edge in record["box"])
            turn = TURNS[TURNS.index(record["turn"])]
        except (KeyError, TypeError, ValueError) as problem:
            raise BadMark("A mark is a box of four numbers and a turn of 0, 90, 180 or 270 degrees.") from problem
        return cls((x0, y0, x1, y1), turn)

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {"box": [round(edge, 1) for edge in self.box], "turn": self.turn}

    def within(self, width: int, height: int) -> Box:
        """Return the box's part in a photo of width × height pixels.

        Raises:
            BadMark: it is too small, or lies outside.
        """
        x0, y0, x1, y1 = self.box
        box = (max(min(x0, x1), 0.0), max(min(y0, y1), 0.0), min(max(x0, x1), width), min(max(y0, y1), height))
        if not min(box[2] - box[0], box[3] - box[1]) >= LEAST_SIDE:
            raise BadMark(
                f"The marked box has less than {LEAST_SIDE} pixels a side in this photo of {width} × {height} pixels: "
                "mark the whole face, from forehead to chin."
            )
        return box


def marked_face(photo: Photo, mark: Mark, size: int = 256) -> Face:
    """Return a marked face, judged like any other; its score is below `STANDS` where no landmarks could be measured.

    Those are then the mean face's, stretched to the box.

    Args:
        photo: the photo.
        mark: the box and the turn.
        size: side of the crop in pixels.

    Raises:
        BadMark: the box is too small, or lies outside the photo.
    """
    inside = mark.within(photo.width, photo.height)
    rgb = turned(photo.rgb, mark.turn)
    box = turned_box(inside, opposite(mark.turn), rgb.shape[1], rgb.shape[0])
    points, score = _landmarks(rgb, box)
    window = window_of(points)
    face = Face(clipped(points, rgb), points, window, cut(rgb, window, size), score, marked=True)
    return face.turned_back(mark.turn, photo.width, photo.height)


def _landmarks(rgb: np.ndarray, box: Box) -> tuple[np.ndarray, float]:
    """Measure the mesh in a box, and once more around what was measured: a box by hand is a rough one."""
    points, score = facemesh.landmarks(
        rgb, _detection(box, np.array(box[:2]) + EYES * (box[2] - box[0], box[3] - box[1]))
    )
    if score < STANDS:
        return mean_face.in_box(box), score
    low, high = points.min(axis=0), points.max(axis=0)
    level = np.stack([points[[33, 133]].mean(axis=0), points[[263, 362]].mean(axis=0)])
    again, better = facemesh.landmarks(rgb, _detection((*low.tolist(), *high.tolist()), level))
    return (again, better) if better > score else (points, score)


def _detection(box: Box, eyes: np.ndarray) -> Detection:
    return Detection(box, eyes, 1.0)
