"""Lay a heatmap over its photo. Scaled only here, by the map's own peak; opacity follows magnitude.

The photo under it is grey, so that no skin can be taken for evidence. A line surrounds the strongest tenth of the map:
it can be found on light and dark photos, and by whoever sees no colours.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from PIL import Image

from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.pictures.photo import LONGEST, Picture, picture, within

STRONGEST = 0.1
"""Share of a map's cells that the line surrounds, as far as they speak for the label."""

# matplotlib's "cividis" (Nuñez, Anderton & Renslow, 2018), perceptually uniform to colour-blind readers too, its middle
# grey; and a blue–white–orange, for maps that lie over no photo.
CIVIDIS = np.array([(0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115), (138, 134, 120),
                    (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56)])  # fmt: skip
DIVERGING = np.array([(0, 90, 160), (86, 160, 210), (240, 240, 240), (240, 160, 60), (200, 85, 0)])
AGAINST = 0.5
"""Share of the opacity with which what speaks against the label is painted."""
LINE, RIM = (255, 255, 255), (0, 0, 0)
"""Of the line around the strongest tenth: white with black rims, which no photo hides."""


def shades(values: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Map values from 0 to 1, of any shape, to RGB uint8 along (K, 3) colour stops."""
    place = np.clip(values, 0, 1) * (len(stops) - 1)
    low = np.minimum(place.astype(int), len(stops) - 2)
    part = place - low
    rest, shown = 1 - part, np.empty((*part.shape, 3), np.uint8)
    for channel, levels in enumerate(stops.T.astype(float)):  # one by one: a third of the memory, and of the time
        shown[..., channel] = levels[low] * rest + levels[low + 1] * part + 0.5
    return shown


def colours_of(heatmap: Heatmap, height: int, width: int, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return colours (h, w, 3) uint8 and magnitudes (h, w) float32 in [0, 1] of a map in the photo's frame.

    Cividis about 0: yellow speaks for the label, blue against it, and what says nothing is grey. The scale's ends are
    those of `span`; what speaks against is painted half as strongly, for it usually fills the rest of the map. A flat
    map, or one that is not a number, has magnitude 0 everywhere: it is not painted.
    """
    values = heatmap.in_photo(height, width, scale)
    if heatmap.state in ("flat", "not a number"):
        return np.zeros((*values.shape, 3), np.uint8), np.zeros_like(values)
    share = np.clip(values / span(heatmap), -1, 1)
    return shades(share / 2 + 0.5, CIVIDIS), np.abs(share) * np.where(share < 0, AGAINST, 1).astype(np.float32)


def span(heatmap: Heatmap) -> float:
    """Return the logit at which a map's colours end: its peak, or where nothing speaks for the label its lowest value.

    A mask is surest of what was left as it was: on a scale as wide as that, no edit would be seen.
    """
    return heatmap.peak if heatmap.peak > 0 else float(np.abs(heatmap.grid).max())


def strongest(heatmap: Heatmap, height: int, width: int) -> np.ndarray:
    """Return where the strongest tenth of a map lies, as far as it speaks for the label: (height, width) bool.

    Args:
        heatmap: its window in the picture's pixels.
        height, width: of the picture.
    """
    if heatmap.peak_point is None:
        return np.zeros((height, width), bool)
    least = float(np.quantile(heatmap.grid, 1 - STRONGEST))
    return heatmap.in_photo(height, width) >= max(least, 1e-6)


def lay_over(rgb: np.ndarray, heatmap: Heatmap, opacity: float) -> np.ndarray:
    """Return a picture in grey with a map laid over it and its strongest tenth surrounded, (h, w, 3) uint8.

    Where the map says nothing, or at an opacity of 0, the picture stays as it is.

    Args:
        rgb: (h, w, 3) uint8.
        heatmap: its window in the picture's pixels.
        opacity: of the map's strongest cell, in [0, 1].
    """
    height, width = rgb.shape[:2]
    colours, magnitude = colours_of(heatmap, height, width)
    if opacity <= 0 or not magnitude.any():
        return rgb
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    alpha = (opacity * magnitude)[..., None]
    over = np.clip(grey * (1 - alpha) + colours * alpha + 0.5, 0, 255).astype(np.uint8)
    edges, _ = cv2.findContours(
        strongest(heatmap, height, width).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    unit = max(1, round(max(height, width) / 400))
    for colour, thick in ((RIM, 3 * unit), (LINE, unit)):
        cv2.drawContours(over, edges, -1, colour, thick, cv2.LINE_AA)
    return over


def draw_map(part: Picture, heatmap: Heatmap, opacity: float) -> np.ndarray:
    """Return a picture with a map of its photo laid over it, (h, w, 3) uint8; see `lay_over`."""
    return lay_over(part.rgb, replace(heatmap, window=within(part, heatmap.window)), opacity)


def overlay(photo: Photo, heatmap: Heatmap, opacity: float = 0.6, longest: int = LONGEST) -> np.ndarray:
    """Return the photo with the map laid over it, (h, w, 3) uint8, the longer side at most `longest`."""
    return draw_map(picture(photo, longest=longest), heatmap, opacity)


LEGEND = (
    "yellow speaks for the label, blue against it, over the photo in grey; the white line surrounds the strongest "
    f"{STRONGEST:.0%} of the map"
)
"""How an overlay is to be read."""


def overlay_png(
    rgb: np.ndarray, heatmap: Heatmap, sha256: str, remarks: Sequence[str] = (), compression: int = 6
) -> bytes:
    """Return a finished overlay as PNG, with what the map is, how it is read, and its peak as text in the file.

    Args:
        rgb: (h, w, 3) uint8.
        heatmap: the map that lies over it.
        sha256: of the photo.
        remarks: what must be known of the examination: a file cut short, another page, a face marked by hand.
        compression: 0 to 9; 1 is fast.
    """
    from PIL.PngImagePlugin import PngInfo

    facts = PngInfo()
    facts.add_text("Description", f"{heatmap.method} of {heatmap.stage} for {heatmap.label}, peak {heatmap.peak:+.4f}")
    facts.add_text("Legend", LEGEND)
    facts.add_text("Source", f"sha256 {sha256}")
    if remarks:
        facts.add_text("Comment", "; ".join(remarks))
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG", pnginfo=facts, compress_level=compression)
    return buffer.getvalue()


def remarks_of(record: Mapping[str, Any]) -> list[str]:
    """Return what must be known of a photo's examination beside an overlay, from its record in a run."""
    return [*record["notes"], *([record["faces_account"]] if record.get("marks") else [])]
