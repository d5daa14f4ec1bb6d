"""Lay a heatmap over its photo. Scaled only here, by the map's own peak; opacity follows magnitude."""

import io

import cv2
import numpy as np
from PIL import Image

from pipeline.heatmap import Heatmap
from pipeline.photo import Photo

LONGEST = 1280

# matplotlib's "cividis" and a blue–white–orange, both told apart by colour-blind readers, as a few stops each.
CIVIDIS = np.array([(0, 34, 78), (53, 69, 108), (102, 105, 112), (148, 142, 119), (200, 184, 102), (254, 232, 56)])
DIVERGING = np.array([(0, 90, 160), (86, 160, 210), (240, 240, 240), (240, 160, 60), (200, 85, 0)])


def shades(values: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Map values in [0, 1], any shape, to RGB uint8 along colour stops, (K, 3)."""
    place = np.clip(values, 0, 1)[..., None] * (len(stops) - 1)
    low = np.minimum(place.astype(int), len(stops) - 2)[..., 0]
    part = place - low[..., None]
    return (stops[low] * (1 - part) + stops[low + 1] * part + 0.5).astype(np.uint8)


def coloured(heatmap: Heatmap, height: int, width: int, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return colours (h, w, 3) uint8 and magnitudes (h, w) float32 in [0, 1] of a map in the photo's frame.

    A map with both signs is drawn diverging about 0, orange for the label and blue against it; a one-sided map in
    cividis. A flat map, or one that is not a number, has magnitude 0 everywhere: it is not painted.
    """
    values = heatmap.in_photo(height, width, scale)
    if heatmap.state in ("flat", "not a number"):
        return np.zeros((*values.shape, 3), np.uint8), np.zeros_like(values)
    strongest = float(np.abs(heatmap.grid).max())
    share = values / strongest
    if heatmap.state == "clear":
        return shades(share / 2 + 0.5, DIVERGING), np.clip(np.abs(share), 0, 1)
    return shades(np.abs(share), CIVIDIS), np.clip(np.abs(share), 0, 1)


def display_scale(photo: Photo, longest: int = LONGEST) -> float:
    """Return by how much a photo is shrunk for showing, at most 1."""
    return min(1.0, longest / max(photo.width, photo.height))


def shrunk(photo: Photo, longest: int = LONGEST) -> np.ndarray:
    """Return a photo's pixels for showing, (h, w, 3) uint8, the longer side at most `longest`."""
    scale = display_scale(photo, longest)
    if scale == 1.0:
        return photo.rgb
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    return cv2.resize(photo.rgb, size, interpolation=cv2.INTER_AREA)


def overlay(photo: Photo, heatmap: Heatmap, opacity: float = 0.6, longest: int = LONGEST) -> np.ndarray:
    """Return the photo with the map laid over it, (h, w, 3) uint8, the longer side at most `longest`."""
    base = shrunk(photo, longest).astype(np.float32)
    colours, magnitude = coloured(heatmap, photo.height, photo.width, display_scale(photo, longest))
    alpha = (opacity * magnitude)[..., None]
    return np.clip(base * (1 - alpha) + colours * alpha + 0.5, 0, 255).astype(np.uint8)


def overlay_png(photo: Photo, heatmap: Heatmap, opacity: float = 0.6) -> bytes:
    """Return an overlay as PNG, with what the map is and its peak as text in the file."""
    from PIL.PngImagePlugin import PngInfo

    facts = PngInfo()
    facts.add_text("Description", f"{heatmap.method} of {heatmap.stage} for {heatmap.label}, peak {heatmap.peak:+.4f}")
    facts.add_text("Source", f"sha256 {photo.sha256}")
    buffer = io.BytesIO()
    Image.fromarray(overlay(photo, heatmap, opacity)).save(buffer, "PNG", pnginfo=facts)
    return buffer.getvalue()
