"""Filters that keep edges: the guided (He et al., ECCV 2010) and the bilateral one (Tomasi and Manduchi, ICCV 1998).

Beside them a picture's levels of detail, as retouchers' tools and the à trous transform part them.
"""

from itertools import pairwise

import cv2
import numpy as np

from pipeline.forge.geometry.blending import to_bytes


def guided_filter(rgb: np.ndarray, radius: int, tolerance: float) -> np.ndarray:
    """Smooth (H, W, 3) uint8 RGB by itself, channel by channel; edges stronger than `tolerance` in [0, 1] stay."""
    picture, side = rgb.astype(np.float32) / 255, (2 * radius + 1, 2 * radius + 1)
    mean = cv2.boxFilter(picture, -1, side)
    variance = cv2.boxFilter(picture * picture, -1, side) - mean * mean
    slope = variance / (variance + tolerance**2)
    offset = mean * (1 - slope)
    return to_bytes((cv2.boxFilter(slope, -1, side) * picture + cv2.boxFilter(offset, -1, side)) * 255)


def bilateral_filter(rgb: np.ndarray, radius: int, tolerance: float) -> np.ndarray:
    """Smooth (H, W, 3) uint8 RGB twice by a small bilateral filter; a large one would be slow."""
    sigma = 255 * tolerance * 2
    reach = min(2 * radius + 1, 9)
    once = cv2.bilateralFilter(np.ascontiguousarray(rgb), reach, sigma, radius)
    return cv2.bilateralFilter(once, reach, sigma, radius)


def detail_levels(picture: np.ndarray, finest: float, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Part (H, W, C) float32 into levels of detail by Gaussians of `finest` pixels, twice that, and so on.

    Returns:
        `count` pictures, the finest first, and what is coarser than all: together they give the picture back.
    """
    soft = [picture, *(cv2.GaussianBlur(picture, (0, 0), finest * 2.0**step) for step in range(count))]
    return [fine - coarse for fine, coarse in pairwise(soft)], soft[-1]


def sharpen_edges(picture: np.ndarray, sigma: float, amount: float, least: float, most: float) -> np.ndarray:
    """Sharpen (H, W, 3) float32 by an unsharp mask that spares what is flat, and whose halo ends somewhere.

    Args:
        picture: RGB from 0 to 255.
        sigma: width of the mask in pixels.
        amount: how often an edge's step is added.
        least: steps below this many levels are no edge.
        most: levels that are added at most.
    """
    step = picture - cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.3))
    return picture + np.clip(amount * (step - np.clip(step, -least, least)), -most, most)
