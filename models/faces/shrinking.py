"""Make a picture smaller, several times faster than by exact areas and without aliasing."""

import cv2
import numpy as np


def shrink(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Shrink (H, W, 3) uint8: average whole squares of pixels, then interpolate by less than two."""
    step = min(rgb.shape[0] // height, rgb.shape[1] // width)
    return cv2.resize(average(rgb, step), (width, height), interpolation=cv2.INTER_LINEAR)


def average(rgb: np.ndarray, step: int) -> np.ndarray:
    """Return the means of step × step squares of (H, W, 3) uint8; what is left over on the right and below is cut."""
    if step < 2:
        return rgb
    height, width = rgb.shape[0] // step, rgb.shape[1] // step
    return cv2.resize(rgb[: height * step, : width * step], (width, height), interpolation=cv2.INTER_AREA)
