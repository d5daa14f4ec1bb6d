"""`Glance`: what the fast finder sees of a picture in each of its four turns, asked for when it is wanted, once."""

from functools import cached_property

import numpy as np

from models.faces import blazeface
from models.faces.blazeface import Detection
from pipeline.examining.boxes import touching
from pipeline.face import Box, Face, Turn, box_before, turn_by

LARGE = 0.25
"""Share of the picture's longer side from which a face is seen well by the fast finder, which shrinks it to 128 px."""


class Glance:
    """A look at a picture in any turn, at the cost of one small network a turn."""

    def __init__(self, rgb: np.ndarray) -> None:
        """Take a picture, (H, W, 3) uint8 RGB."""
        self._rgb = rgb
        self._known: dict[Turn, list[Detection]] = {}

    def boxes(self, turn: Turn) -> list[Detection]:
        """Return the faces seen in a turn, their boxes in the picture's own frame; the eyes only without a turn."""
        if turn not in self._known:
            self._known[turn] = self._look(turn) if turn else blazeface.find(self._rgb)
        return self._known[turn]

    def sure(self, turn: Turn, box: Box) -> float:
        """Return how sure the finder is of a face in a box in a turn, in [0, 1]."""
        return max((each.score for each in self.boxes(turn) if touching(each.box, box)), default=0.0)

    def is_large(self, face: Face) -> bool:
        """Tell whether a face is large in the picture."""
        return face.size > LARGE * max(self._rgb.shape[:2])

    def shows(self, face: Face) -> bool:
        """Tell whether a face is large and all of it, with something around it, lies in the picture."""
        x0, y0, x1, y1 = face.window
        return self.is_large(face) and min(x0, y0, self._rgb.shape[1] - x1, self._rgb.shape[0] - y1) >= 0

    @cached_property
    def _small(self) -> tuple[np.ndarray, float, float, float]:
        return blazeface.letterbox(self._rgb, blazeface.SIZE)

    def _look(self, turn: Turn) -> list[Detection]:
        canvas, scale, left, top = self._small
        detections = []
        for each in blazeface.find(turn_by(canvas, turn)):
            x0, y0, x1, y1 = box_before(each.box, turn, blazeface.SIZE, blazeface.SIZE)
            box = ((x0 - left) / scale, (y0 - top) / scale, (x1 - left) / scale, (y1 - top) / scale)
            detections.append(Detection(box, each.eyes, each.score))
        return detections
