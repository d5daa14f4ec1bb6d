"""Colour matching and pasting."""

import cv2
import numpy as np

from pipeline.forge.geometry.masks import disc


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """Convert (H, W, 3) uint8 RGB to float32 CIE LAB: L in [0, 100], a and b about ±100."""
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """Convert (H, W, 3) float32 LAB back to uint8 RGB."""
    return to_bytes(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB) * 255)


def to_bytes(values: np.ndarray) -> np.ndarray:
    """Round and clip values of a 0 to 255 scale to uint8."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def lay_over(base: np.ndarray, layer: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay a (H, W, 3) uint8 layer over a base; alpha (H, W) float32 in [0, 1]."""
    weight = alpha[..., None]
    return to_bytes(base.astype(np.float32) * (1 - weight) + layer.astype(np.float32) * weight)


def rim(mask: np.ndarray, width: float) -> np.ndarray:
    """Return the bool band of about `width` pixels on each side of a mask's edge."""
    hard = (mask > 0.5).astype(np.uint8)
    band = cv2.dilate(hard, disc(width)) - cv2.erode(hard, disc(width))
    return band > 0


def colour_gap(layer: np.ndarray, base: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return the (3,) float LAB difference base − layer of the median colours within the bool mask `where`."""
    if not where.any():
        return np.zeros(3, np.float32)
    pixels = [to_lab(picture[where][None])[0] for picture in (base, layer)]
    return np.median(pixels[0], axis=0) - np.median(pixels[1], axis=0)


def shift_colours(rgb: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Move the colours of (H, W, 3) uint8 RGB by a (3,) LAB vector."""
    return to_rgb(to_lab(rgb) + shift.astype(np.float32))


def match_moments(layer: np.ndarray, base: np.ndarray, where: np.ndarray, amount: float) -> np.ndarray:
    """Move a layer's LAB mean and spread towards the base's within `where` (Reinhard et al., IEEE CG&A 2001).

    Args:
        layer: what is moved, (H, W, 3) uint8 RGB.
        base: what it is moved towards, (H, W, 3) uint8 RGB.
        where: what counts, (H, W) bool.
        amount: share of the way, in [0, 1].
    """
    if where.sum() < 16:
        return layer
    lab, goal = to_lab(layer), to_lab(base)
    mean, wanted = lab[where].mean(axis=0), goal[where].mean(axis=0)
    ratio = np.clip(goal[where].std(axis=0) / np.maximum(lab[where].std(axis=0), 1e-3), 0.6, 1.6)
    gain = 1 + amount * (ratio - 1)
    return to_rgb((lab - mean) * gain + mean + amount * (wanted - mean))


def poisson(base: np.ndarray, layer: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Clone a layer's gradients into the base within a mask (Pérez et al., SIGGRAPH 2003).

    Args:
        base: the picture, (H, W, 3) uint8 RGB.
        layer: another one, (H, W, 3) uint8 RGB, aligned with the base.
        mask: what is cloned, (H, W) float32: wherever it is above 0.

    Returns:
        (H, W, 3) uint8 RGB. The base itself where too little of the mask lies inside the picture.
    """
    hard = np.zeros(mask.shape, np.uint8)
    hard[2:-2, 2:-2] = np.where(mask[2:-2, 2:-2] > 0, 255, 0)
    x, y, wide, high = cv2.boundingRect(hard)
    if min(wide, high) < 4:
        return base.copy()
    return cv2.seamlessClone(layer, base, hard, (x + wide // 2, y + high // 2), cv2.NORMAL_CLONE)


def drift(result: np.ndarray, layer: np.ndarray, where: np.ndarray) -> float:
    """Return how far a blend moved a layer's colours within the bool mask `where`: 90th percentile of LAB distance."""
    if not where.any():
        return 0.0
    gap = to_lab(result[where][None])[0] - to_lab(layer[where][None])[0]
    return float(np.percentile(np.sqrt((gap**2).sum(axis=1)), 90))


def recompress(rgb: np.ndarray, quality: int) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB after a round trip through JPEG of the given quality."""
    done, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of shape {rgb.shape} could not be encoded as JPEG")
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1])


def low_pass(rgb: np.ndarray, factor: float) -> np.ndarray:
    """Shrink (H, W, 3) uint8 RGB by `factor` in (0, 1], antialiased. Then bring it back to its size, cubic."""
    height, width = rgb.shape[:2]
    if factor >= 1:
        return rgb
    small = (max(4, round(width * factor)), max(4, round(height * factor)))
    shrunk = cv2.resize(rgb, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_CUBIC)
