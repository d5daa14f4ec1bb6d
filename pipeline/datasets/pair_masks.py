"""Where a photo was edited: from a mask picture, or from what differs between an edit and its original."""

from pathlib import Path

import cv2
import numpy as np

from pipeline.datasets.files import say_path
from pipeline.errors import BadDataset, UnreadablePhoto
from pipeline.photo import Photo

LEAST = 4.0
"""Grey levels: a smoothed difference below this is nothing that an eye, or a mask, would tell from compression."""
OVER_NOISE = 2.2
"""An edit differs by so many times as much as the quietest quarter of the picture, and as its texture lets expect."""
TEXTURE = 0.05
"""Difference that two encodings of the same picture show, over the local contrast of that picture."""


def pair_mask(photo: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Return where an edited photo differs from the real one that it is pixel-aligned with.

    The difference of the two is smoothed: a little with its sign, which grain lost in encoding does not survive, then
    without. It is compared with the noise that two encodings leave: the level of its quietest quarter, more where the
    real photo has strong contrast, where lossy codecs err most. What stands out is closed to areas, for a face painted
    on a face agrees with it in places; specks are dropped, the rim is softened.

    Args:
        photo: the edit, (H, W, 3) uint8 RGB.
        real: the real one, (H, W, 3) uint8 RGB.

    Returns:
        (H, W) float32 in [0, 1], all 0 where nothing but noise differs. An edit of more than three quarters of the
        picture looks like noise to this and is underestimated.

    Raises:
        BadDataset: the two differ in size.
    """
    if photo.shape != real.shape:
        raise BadDataset(f"The photo is {_size(photo)} and its real one {_size(real)} pixels: no pair to compare.")
    unit = max(1.0, min(photo.shape[:2]) / 75)
    coarse = _smooth(photo.astype(np.float32) - real, unit / 3)
    apart = _smooth(np.abs(coarse).mean(axis=2), unit)
    noise = np.percentile(apart, 25) + TEXTURE * _contrast(real, unit)
    edited = (apart > np.maximum(LEAST, OVER_NOISE * noise)).astype(np.uint8)
    return np.minimum(_smooth(_areas(edited, unit).astype(np.float32), unit / 2), 1)


def mask_of(photo: Path, mask: str, real: Path | None = None) -> np.ndarray | None:
    """Return where a photo was edited, as its record says.

    Args:
        photo: the photo.
        mask: what the record says of it: "", "pair" or the path of a mask picture, edited above 127.
        real: the real photo of the same pair, needed where `mask` is "pair".

    Returns:
        (H, W) float32 in [0, 1], in the frame of the upright photo; None where the record knows of no mask.

    Raises:
        BadDataset: the mask cannot be read, is of another size, or marks nothing that is told from 0.
        UnreadablePhoto: the photo cannot be read.
    """
    if not mask:
        return None
    if mask == "pair" and real is None:
        raise BadDataset(f"{say_path(photo)}: its mask is told by its real photo, but no such photo is there.")
    rgb = Photo.read(photo.read_bytes()).rgb
    if mask == "pair" and real is not None:
        return pair_mask(rgb, _read(real).rgb)
    marked = _read_mask(Path(mask))
    if marked.shape != rgb.shape[:2]:
        raise BadDataset(f"The mask {say_path(Path(mask))} is {_size(marked)} and its photo {_size(rgb)} pixels.")
    return marked


def _read_mask(path: Path) -> np.ndarray:
    """Return a mask picture as (H, W) float32, 0 and 1."""
    read = _read(path)
    level = read.rgb.max(axis=2)
    if any("transparent" in note for note in read.notes):
        raise BadDataset(
            f"The mask {say_path(path)} has transparent parts: save it without, black where nothing is edited."
        )
    if 0 < level.max() <= 127:
        raise BadDataset(
            f"The mask {say_path(path)} is nowhere above 127, the level of an edit: is it saved as 0 and 1?"
        )
    return (level > 127).astype(np.float32)


def _read(path: Path) -> Photo:
    try:
        return Photo.read(path.read_bytes())
    except OSError as problem:
        raise BadDataset(
            f"{say_path(path)}, which tells an edit's place, cannot be read: {problem.strerror}."
        ) from problem
    except UnreadablePhoto as problem:
        raise BadDataset(f"{say_path(path)}, which tells an edit's place, cannot be read. {problem}") from problem


def _smooth(grey: np.ndarray, sigma: float) -> np.ndarray:
    """Return (H, W) or (H, W, 3) float32 blurred by a Gaussian of `sigma` pixels, which ends at three sigma."""
    side = 2 * int(np.ceil(3 * sigma)) + 1
    return cv2.GaussianBlur(grey, (side, side), sigma)


def _contrast(rgb: np.ndarray, sigma: float) -> np.ndarray:
    """Return (H, W) float32, the standard deviation of the grey levels around each pixel."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.sqrt(np.maximum(_smooth(grey**2, sigma) - _smooth(grey, sigma) ** 2, 0))


def _areas(edited: np.ndarray, unit: float) -> np.ndarray:
    """Drop specks of a (H, W) uint8 mask of 0 and 1, close its gaps at a scale of `unit` pixels and fill its holes."""
    edge = int(8 * unit)
    opened = cv2.morphologyEx(edited, cv2.MORPH_OPEN, _disc(unit))
    wide = cv2.copyMakeBorder(opened, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, _disc(5 * unit))
    rims, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(closed), rims, -1, 1, cv2.FILLED)
    slim = cv2.erode(filled, _disc(unit))  # smoothing had spread the edit by about so much
    return slim[edge:-edge, edge:-edge]


def _disc(radius: float) -> np.ndarray:
    side = 2 * round(radius) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def _size(rgb: np.ndarray) -> str:
    return f"{rgb.shape[1]} × {rgb.shape[0]}"
