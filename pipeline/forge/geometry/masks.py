"""Soft masks of a face's parts, from its landmarks. All masks are (H, W) float32 in [0, 1]."""

from functools import reduce

import cv2
import numpy as np

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LEFT_BROW, LIPS, OVAL, REGIONS, RIGHT_BROW

INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
EYES = (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE)
BROWS = (LEFT_BROW, RIGHT_BROW)
NOSTRILS = ((98, 64, 240, 99, 60, 75), (327, 294, 460, 328, 290, 305))
CHEEKS = (50, 205, 280, 425)
SUBPIXEL_BITS = 8
"""Bits after the point in the coordinates that OpenCV draws with: 1/256 pixel."""


def eye_distance(landmarks: np.ndarray) -> float:
    """Return the distance between the eyes' centres, in the pixels of the (468, 2) landmarks."""
    left, right = (landmarks[list(eye)].mean(axis=0) for eye in EYES)
    return float(np.hypot(*(right - left)))


def disc(radius: float) -> np.ndarray:
    """Return a round structuring element; radius in pixels."""
    side = 2 * max(0, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def polygon(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Fill a closed outline of (N, 2) points in pixels, antialiased."""
    return _fill(points, shape).astype(np.float32) / 255


def hull(points: np.ndarray, shape: tuple[int, ...], grow: float = 0) -> np.ndarray:
    """Fill the convex hull of (N, 2) points in pixels, grown (or, below 0, shrunk) by `grow` pixels."""
    mask = _fill(cv2.convexHull(points.astype(np.float32))[:, 0], shape)
    if round(abs(grow)) > 0:
        mask = (cv2.dilate if grow > 0 else cv2.erode)(mask, disc(abs(grow)))
    return mask.astype(np.float32) / 255


def _fill(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Fill an outline with 255 on (H, W) uint8 zeros."""
    canvas = np.zeros(shape[:2], np.uint8)
    fixed = np.round(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(canvas, [fixed], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas


def feather(mask: np.ndarray, width: float) -> np.ndarray:
    """Soften a mask inwards over about `width` pixels: it never becomes larger."""
    width = min(width, 0.5 * float(np.sqrt(mask.sum() / np.pi)))
    if width < 0.5:
        return mask
    inner = cv2.erode(mask, disc(width))
    return np.where(mask > 0, cv2.GaussianBlur(inner, (0, 0), width / 2), 0).astype(np.float32)


def soften(mask: np.ndarray, sigma: float) -> np.ndarray:
    """Blur a mask both ways; sigma in pixels."""
    return cv2.GaussianBlur(mask, (0, 0), max(sigma, 0.3))


def region(name: str, landmarks: np.ndarray, shape: tuple[int, ...], grow: float = 0) -> np.ndarray:
    """Return the hull of one of `pipeline.face.REGIONS`, grown by `grow` pixels."""
    return hull(landmarks[list(REGIONS[name])], shape, grow)


def oval(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the face's oval: chin to hairline, ear to ear."""
    return polygon(landmarks[list(OVAL)], shape)


def features(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return what is not skin within the oval: eyes, brows, lips and nostrils, with a small margin."""
    unit = eye_distance(landmarks)
    margins = [(eye, 0.07) for eye in EYES] + [(brow, 0.05) for brow in BROWS] + [(LIPS, 0.05)]
    parts = [hull(landmarks[list(points)], shape, margin * unit) for points, margin in margins]
    parts += [hull(landmarks[list(points)], shape, 0.01 * unit) for points in NOSTRILS]
    return reduce(np.maximum, parts)


def tight_features(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return eyes to their rims, lips and nostrils: what keeps its colour where the skin around it changes its own.

    The brows' hair is not among it, and there is no margin: one would leave a pale band.
    """
    unit = eye_distance(landmarks)
    parts = [hull(landmarks[list(eye)], shape, 0.02 * unit) for eye in EYES] + [hull(landmarks[list(LIPS)], shape)]
    parts += [hull(landmarks[list(nostril)], shape) for nostril in NOSTRILS]
    return reduce(np.maximum, parts)


def skin(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return the bare skin within the oval, told by place and by likeness to the cheeks' colour.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        landmarks: (468, 2) in its pixels.
    """
    unit = eye_distance(landmarks)
    place = oval(landmarks, rgb.shape) * (1 - features(landmarks, rgb.shape))
    like = skin_likeness(rgb, landmarks)
    return feather(soften(place * like, 0.02 * unit) * (place > 0), 0.06 * unit)


def skin_likeness(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return how like the cheeks' colour each pixel is, wherever it lies: hair, beards and frames are near 0."""
    unit = eye_distance(landmarks)
    small = cv2.GaussianBlur(rgb, (0, 0), max(0.03 * unit, 0.5)).astype(np.float32) / 255
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    cheeks = cheek_pixels(lab, landmarks)
    spread = np.maximum(cheeks.std(axis=0), (12, 5, 5)).astype(np.float32)
    return colour_likeness(lab, np.median(cheeks, axis=0), spread)


def colour_likeness(lab: np.ndarray, colour: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return how like a (3,) colour each pixel of (H, W, 3) LAB is: 1 within two spreads, 0 from six on."""
    apart = (lab - colour) / spread
    far = np.sqrt(np.einsum("ijk,ijk->ij", apart, apart))
    return np.clip(1.5 - far / 4, 0, 1).astype(np.float32)


def bare_share(rgb: np.ndarray, landmarks: np.ndarray, mask: np.ndarray) -> float:
    """Return the share of a mask, eyes, brows, lips and nostrils apart, that looks like skin: low under hair."""
    place = mask * (1 - features(landmarks, mask.shape))
    total = float(place.sum())
    return float((skin_likeness(rgb, landmarks) * place).sum()) / total if total > 0 else 0.0


def cheek_pixels(picture: np.ndarray, landmarks: np.ndarray, places: tuple[int, ...] = CHEEKS) -> np.ndarray:
    """Return the (N, C) pixels of small squares on both cheeks, or at other landmarks, of an (H, W, C) picture."""
    height, width = picture.shape[:2]
    half = max(1, round(0.1 * eye_distance(landmarks)))
    squares = []
    for x, y in landmarks[list(places)]:
        column, row = int(np.clip(x, 0, width - 1)), int(np.clip(y, 0, height - 1))
        square = picture[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1]
        squares.append(square.reshape(-1, picture.shape[2]))
    return np.concatenate(squares)


def covered_regions(mask: np.ndarray, landmarks: np.ndarray, least: float = 0.25) -> tuple[bool, bool, bool, bool]:
    """Tell for each of the four regions whether the mask covers at least the share `least` of its hull."""
    parts = [region(name, landmarks, mask.shape) for name in REGIONS]
    bits = [bool((mask * part).sum() > least * max(float(part.sum()), 1.0)) for part in parts]
    return (bits[0], bits[1], bits[2], bits[3])
