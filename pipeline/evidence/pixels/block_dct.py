"""The discrete cosine transform of 8 × 8 blocks (ITU-T T.81, A.3.3), and the coefficients that signals look at."""

import cv2
import numpy as np

SIDE = 8
"""Pixels along a block."""
LOW = 5
"""Frequencies in each direction, the mean among them, that are computed: higher ones are zero in most photos."""
MODES = tuple((v, u) for v in range(LOW) for u in range(LOW) if 0 < v + u < LOW)
"""Rows and columns of the 14 lowest AC coefficients."""


def _basis() -> np.ndarray:
    places, frequencies = np.arange(SIDE), np.arange(SIDE)[:, None]
    waves = np.cos((2 * places + 1) * frequencies * np.pi / (2 * SIDE)) / 2
    waves[0] /= np.sqrt(2)
    return waves.astype(np.float32)


BASIS = _basis()
"""(8, 8) float32: row u holds the samples of frequency u."""


def stride_for(pixels: np.ndarray, most_blocks: int) -> int:
    """Return how many blocks to go on in each direction so that at most about `most_blocks` are looked at."""
    blocks = (pixels.shape[0] // SIDE) * (pixels.shape[1] // SIDE)
    return max(1, int(np.ceil(np.sqrt(blocks / most_blocks))))


def low_coefficients(pixels: np.ndarray, stride: int = 1) -> np.ndarray:
    """Transform the whole blocks of a picture from its first row and column on, every `stride`th in each direction.

    Args:
        pixels: (h, w) uint8 luminance.
        stride: blocks from one that is looked at to the next.

    Returns:
        (n, m, `LOW`, `LOW`) float32, the mean level 128 subtracted; rows of blocks, blocks, vertical, horizontal.
    """
    rows, columns = pixels.shape[0] // SIDE, pixels.shape[1] // SIDE
    blocks = pixels[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE)[::stride, :, ::stride]
    levels = blocks.astype(np.float32) - 128
    across = levels @ BASIS[:LOW].T
    return np.ascontiguousarray(across.transpose(0, 2, 3, 1) @ BASIS[:LOW].T).transpose(0, 1, 3, 2)


def sliding_coefficient(pixels: np.ndarray, mode: tuple[int, int]) -> np.ndarray:
    """Return one coefficient of the block that begins at each pixel, (h − 7, w − 7) float32.

    Args:
        pixels: (h, w) uint8 or float32 luminance, at least 8 pixels a side.
        mode: row and column of the coefficient.
    """
    vertical, horizontal = mode
    height, width = pixels.shape
    levels = cv2.sepFilter2D(pixels, cv2.CV_32F, BASIS[horizontal], BASIS[vertical], anchor=(0, 0))
    return levels[: height - SIDE + 1, : width - SIDE + 1]
