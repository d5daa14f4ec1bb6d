"""Exhibits: pictures and maps that a finding shows, small enough to keep, encoded anew and without metadata.

A map is drawn in inferno, a perceptually uniform scale (van der Walt & Smith, 2015) that also reads in grey: dark is
low, bright is high. What is unknown is grey, which the scale itself does not contain.
"""

import io

import cv2
import numpy as np
from PIL import Image

from pipeline.evidence.finding import Exhibit

LONGEST = 900
"""Longer side of an exhibit in pixels, at most."""
SMALLEST = 320
"""Longer side up to which a small map is enlarged by whole numbers, so that its blocks can be seen."""
UNKNOWN = (128, 128, 128)
LEVELS = 255
"""Shades of a map; the palette's last entry is `UNKNOWN`."""
BAR = 12
"""Height of the bar under a map that shows its scale, in pixels."""


def show_picture(rgb: np.ndarray, title: str, caption: str) -> Exhibit:
    """Return a picture as an exhibit, JPEG, shrunk to `LONGEST` where it is larger.

    Args:
        rgb: (h, w, 3) uint8.
        title: what it is.
        caption: how to read it.
    """
    small = shrink(rgb)
    buffer = io.BytesIO()
    Image.fromarray(small).save(buffer, "JPEG", quality=90)
    return Exhibit(title, caption, buffer.getvalue(), small.shape[1], small.shape[0])


def show_lines(image: Image.Image, title: str, caption: str) -> Exhibit:
    """Return a drawing as an exhibit, PNG, in its own size.

    Args:
        image: of at most `LONGEST` pixels a side.
        title: what it is.
        caption: how to read it.
    """
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Exhibit(title, caption, buffer.getvalue(), image.width, image.height)


def show_map(values: np.ndarray, top: float, title: str, caption: str) -> Exhibit:
    """Return a map as an exhibit, PNG: black at 0 and below, brightest at `top` and above, grey where unknown.

    Args:
        values: (h, w) float, NaN where unknown; a large one is averaged down to `LONGEST`, a small one is enlarged.
        top: value at which the scale ends, over 0; the bar under the map runs from 0 to it.
        title: what it is.
        caption: how to read it: the scale's unit and both its ends.
    """
    shown = shrink(values.astype(np.float32))
    shades = _shades(shown, top)
    larger = max(1, SMALLEST // max(shades.shape))
    shades = shades.repeat(larger, axis=0).repeat(larger, axis=1)
    bar = np.rint(np.linspace(0, LEVELS - 1, shades.shape[1])).astype(np.uint8)
    image = Image.fromarray(np.vstack([shades, np.broadcast_to(bar, (BAR, len(bar)))]))
    image.putpalette(_palette())
    return show_lines(image, title, caption)


def colour_map(values: np.ndarray, top: float) -> np.ndarray:
    """Colour a map as `show_map` does, (h, w, 3) uint8 RGB, in its own size.

    Args:
        values: (h, w) float, NaN where unknown.
        top: value at which the scale ends, over 0.
    """
    return np.array(_palette(), np.uint8).reshape(-1, 3)[_shades(values, top)]


def scale_end(values: np.ndarray, least: float, share: float = 0.995) -> float:
    """Return where a map's scale is to end: under the brightest of its cells, so that a few do not darken the rest.

    Args:
        values: (h, w) float, NaN where unknown.
        least: that the end must reach, so that a map of next to nothing looks like nothing.
        share: of the known cells that lie within the scale.
    """
    known = values[np.isfinite(values)]
    return max(least, float(np.quantile(known, share))) if known.size else least


def peak_of(values: np.ndarray) -> float:
    """Return a map's highest known value; 0 where nothing is known."""
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0


def shrink(values: np.ndarray) -> np.ndarray:
    """Average (h, w) or (h, w, 3) down until no side is longer than `LONGEST`; a mean of an unknown is unknown.

    Args:
        values: a map or a picture; it is returned itself where it is small enough.
    """
    scale = LONGEST / max(values.shape[:2])
    if scale >= 1:
        return values
    size = (max(1, round(values.shape[1] * scale)), max(1, round(values.shape[0] * scale)))
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def _shades(values: np.ndarray, top: float) -> np.ndarray:
    """Return the palette's entry of each value, (h, w) uint8."""
    unknown = ~np.isfinite(values)
    shares = np.clip(np.where(unknown, 0, values) / top, 0, 1)
    return np.where(unknown, LEVELS, np.rint(shares * (LEVELS - 1))).astype(np.uint8)


def _palette() -> list[int]:
    shades = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[None], cv2.COLORMAP_INFERNO)[0, :, ::-1]
    return [*shades[np.rint(np.linspace(0, 255, LEVELS)).astype(int)].ravel().tolist(), *UNKNOWN]
