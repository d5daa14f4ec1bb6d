"""BlazeFace, short range: the fast face finder (Bazarevsky et al., 2019, arXiv 1907.05047; MediaPipe's file).

Input 128 px letterboxed, 896 anchors. Good for faces of at least a tenth of the picture; small ones are missed.
"""

from dataclasses import dataclass

import numpy as np

from models.faces.runtime import tflite
from models.faces.shrinking import shrink

SIZE = 128
FILE = "blazeface_short_range.tflite"


@dataclass(frozen=True)
class Detection:
    """A face that a finder saw.

    Attributes:
        box: left, top, right and bottom in pixels.
        eyes: (2, 2) float, a point each: the eye on the picture's left, then the other.
        score: the finder's confidence in [0, 1].
    """

    box: tuple[float, float, float, float]
    eyes: np.ndarray
    score: float


def _anchors() -> np.ndarray:
    """Return the (896, 2) anchor centres in [0, 1]: two a cell at stride 8, six a cell at stride 16."""
    grids = []
    for cells, repeats in ((16, 2), (8, 6)):
        centre = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(centre, centre), axis=-1).reshape(-1, 2)
        grids.append(np.repeat(grid, repeats, axis=0))
    return np.concatenate(grids).astype(np.float32)


ANCHORS = _anchors()


def letterbox(rgb: np.ndarray, size: int) -> tuple[np.ndarray, float, float, float]:
    """Fit (H, W, 3) uint8 into a black square; return it with the scale and the x and y offsets."""
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    inner = shrink(rgb, max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.zeros((size, size, 3), np.uint8)
    top, left = (size - inner.shape[0]) // 2, (size - inner.shape[1]) // 2
    canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return canvas, scale, left, top


def merge(boxes: np.ndarray, scores: np.ndarray, overlap: float) -> list[tuple[np.ndarray, float]]:
    """Weighted non-maximum suppression: overlapping rows are averaged by score, as MediaPipe does.

    Args:
        boxes: N rows of floats, of which the first four are a box.
        scores: one a row.
        overlap: intersection over union from which two rows are the same face.
    """
    kept = []
    order = np.argsort(-scores)
    while len(order):
        best, rest = boxes[order[0]], boxes[order]
        low, high = np.maximum(best[:2], rest[:, :2]), np.minimum(best[2:4], rest[:, 2:4])
        inter = np.prod(np.clip(high - low, 0, None), axis=1)
        areas = np.prod(rest[:, 2:4] - rest[:, :2], axis=1)
        same = inter / (areas + areas[0] - inter + 1e-9) > overlap
        same[0] = True
        group = order[same]
        kept.append((np.average(boxes[group], axis=0, weights=scores[group]), float(scores[group].max())))
        order = order[~same]
    return kept


def find(rgb: np.ndarray, min_score: float = 0.5) -> list[Detection]:
    """Find faces in (H, W, 3) uint8 RGB; boxes and eyes come back in the picture's own pixels."""
    canvas, scale, left, top = letterbox(rgb, SIZE)
    raw, logits = tflite(FILE)((canvas[None].astype(np.float32) / 127.5) - 1)
    scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -80, 80)))
    keep = scores > min_score
    if not keep.any():
        return []
    points = raw[0][keep].reshape(-1, 8, 2) / SIZE
    anchors = ANCHORS[keep][:, None]
    centre, half = points[:, :1] + anchors, points[:, 1:2] / 2
    rows = np.concatenate([centre - half, centre + half, points[:, 2:] + anchors], axis=1)
    rows = (rows * SIZE - (left, top)) / scale
    merged = merge(rows.reshape(len(rows), -1), scores[keep], overlap=0.3)
    return [Detection((row[0], row[1], row[2], row[3]), row[4:8].reshape(2, 2), score) for row, score in merged]
