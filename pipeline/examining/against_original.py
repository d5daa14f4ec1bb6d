"""`compare`: a photo against the original that it is suspected to be made from, pixel by pixel.

The original is laid on the photo (`pipeline.examining.alignment`), matched in tone and in sharpness outside the faces,
and taken away. What re-compression alone leaves is read off outside the faces too, apart for smooth and for busy
places, as lossy codecs and a fit that is a little off err most where the picture changes fast. What differs by more is
counted.

A difference tells that the two are not one picture. It tells nothing of which of them was edited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from pipeline.datasets.pair_masks import LEAST
from pipeline.examining.alignment import Alignment, NotAligned, align
from pipeline.examining.laying import needed_part, resize_map, scaling, thin
from pipeline.examining.matching import match_sharpness, match_tone
from pipeline.face import Box

LARGEST = 2048
"""Longer side in pixels at which two photos are compared."""
FREE = 0.1
"""Share of what both show that must lie outside the faces for its noise to be read off there."""
RIM = 5
"""Pixels of the square by which what both show is narrowed: at its edge the photo mixes it with something else."""
BINS = 12
"""Classes of how fast the picture changes, each with a noise of its own."""
OVER = 8.0
"""Steps from median to third quartile, over the median, that noise does not reach: about 4.5 standard deviations."""


@dataclass(frozen=True)
class Part:
    """How far two photos differ in a part of the picture that both show.

    Attributes:
        pixels: how many were compared, at the scale of the map.
        mean: absolute difference in grey levels, 0–255; NaN where no pixel was compared, as the next two.
        high: its 99th percentile.
        beyond: share of pixels that differ by more than re-compression explains, in [0, 1].
    """

    pixels: int
    mean: float
    high: float
    beyond: float

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, JSON-able: None for NaN."""
        return {"pixels": self.pixels} | {name: _number(getattr(self, name)) for name in ("mean", "high", "beyond")}


@dataclass(frozen=True, eq=False)
class Comparison:
    """A photo against its suspected original.

    Attributes:
        alignment: how the original lies on the photo.
        difference: (h, w) float32 in the photo's frame, shrunk by `scale`: grey levels, 0–255, the mean of the three
            channels; NaN where the original has no pixel. Detail finer than about two pixels is smoothed away.
        beyond: (h, w) bool, where it is more than re-compression explains.
        scale: pixels of the map a pixel of the photo, at most 1.
        faces: one `Part` a face, in the order they were given in.
        outside: what lies in no face.
        noise_from: "outside" where the noise was read off outside the faces, "everywhere" where they fill the picture:
            a wide edit then passes for noise.
        gains, offsets: of the three channels, by which the original's tone was matched: gain · value + offset.
        blur: Gaussian, in pixels of the map, by which the sharper one was softened: above 0 the original, below the
            photo.
    """

    alignment: Alignment
    difference: np.ndarray
    beyond: np.ndarray
    scale: float
    faces: tuple[Part, ...]
    outside: Part
    noise_from: str
    gains: tuple[float, ...]
    offsets: tuple[float, ...]
    blur: float

    def in_photo(self, height: int, width: int) -> np.ndarray:
        """Return the map at the photo's own size, or another: (height, width) float32, NaN as in `difference`."""
        return resize_map(self.difference, height, width)

    def as_dict(self) -> dict[str, Any]:
        """Return every number, JSON-able; the map apart."""
        laid = self.alignment
        return {
            "model": laid.model,
            "mirrored": laid.mirrored,
            "inliers": laid.inliers,
            "error": _number(laid.error),
            "likeness": _number(laid.likeness),
            "shared": _number(laid.shared),
            "pixels_per_pixel": _number(laid.scale),
            "scale": _number(self.scale),
            "noise_from": self.noise_from,
            "gains": [_number(each) for each in self.gains],
            "offsets": [_number(each) for each in self.offsets],
            "blur": _number(self.blur),
            "faces": [part.as_dict() for part in self.faces],
            "outside": self.outside.as_dict(),
        }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def compare(suspect: np.ndarray, original: np.ndarray, faces: Sequence[Box] = ()) -> Comparison | NotAligned:
    """Compare a photo with its suspected original.

    Args:
        suspect: (H, W, 3) uint8 RGB, upright.
        original: (H', W', 3) uint8 RGB, upright.
        faces: boxes in pixels of the suspect photo.

    Returns:
        The comparison, or why the two could not be laid on one another.
    """
    alignment = align(suspect, original, faces)
    if isinstance(alignment, NotAligned):
        return alignment
    scale = min(1.0, LARGEST / max(suspect.shape[:2]), 1 / alignment.scale)
    here, laid, seen = _lay(suspect, original, alignment, scale)
    boxes = [_inside(box, scale, seen.shape) for box in faces]
    outside = seen & ~np.logical_or.reduce([np.zeros_like(seen), *boxes])
    free, noise_from = (outside, "outside") if outside.sum() >= FREE * seen.sum() else (seen, "everywhere")
    laid, gains, offsets = match_tone(here, laid, free)
    here, laid, blur = match_sharpness(here, laid, free)
    unit = max(1.0, min(seen.shape) / 512)
    difference = np.abs(_smooth(here - laid, unit)).mean(axis=2)
    beyond = seen & (difference > _explained(difference, laid, free, unit))
    inside = tuple(_part(difference, beyond, seen & where) for where in boxes)
    rest = _part(difference, beyond, outside)
    difference = np.where(seen, difference, np.nan).astype(np.float32)
    return Comparison(alignment, difference, beyond, scale, inside, rest, noise_from, gains, offsets, blur)


def _lay(
    suspect: np.ndarray, original: np.ndarray, alignment: Alignment, scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the photo and the original on it, (h, w, 3) float32, and where the original has pixels, (h, w) bool."""
    height, width = suspect.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    here = suspect if scale == 1 else cv2.resize(suspect, size, interpolation=cv2.INTER_AREA)
    matrix = scaling(size[0] / width, size[1] / height) @ alignment.matrix
    small, matrix = thin(*needed_part(original, matrix, here.shape), here.shape)
    laid = cv2.warpPerspective(small, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.warpPerspective(np.ones(small.shape[:2], np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    seen = cv2.erode(seen, np.ones((RIM, RIM), np.uint8))
    if _colourless(here) or _colourless(laid):
        here, laid = (cv2.cvtColor(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) for part in (here, laid))
    return here.astype(np.float32), laid.astype(np.float32), seen.astype(bool)


def _colourless(rgb: np.ndarray) -> bool:
    """Tell whether an (h, w, 3) uint8 picture is grey, as far as encoding lets it."""
    few = rgb[::4, ::4].astype(np.int16)
    return float(np.percentile(np.ptp(few, axis=2), 99)) <= 4


def _inside(box: Box, scale: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return where a box of the photo lies on the map, (h, w) bool."""
    x0, y0, x1, y1 = (max(0.0, value * scale) for value in box)
    where = np.zeros(shape, bool)
    where[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = True
    return where


def _smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(values, (0, 0), sigma)


def _explained(difference: np.ndarray, laid: np.ndarray, free: np.ndarray, unit: float) -> np.ndarray:
    """Return the difference that re-compression explains at each pixel, (h, w) float32 grey levels.

    Median and quartile of each class stand an edit of a part of it; a class that is busier than another never has the
    lower limit.
    """
    change = np.abs(_smooth(np.hypot(*_slopes(laid)), 2 * unit))
    edges = np.unique(np.quantile(change[free], np.linspace(0, 1, BINS + 1)[1:-1]))
    bins = np.digitize(change, edges)
    limits = np.full(len(edges) + 1, LEAST)
    for number in range(len(limits)):
        values = difference[free & (bins == number)]
        if len(values):
            middle, quartile = np.quantile(values, (0.5, 0.75))
            limits[number] = max(LEAST, middle + OVER * (quartile - middle))
    return np.maximum.accumulate(limits)[bins].astype(np.float32)


def _slopes(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how fast an (h, w, 3) float32 picture changes along a row and along a column, its strongest channel."""
    across, down = (cv2.Sobel(rgb, cv2.CV_32F, *way, ksize=3, scale=0.125) for way in ((1, 0), (0, 1)))
    return np.abs(across).max(axis=2), np.abs(down).max(axis=2)


def _part(difference: np.ndarray, beyond: np.ndarray, where: np.ndarray) -> Part:
    count = int(where.sum())
    if not count:
        return Part(0, float("nan"), float("nan"), float("nan"))
    values = difference[where]
    return Part(count, float(values.mean()), float(np.percentile(values, 99)), float(beyond[where].mean()))
