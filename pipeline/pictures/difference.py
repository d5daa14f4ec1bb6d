"""Draw how far a photo differs from its suspected original. Opacity follows the difference; the scale is given back.

The photo under it is grey. From grey, no difference, to yellow, the scale's end. A line surrounds what differs by more
than re-compression explains; hatched is where the original has no pixel.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.examining.laying import resize_map
from pipeline.pictures.overlay import CIVIDIS, LINE, RIM, shades

LEAST_TOP = 24.0
"""Grey levels at which the scale ends at least, so that what two encodings leave looks as weak as it is."""
HIGH = 99.5
"""Percentile of the differences at which the scale ends where that is more."""
TICKS = 5
HATCH = 12
"""Pixels between two lines of a hatching, in a picture of 400 pixels."""


@dataclass(frozen=True)
class Legend:
    """How a drawn difference is to be read.

    Attributes:
        top: grey levels at which the scale ends, 24 to 255.
        peak: the largest difference; NaN where the original has no pixel at all.
        clipped: share of what both show that differs by more than `top`, in [0, 1].
        unseen: share of the photo in which the original has no pixel, in [0, 1].
        ticks: grey levels from 0 to `top`, and the colour of each at full opacity as "#rrggbb".
    """

    top: float
    peak: float
    clipped: float
    unseen: float
    ticks: tuple[tuple[float, str], ...]

    @property
    def words(self) -> str:
        """How the picture is read, in a sentence or two."""
        if np.isnan(self.peak):
            return "The original has no pixel anywhere in this photo."
        text = (
            f"From grey to yellow: 0 to {self.top:.0f} of 255 grey levels apart, the peak is {self.peak:.0f}; the "
            "white line surrounds what differs by more than re-compression explains"
        )
        hatched = f"; hatched, {100 * self.unseen:.0f} %: the original has no pixel there" if self.unseen else ""
        return f"{text}{hatched}."


def draw_difference(
    rgb: np.ndarray,
    difference: np.ndarray,
    beyond: np.ndarray | None = None,
    opacity: float = 0.85,
    top: float | None = None,
) -> tuple[np.ndarray, Legend]:
    """Lay a difference over its photo.

    Args:
        rgb: the photo, or as much as is shown of it, (h, w, 3) uint8.
        difference: grey levels in the frame of `rgb`, of any size; NaN where the original has no pixel.
        beyond: bool of the size of `difference`: what is more than re-compression explains; None for no line.
        opacity: of the scale's end, in [0, 1]; at 0 the photo stays as it is.
        top: grey levels at which the scale ends, so that several pictures share it; None for this one's own.

    Returns:
        The picture, (h, w, 3) uint8, and how it is to be read.
    """
    legend = legend_of(difference, top)
    if opacity <= 0:
        return rgb, legend
    height, width = rgb.shape[:2]
    values = resize_map(difference, height, width)
    share = np.clip(np.nan_to_num(values) / legend.top, 0, 1)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    alpha = (opacity * share)[..., None]
    over = np.clip(grey * (1 - alpha) + _colours(share) * alpha + 0.5, 0, 255).astype(np.uint8)
    _hatch(over, np.isnan(values))
    if beyond is not None:
        _surround(over, beyond)
    return over, legend


def legend_of(difference: np.ndarray, top: float | None = None) -> Legend:
    """Return how a difference, (h, w) float32 grey levels with NaN, is drawn; see `draw_difference`."""
    seen = difference[~np.isnan(difference)]
    end = top or (float(np.clip(np.percentile(seen, HIGH), LEAST_TOP, 255)) if len(seen) else LEAST_TOP)
    levels = np.linspace(0, 1, TICKS)
    colours = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in _colours(levels).tolist())
    ticks = tuple(zip((end * levels).round(1).tolist(), colours, strict=True))
    if not len(seen):
        return Legend(end, float("nan"), 0.0, 1.0, ticks)
    return Legend(end, float(seen.max()), float((seen > end).mean()), 1 - len(seen) / difference.size, ticks)


def _colours(share: np.ndarray) -> np.ndarray:
    """Return the upper half of the scale of overlays, where yellow is most and grey is nothing."""
    return shades(0.5 + share / 2, CIVIDIS)


def _hatch(rgb: np.ndarray, where: np.ndarray) -> None:
    """Draw dark and light lines from left below to right above over a part of a picture."""
    if not where.any():
        return
    unit = max(1, round(max(rgb.shape[:2]) / 400))
    across = np.add.outer(np.arange(rgb.shape[0]), np.arange(rgb.shape[1])) % (HATCH * unit)
    rgb[where & (across < unit)] = RIM
    rgb[where & (across >= unit) & (across < 2 * unit)] = LINE


def _surround(rgb: np.ndarray, beyond: np.ndarray) -> None:
    """Draw a line around a part of a picture, specks left out: white with black rims, which no photo hides."""
    unit = max(1, round(max(rgb.shape[:2]) / 400))
    size = (rgb.shape[1], rgb.shape[0])
    mask = (cv2.resize(beyond.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= 0.5).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * unit + 1, 4 * unit + 1))
    joined = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc), cv2.MORPH_OPEN, disc)
    edges, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for colour, thick in ((RIM, 3 * unit), (LINE, unit)):
        cv2.drawContours(rgb, edges, -1, colour, thick, cv2.LINE_AA)
