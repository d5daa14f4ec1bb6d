"""`Face`: where a face is, its landmarks, and the square crop that the detectors see."""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from models.faces import blazeface, facemesh, retinaface
from models.faces.blazeface import Detection
from pipeline.photo import Photo

CROP_SCALE = 1.2
"""Side of the crop over the longer side of the landmarks' box."""

COARSE = 320
"""Longer side in pixels of the coarse search: beside a portrait, faces under a tenth of the picture may be missed."""

IMAGE_LEFT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
IMAGE_RIGHT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
LEFT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
RIGHT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
NOSE = (168, 193, 417, 122, 351, 114, 343, 217, 437, 126, 355, 129, 358, 98, 327, 64, 294, 2, 1, 4, 219, 439)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip

REGIONS: dict[str, tuple[int, ...]] = {
    "left eye": IMAGE_LEFT_EYE + LEFT_BROW,
    "right eye": IMAGE_RIGHT_EYE + RIGHT_BROW,
    "nose": NOSE,
    "mouth": LIPS,
}
"""The four parts that data sets label, by Face Mesh indices. Left and right are the picture's, not the person's."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a photo.

    Attributes:
        box: x0, y0, x1, y1 of the landmarks in photo pixels, clipped to the photo.
        landmarks: (468, 2) float32, x and y in photo pixels; they may lie outside the photo.
        window: x0, y0, x1, y1 of the crop's square in photo pixels; it may reach outside the photo.
        crop: (S, S, 3) uint8 RGB, the window resampled; reflected where it reaches outside.
        score: the mesh network's confidence that this is a face, in [0, 1].
    """

    box: tuple[float, float, float, float]
    landmarks: np.ndarray
    window: tuple[float, float, float, float]
    crop: np.ndarray
    score: float

    @property
    def size(self) -> float:
        """Longer side of the landmarks' box in photo pixels."""
        return float(np.ptp(self.landmarks, axis=0).max())


def window_of(landmarks: np.ndarray, scale: float = CROP_SCALE) -> tuple[float, float, float, float]:
    """Return the crop's square (x0, y0, x1, y1) around (N, 2) landmarks, in the landmarks' own pixels."""
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    centre, half = (low + high) / 2, float((high - low).max()) * scale / 2
    return (float(centre[0] - half), float(centre[1] - half), float(centre[0] + half), float(centre[1] + half))


def cut(rgb: np.ndarray, window: tuple[float, float, float, float], size: int) -> np.ndarray:
    """Resample a square window of (H, W, 3) uint8 to (size, size, 3) uint8, antialiased, reflecting at the border."""
    height, width = rgb.shape[:2]
    x0, y0 = int(np.floor(window[0])), int(np.floor(window[1]))
    x1, y1 = int(np.ceil(window[2])), int(np.ceil(window[3]))
    inner = rgb[max(y0, 0) : min(y1, height), max(x0, 0) : min(x1, width)]
    margins = (max(-y0, 0), max(y1 - height, 0), max(-x0, 0), max(x1 - width, 0))
    if any(margins):
        inner = cv2.copyMakeBorder(inner, *margins, cv2.BORDER_REFLECT_101)
    box = (window[0] - x0, window[1] - y0, window[2] - x0, window[3] - y0)
    return np.asarray(Image.fromarray(inner).resize((size, size), Image.Resampling.BICUBIC, box=box))


def in_crop(face: Face, side: int) -> np.ndarray:
    """Return a face's landmarks, (468, 2), in the pixels of its crop of `side` pixels."""
    x0, y0, x1, _ = face.window
    return (face.landmarks - (x0, y0)) * side / (x1 - x0)


def find_faces(photo: Photo, size: int = 256) -> list[Face]:
    """Find every face of a photo, largest first.

    Args:
        photo: the photo.
        size: side of each face's crop in pixels.
    """
    return faces_in(photo.rgb, size)


def faces_in(rgb: np.ndarray, size: int = 256) -> list[Face]:
    """Find the faces of (H, W, 3) uint8 RGB, largest first; see `find_faces`."""
    if min(rgb.shape[:2]) < 8:
        return []
    faces = [face for detection in _detections(rgb) if (face := _face(rgb, detection, size)) is not None]
    return sorted(faces, key=lambda face: -face.size)


def _detections(rgb: np.ndarray) -> list[Detection]:
    """Ask the fast finder, then the one for groups: coarsely beside one large face, in full where there may be more."""
    near = blazeface.find(rgb)
    if _one_portrait(near, rgb) and len(_joined(near, retinaface.find(rgb, longest=COARSE))) == 1:
        return near
    return _joined(near, retinaface.find(rgb))


def _one_portrait(detections: list[Detection], rgb: np.ndarray) -> bool:
    """Tell whether there is one large face, beside which a coarse search for others will do."""
    if len(detections) != 1:
        return False
    x0, y0, x1, y1 = detections[0].box
    return (x1 - x0) * (y1 - y0) > 0.08 * rgb.shape[0] * rgb.shape[1]


def _joined(near: list[Detection], far: list[Detection]) -> list[Detection]:
    """Keep the first finder's faces and add those of the second whose centre lies in none of them."""

    def inside(detection: Detection, other: Detection) -> bool:
        x0, y0, x1, y1 = other.box
        x, y = (detection.box[0] + detection.box[2]) / 2, (detection.box[1] + detection.box[3]) / 2
        return x0 < x < x1 and y0 < y < y1

    return near + [new for new in far if not any(inside(new, old) for old in near)]


def _face(rgb: np.ndarray, detection: Detection, size: int) -> Face | None:
    """Measure the mesh of a detection and cut its crop; None where the mesh network sees no face."""
    points, score = facemesh.landmarks(rgb, detection)
    window = window_of(points)
    if score < 0.5 or window[2] - window[0] < 8 or not _overlaps(window, rgb):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    box = (
        max(float(low[0]), 0.0),
        max(float(low[1]), 0.0),
        min(float(high[0]), float(rgb.shape[1])),
        min(float(high[1]), float(rgb.shape[0])),
    )
    return Face(box, points, window, cut(rgb, window, size), score)


def _overlaps(window: tuple[float, float, float, float], rgb: np.ndarray) -> bool:
    """Tell whether at least a quarter of a window lies in the picture."""
    height, width = rgb.shape[:2]
    wide = min(window[2], width) - max(window[0], 0)
    high = min(window[3], height) - max(window[1], 0)
    return wide > 0 and high > 0 and wide * high > 0.25 * (window[2] - window[0]) ** 2
