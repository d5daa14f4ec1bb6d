"""Does a map matter to the score? Its strongest cells are taken away, and those of the map moved elsewhere."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pipeline.heatmap import Heatmap

FRACTION = 0.2

TRIALS = 4


def with_faithfulness(
    heatmap: Heatmap,
    logits: Callable[[np.ndarray], np.ndarray],
    pixels: np.ndarray,
    positive: str,
    instead: np.ndarray | None = None,
) -> Heatmap:
    """Measure a map by deletion: take away its strongest fifth, and that of the map moved elsewhere; compare the falls.

    The idea is deletion (Petsiuk et al., RISE, BMVC 2018), with a blurred fill where there is no better one, so that no
    hard edge is brought in. The moved maps (round the edges, as a torus) have the same shape: one patch costs a score
    more than as many scattered cells do, wherever it lies.

    Args:
        heatmap: the map of `pixels`.
        logits: the network that it explains: pixels of a batch → their logits.
        pixels: the crop's, (3, S, S) float32.
        positive: the detector's positive label.
        instead: pixels that are shown in place of the strongest fifth; None for the blurred crop.
    """
    if heatmap.state in ("not a number", "flat"):
        return heatmap
    rng = np.random.default_rng(0)  # the same photo is always measured the same way
    grids = [heatmap.grid] + [_move_elsewhere(heatmap.grid, rng) for _ in range(TRIALS)]
    count = max(1, round(heatmap.grid.size * FRACTION))
    chosen = [np.argsort(-grid, axis=None, kind="stable")[:count] for grid in grids]
    crop = pixels.transpose(1, 2, 0)
    other = blur(crop) if instead is None else instead.transpose(1, 2, 0)
    batch = [crop] + [blend(crop, other, heatmap.grid.shape, picked) for picked in chosen]
    scores = logits(np.ascontiguousarray(np.stack(batch).transpose(0, 3, 1, 2)))
    sign = 1 if heatmap.label == positive else -1
    falls = sign * (scores[0] - scores[1:])
    return replace(heatmap, faithfulness=float(falls[0] - falls[1:].mean()))


def _move_elsewhere(grid: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    down, right = (int(rng.integers(1, side)) for side in grid.shape)
    return np.roll(grid, (down, right), (0, 1))


def blur(crop: np.ndarray) -> np.ndarray:
    """Return an (S, S, 3) float32 crop without its traces: a Gaussian of S / 24 pixels."""
    return cv2.GaussianBlur(crop, (0, 0), crop.shape[0] / 24)


def blend(crop: np.ndarray, other: np.ndarray, shape: tuple[int, ...], picked: np.ndarray) -> np.ndarray:
    """Return a crop with some cells of a grid shown from another picture, softly at their rims.

    Args:
        crop: (S, S, 3) float32.
        other: the other picture, of the same shape.
        shape: of the grid.
        picked: flat indices of the cells shown from `other`.
    """
    mask = np.zeros(shape, np.float32)
    mask.flat[picked] = 1
    soft = cv2.resize(mask, crop.shape[1::-1], interpolation=cv2.INTER_LINEAR)[..., None]
    return crop * (1 - soft) + other * soft
