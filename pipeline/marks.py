"""`Mark`: a face that an analyst marked by hand, where none was found or the wrong one."""

from dataclasses import dataclass
from typing import Any, Self

from pipeline.errors import BadMark
from pipeline.face import TURNS, Box, Turn

LEAST_SIDE = 16
"""Shorter side in photo pixels of the smallest box that can be marked."""


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
