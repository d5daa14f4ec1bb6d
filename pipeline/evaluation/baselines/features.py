"""What a face crop's noise and block transform tell, as numbers: no network, the crop as it is.

Two families:

- Residuals: small high-pass filters predict the crop's content away. What is left is counted in co-occurrences of four
  neighbours, and its strength is told by place. They are a subset of the rich model (Fridrich & Kodovsky, IEEE TIFS
  2012) with the symmetries of Pevný, Bas & Fridrich (IEEE TIFS 2010).
- DCT: histograms of the 8 × 8 block transform's coefficients for each frequency, as in Farid's and in Fridrich's JPEG
  forensics, and its energy by band and place.

Places matter as faces are aligned: a retouched eye is a small part of a crop.
"""

from functools import cache
from io import BytesIO
from itertools import product

import cv2
import numpy as np
from PIL import Image, JpegImagePlugin
from scipy.fft import dctn

from pipeline.crops.crops import settled_crop
from pipeline.examining.container import SETTLED_QUALITY

LIMIT = 2
"""Residuals are cut off at ± so many steps: −2 … 2, five values."""
VALUES = 2 * LIMIT + 1
NEIGHBOURS = 4
BLOCK = 8
COEFFICIENT_BINS = 5
CELL = 32
BAND_CELL = 64
BANDS = 9
FLOOR = 0.1
"""Added before a logarithm: below it lies nothing but rounding."""
SQUARE_3 = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], np.float32)
SQUARE_5 = np.array(
    [[-1, 2, -2, 2, -1], [2, -6, 8, -6, 2], [-2, 8, -12, 8, -2], [2, -6, 8, -6, 2], [-1, 2, -2, 2, -1]], np.float32
)
"""The kernels "KB" and "KV" of the rich model."""
LINES = ((1, 1), (2, 2), (3, 3))
"""Order of a difference along a line, and its quantisation step."""
SQUARES = ((SQUARE_3, 4), (SQUARE_5, 12))


RESIDUALS = 10 * 169 + 5 * (8 * 8 + 8 * 4)
DCT = 63 * COEFFICIENT_BINS + (4 * 4 + 4 * 2) * BANDS
WIDTH = RESIDUALS + DCT
FAMILIES = {"residuals": slice(0, RESIDUALS), "dct": slice(RESIDUALS, WIDTH), "both": slice(0, WIDTH)}
"""Which of the numbers of `features_of` are which: ten co-occurrences and five residuals by place, then the DCT's."""


def features_of(crop: np.ndarray) -> np.ndarray:
    """Return the numbers of a store's crop as a detector would see it, in the fixed container.

    Args:
        crop: (300, 300, 3) uint8 RGB, at the store's own resolution.

    Returns:
        (F,) float32, finite; see `FAMILIES` for which are which. Counts are shares under a square root (Hellinger's
        distance), energies are logarithms.
    """
    ycc = cv2.cvtColor(settled_crop(crop), cv2.COLOR_RGB2YCrCb).astype(np.float32)
    planes = [np.ascontiguousarray(ycc[..., channel]) for channel in range(3)]
    return np.concatenate([residual_features(planes), dct_features(planes[0])])


def residual_features(planes: list[np.ndarray]) -> np.ndarray:
    """Return the residuals' co-occurrences, then their strengths by place.

    Args:
        planes: Y, Cr and Cb, (S, S) float32 each.
    """
    luma, counts, strengths = planes[0], [], []
    for order, step in LINES:
        along, across = differences(luma, order, step), differences(luma.T, order, step)
        counts.append(cooccurrences(along) + cooccurrences(across))
        counts.append(cooccurrences(along.T) + cooccurrences(across.T))
    for kernel, step in SQUARES:
        left = cv2.filter2D(luma, cv2.CV_32F, kernel)
        counts.append(cooccurrences(quantise(left, step)) + cooccurrences(quantise(left, step).T))
        strengths.append(strength(left))
    for chroma in planes[1:]:
        counts.append(cooccurrences(differences(chroma, 1, 1)) + cooccurrences(differences(chroma.T, 1, 1)))
        strengths.append(strength(cv2.filter2D(chroma, cv2.CV_32F, SQUARE_3)))
    strengths.append(strength(cv2.Laplacian(luma, cv2.CV_32F)))
    shares = [np.sqrt(count / count.sum()) for count in counts]
    return np.concatenate(shares + strengths).astype(np.float32)


def differences(plane: np.ndarray, order: int, step: float) -> np.ndarray:
    """Return the difference of an order along the lines of (H, W) float32, quantised: (H, W − order) uint8."""
    return quantise(np.diff(plane, order, axis=1), step)


def quantise(residual: np.ndarray, step: float) -> np.ndarray:
    """Return a residual in steps, rounded and cut off at ± `LIMIT`, as uint8 from 0 to 4."""
    return (np.clip(np.rint(residual / step), -LIMIT, LIMIT) + LIMIT).astype(np.uint8)


def cooccurrences(steps: np.ndarray) -> np.ndarray:
    """Count runs of four neighbours along the lines of (H, W) uint8 in 0 … 4: (169,) float64.

    A run, its mirror image and both with signs turned are one, as photos have no preferred side: 625 become 169.
    """
    width = steps.shape[1] - NEIGHBOURS + 1
    code = np.zeros((steps.shape[0], width), np.intp)
    for place in range(NEIGHBOURS):
        code = code * VALUES + steps[:, place : place + width]
    counts = np.bincount(code.ravel(), minlength=VALUES**NEIGHBOURS)
    return np.bincount(_classes(), counts)


@cache
def _classes() -> np.ndarray:
    """Return (625,) int: which of the 169 classes a run of four belongs to."""
    least = []
    for run in product(range(VALUES), repeat=NEIGHBOURS):
        turned = tuple(VALUES - 1 - value for value in run)
        least.append(min(run, run[::-1], turned, turned[::-1]))
    return np.unique(np.array(least), axis=0, return_inverse=True)[1].ravel()


def strength(residual: np.ndarray) -> np.ndarray:
    """Return the log mean size of a residual, (S, S), in each square of `CELL` pixels, and how uneven it is."""
    side = residual.shape[0] // CELL
    means = np.abs(residual).reshape(side, CELL, side, CELL).mean(axis=(1, 3))
    return by_place(np.log(means + FLOOR)[..., None])


def by_place(grid: np.ndarray) -> np.ndarray:
    """Return the numbers of a grid, (s, s, K), then how far its left half is from its right one mirrored.

    Faces are alike on both sides, so an edit of one eye shows there whatever the photo's own noise is.
    """
    gap = np.abs(grid - grid[:, ::-1])[:, : grid.shape[1] // 2]
    return np.concatenate([grid.ravel(), gap.ravel()])


def dct_features(luma: np.ndarray) -> np.ndarray:
    """Return histograms of 63 frequencies, five bins each, then log energies of nine bands by place.

    Blocks lie on the grid of the container, so coefficients sit on its quantisation steps and are counted in those.

    Args:
        luma: (S, S) float32.
    """
    side = luma.shape[0] // BLOCK
    blocks = luma.reshape(side, BLOCK, side, BLOCK).swapaxes(1, 2) - 128
    coefficients = dctn(blocks, axes=(2, 3), norm="ortho").reshape(side, side, BLOCK * BLOCK)[..., 1:]
    return np.concatenate([_histograms(coefficients), _energies(coefficients)]).astype(np.float32)


def _histograms(coefficients: np.ndarray) -> np.ndarray:
    """Count coefficients, (s, s, 63), in five bins of the container's steps: 0 | 1 | 2 | 3 to 4 | 5 and more."""
    steps = np.rint(np.abs(coefficients) / _steps()[1:]).reshape(-1, coefficients.shape[-1])
    bins = np.digitize(steps, (1, 2, 3, 5)) + COEFFICIENT_BINS * np.arange(coefficients.shape[-1])
    counts = np.bincount(bins.ravel(), minlength=COEFFICIENT_BINS * coefficients.shape[-1])
    return np.sqrt(counts / len(steps))


def _energies(coefficients: np.ndarray) -> np.ndarray:
    """Return the log mean size of coefficients, (s, s, 63), by 4 × 4 places and nine bands of equal u + v."""
    order = np.add.outer(np.arange(BLOCK), np.arange(BLOCK)).ravel()[1:]
    band = np.minimum(order - 1, BANDS - 1)
    onto = (band[:, None] == np.arange(BANDS)) / np.bincount(band)
    side, cell = coefficients.shape[0] * BLOCK // BAND_CELL, BAND_CELL // BLOCK
    sizes = (np.abs(coefficients) @ onto).reshape(side, cell, side, cell, BANDS)
    return by_place(np.log(sizes.mean(axis=(1, 3)) + FLOOR))


@cache
def _steps() -> np.ndarray:
    """Return (64,) the container's quantisation steps of luma, by line: read from a file that its encoder wrote."""
    _, coded = cv2.imencode(".jpg", np.zeros((16, 16, 3), np.uint8), [cv2.IMWRITE_JPEG_QUALITY, SETTLED_QUALITY])
    image = Image.open(BytesIO(coded.tobytes()))
    assert isinstance(image, JpegImagePlugin.JpegImageFile)
    return np.array(image.quantization[0], np.float32)
