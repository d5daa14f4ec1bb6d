"""`Heatmap`: where a stage looked, as raw signed numbers in the photo's frame; scaled only when drawn."""

from dataclasses import dataclass, replace
from typing import Literal, Self

import cv2
import numpy as np

from models.release import StageName
from pipeline.face import Turn, opposite, turn_by

FLAT = 1e-4
"""A map whose values differ by less than this, in logits, says nothing."""

WHERE_EDITED = {
    "mask": "mask holds it",
    "parts": "mask and its answers about parts hold it",
    "likeliest": "mask and its answer about the likeliest part hold it",
}
"""Methods that answer where a face was edited, and who answers; all others tell what moved the score."""

State = Literal["clear", "flat", "not a number", "one-sided for", "one-sided against"]


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A map of one face and one label: a class activation map, or a network's own mask of what was edited.

    Attributes:
        grid: (h, w) float32 logits with their sign, as they are; see `meaning`. Above 0 speaks for the label.
        window: x0, y0, x1, y1 in photo pixels that the grid covers.
        stage: which network was asked.
        label: the label that the map argues for.
        method: how it was made.
        faithfulness: how much more the label's logit falls when the map's strongest fifth is blurred than when
            that of the same map moved elsewhere is, in logits; None where it was not measured. At 0 or below the map
            is no better than chance as an account of the score, see `accounts_for_score`.
    """

    grid: np.ndarray
    window: tuple[float, float, float, float]
    stage: StageName
    label: str
    method: str
    faithfulness: float | None = None

    def turned_back(self, turn: Turn) -> Self:
        """Return the map, made of a crop turned counter-clockwise by `turn`, in the photo's own frame."""
        return replace(self, grid=turn_by(self.grid, opposite(turn)))

    @property
    def accounts_for_score(self) -> bool:
        """Whether it tells what moved the score; else it tells where the network holds the face edited."""
        return self.method not in WHERE_EDITED

    @property
    def meaning(self) -> str:
        """What a cell's number is, in words."""
        if self.accounts_for_score:
            return "what each cell adds to the score"
        how = "left as it was" if self.label == "real" else "edited"
        return f"how likely each cell was {how}, as the network's {WHERE_EDITED[self.method]}"

    @property
    def state(self) -> State:
        """What must be said of the map before it is believed."""
        if not np.isfinite(self.grid).all():
            return "not a number"
        low, high = float(self.grid.min()), float(self.grid.max())
        if high - low < FLAT:
            return "flat"
        if low >= 0:
            return "one-sided for"
        return "one-sided against" if high <= 0 else "clear"

    @property
    def peak(self) -> float:
        """The largest value of the grid; NaN where the map is not a number."""
        return float(self.grid.max()) if self.state != "not a number" else float("nan")

    @property
    def peak_point(self) -> tuple[float, float] | None:
        """Where the peak lies, x and y in photo pixels; None where no region stands out for the label."""
        if self.state in ("not a number", "flat", "one-sided against"):
            return None
        row, column = np.unravel_index(int(self.grid.argmax()), self.grid.shape)
        x0, y0, x1, y1 = self.window
        rows, columns = self.grid.shape
        return (
            x0 + (float(column) + 0.5) * (x1 - x0) / columns,
            y0 + (float(row) + 0.5) * (y1 - y0) / rows,
        )

    def in_photo(self, height: int, width: int, scale: float = 1.0) -> np.ndarray:
        """Return the map in the photo's frame, (height · scale, width · scale) float32, 0 outside the window.

        Bilinear between cell centres; a map that is not a number comes back as zeros: `state` says why.
        """
        grid = self.grid if self.state != "not a number" else np.zeros_like(self.grid)
        rows, columns = grid.shape
        x0, y0, x1, y1 = (edge * scale for edge in self.window)
        to_cells = np.array(
            [
                [columns / (x1 - x0), 0, (0.5 - x0) * columns / (x1 - x0) - 0.5],
                [0, rows / (y1 - y0), (0.5 - y0) * rows / (y1 - y0) - 0.5],
            ]
        )
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP  # to_cells maps photo pixels to grid cells
        full = cv2.warpAffine(grid.astype(np.float32), to_cells, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        inside = np.zeros(size[::-1], np.float32)
        left, top, right, bottom = (round(edge) for edge in (x0, y0, x1, y1))
        inside[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 1
        return full * inside
