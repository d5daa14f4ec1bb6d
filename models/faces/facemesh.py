"""Face Mesh: 468 landmarks of one face (Kartynnik et al., 2019, arXiv 1907.06724; MediaPipe's file)."""

import cv2
import numpy as np

from models.faces.blazeface import Detection
from models.faces.runtime import tflite
from models.faces.shrinking import average

SIZE = 192
FILE = "face_mesh.tflite"
ROI_SCALE = 1.5


def _to_photo(detection: Detection) -> np.ndarray:
    """Return the (2, 3) affine map from network pixels to photo pixels: a square turned level with the eyes."""
    x0, y0, x1, y1 = detection.box
    side = max(x1 - x0, y1 - y0) * ROI_SCALE
    dx, dy = detection.eyes[1] - detection.eyes[0]
    angle = np.arctan2(dy, dx)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * side / SIZE
    centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    return np.column_stack([turn, centre - turn @ np.array([SIZE / 2, SIZE / 2])])


def _patch(rgb: np.ndarray, to_photo: np.ndarray) -> np.ndarray:
    """Sample the turned square; a much larger face is averaged down first, for bilinear sampling would alias."""
    corners = to_photo @ np.array([[0, SIZE, 0, SIZE], [0, 0, SIZE, SIZE], [1, 1, 1, 1]])
    low = np.clip(np.floor(corners.min(axis=1)).astype(int), 0, (rgb.shape[1] - 1, rgb.shape[0] - 1))
    high = np.ceil(corners.max(axis=1)).astype(int) + 1
    step = max(1, min(int(np.hypot(*to_photo[:, 0])), *(high - low)))
    around = average(rgb[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)], step)
    within = to_photo.copy()
    within[:, 2] -= low
    within = within / step
    within[:, 2] += 0.5 / step - 0.5  # a pixel's number is that of its centre
    return cv2.warpAffine(around, within, (SIZE, SIZE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def landmarks(rgb: np.ndarray, detection: Detection) -> tuple[np.ndarray, float]:
    """Locate the mesh of one detected face.

    Args:
        rgb: (H, W, 3) uint8.
        detection: where the face is, from a finder.

    Returns:
        (468, 2) float32 points in photo pixels, and the network's confidence in [0, 1] that this is a face.
    """
    to_photo = _to_photo(detection)
    patch = _patch(rgb, to_photo)
    outputs = tflite(FILE)(patch[None].astype(np.float32) / 255)
    mesh = next(output for output in outputs if output.size == 1404).reshape(468, 3)[:, :2]
    flag = next(output for output in outputs if output.size == 1).item()
    points = mesh @ to_photo[:, :2].T + to_photo[:, 2]
    return points.astype(np.float32), float(1 / (1 + np.exp(-flag)))
