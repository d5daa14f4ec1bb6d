"""Which quality a JPEG's quantisation tables stand for, on the scale of the Independent JPEG Group (IJG, libjpeg)."""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

# ITU-T T.81 (1992), Annex K, tables K.1 and K.2, row by row.
LUMINANCE = np.array([
    16, 11, 10, 16, 24, 40, 51, 61,      12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,      14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,  72, 92, 95, 98, 112, 100, 103, 99,
])  # fmt: skip
CHROMINANCE = np.array([
    17, 18, 24, 47, 99, 99, 99, 99,  18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,  47, 66, 99, 99, 99, 99, 99, 99,
    *[99] * 32,
])  # fmt: skip


def scale_table(base: np.ndarray, quality: int) -> np.ndarray:
    """Return a table at a quality, as `jpeg_set_quality` of libjpeg scales it (jcparam.c, baseline forced).

    Args:
        base: (64,) int, the table at quality 50.
        quality: 1–100.

    Returns:
        (64,) int, 1–255, in the order of `base`.
    """
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((base * percent + 50) // 100, 1, 255)


@cache
def scaled_tables(chrominance: bool = False) -> np.ndarray:
    """Return the IJG tables of all qualities, (100, 64) int, row by row within each; row q − 1 is that of quality q."""
    base = CHROMINANCE if chrominance else LUMINANCE
    tables = np.stack([scale_table(base, quality) for quality in range(1, 101)])
    tables.setflags(write=False)
    return tables


@cache
def _sorted_luminance() -> np.ndarray:
    return np.sort(scaled_tables(), axis=1)


def roundest(qualities: Iterable[int]) -> int:
    """Return of qualities between which nothing decides the one that is chosen most: 90, then 85, then 84."""
    return max(qualities, key=lambda quality: (quality % 10 == 0, quality % 5 == 0, quality))


def nearest_quality(table: Sequence[int]) -> int:
    """Return the IJG quality whose luminance table is nearest to one of 64 numbers, in whatever order they come."""
    return int(np.abs(_sorted_luminance() - np.sort(table)).sum(axis=1).argmin()) + 1
