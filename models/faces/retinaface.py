"""A small RetinaFace for groups and small faces (Deng et al., CVPR 2020, arXiv 1905.00641; MobileNet-0.25, MIT).

Slower than BlazeFace, but it sees faces of a few dozen pixels. Decoding follows the paper's SSD priors.
"""

import math
from functools import lru_cache

import cv2
import numpy as np

from models.faces.blazeface import Detection, merge
from models.faces.runtime import onnx
from models.faces.shrinking import shrink

FILE = "retinaface_mobilenet025.onnx"
STRIDES = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
MEAN_RGB = (123, 117, 104)


@lru_cache(maxsize=8)
def _priors(width: int, height: int) -> np.ndarray:
    """Return the (N, 4) priors as centre x, centre y, width, height in pixels."""
    rows = []
    for stride, sizes in STRIDES:
        xs = (np.arange(math.ceil(width / stride)) + 0.5) * stride
        ys = (np.arange(math.ceil(height / stride)) + 0.5) * stride
        centres = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 1, 2)
        shapes = np.repeat(np.array(sizes, float)[None, :, None], 2, axis=2)
        both = np.broadcast_arrays(centres, shapes)
        rows.append(np.concatenate(both, axis=2).reshape(-1, 4))
    return np.concatenate(rows).astype(np.float32)


def find(rgb: np.ndarray, min_score: float = 0.8, longest: int = 1280) -> list[Detection]:
    """Find faces in (H, W, 3) uint8 RGB, shrunk so that its longer side is at most `longest` pixels."""
    scale = min(1.0, longest / max(rgb.shape[:2]))
    width, height = (max(1, round(side * scale)) for side in rgb.shape[1::-1])
    small = shrink(rgb, width, height) if scale < 1 else rgb
    tensor = cv2.dnn.blobFromImage(small, mean=MEAN_RGB, swapRB=True)
    boxes, scores, points = (output[0] for output in onnx(FILE).run(None, {"input": tensor}))
    keep = scores[:, 1] > min_score
    if not keep.any():
        return []
    priors = _priors(width, height)[keep]
    centre = priors[:, :2] + boxes[keep][:, :2] * 0.1 * priors[:, 2:]
    half = priors[:, 2:] * np.exp(boxes[keep][:, 2:] * 0.2) / 2
    marks = priors[:, None, :2] + points[keep].reshape(-1, 5, 2) * 0.1 * priors[:, None, 2:]
    rows = np.concatenate([centre - half, centre + half, marks.reshape(len(marks), -1)], axis=1) / scale
    merged = merge(rows, scores[keep, 1], overlap=0.4)
    return [Detection((row[0], row[1], row[2], row[3]), row[4:8].reshape(2, 2), score) for row, score in merged]
