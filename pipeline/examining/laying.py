"""Where a (3, 3) matrix takes points and pictures. Centres of pixels lie at whole numbers."""

import cv2
import numpy as np

MARGIN = 8
"""Pixels around what is shown of a picture, for what is smoothed or interpolated at its edge."""


def scaling(x: float, y: float) -> np.ndarray:
    """Return the (3, 3) matrix by which a resize of these factors moves the centres of pixels."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)


def transform(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return where a (3, 3) matrix takes (N, 2) points, float64."""
    return cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), matrix)[:, 0]


def corners(width: float, height: float) -> np.ndarray:
    """Return the (4, 2) outer corners of a picture, from the left top one clockwise."""
    right, bottom = width - 0.5, height - 0.5
    return np.array([(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)])


def scale_at_middle(matrix: np.ndarray, width: float, height: float) -> float:
    """Return by how much a (3, 3) matrix enlarges lengths where it lands in the middle of a picture."""
    back = np.linalg.inv(matrix)
    depth = float((back @ ((width - 1) / 2, (height - 1) / 2, 1))[2])
    return float(np.sqrt(abs(depth**3 / np.linalg.det(back))))


def thin(picture: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Shrink a picture, antialiased, that has more pixels than a canvas that it is to be laid on.

    Args:
        picture: (h, w) or (h, w, 3).
        matrix: (3, 3), from its pixels to those of the canvas.
        shape: of the canvas.

    Returns:
        The picture, and the matrix that fits it.
    """
    factor = scale_at_middle(matrix, shape[1], shape[0])
    if factor > 0.8:
        return picture, matrix
    height, width = picture.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small, matrix @ np.linalg.inv(scaling(size[0] / width, size[1] / height))


def needed_part(picture: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Cut a picture to what of it a canvas shows, with a margin: OpenCV lays no side of 32 768 pixels or more.

    Args:
        picture: (h, w) or (h, w, 3).
        matrix: (3, 3), from its pixels to those of the canvas.
        shape: of the canvas.

    Returns:
        The part, and the matrix that fits it; the picture itself where the canvas shows none of it.
    """
    outline = transform(corners(shape[1], shape[0]), np.linalg.inv(matrix))
    left, top = np.maximum(np.floor(outline.min(axis=0)).astype(int) - MARGIN, 0)
    right, bottom = np.ceil(outline.max(axis=0)).astype(int) + MARGIN
    part = picture[top : max(top, bottom), left : max(left, right)]
    if not part.size:
        return picture, matrix
    return part, matrix @ np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)


def resize_map(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a map at another size, (height, width) float32; NaN where most of what is there is NaN.

    Args:
        values: (h, w) float32, NaN where nothing is known.
        height, width: in pixels.
    """
    if values.shape == (height, width):
        return values
    blank = np.isnan(values)
    way = cv2.INTER_AREA if height * width < values.size else cv2.INTER_LINEAR
    total = cv2.resize(np.where(blank, 0, values).astype(np.float32), (width, height), interpolation=way)
    weight = cv2.resize((~blank).astype(np.float32), (width, height), interpolation=way)
    return np.where(weight > 0.5, total / np.maximum(weight, 0.5), np.nan).astype(np.float32)
