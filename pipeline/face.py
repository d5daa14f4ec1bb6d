"""`Face`: where a face is, its landmarks, and the square crop that the detectors see."""

from dataclasses import dataclass, replace
from typing import Literal, Self

import cv2
import numpy as np
from PIL import Image

CROP_SCALE = 1.2
"""Side of the crop over the longer side of the landmarks' box."""

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


Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

Turn = Literal[0, 90, 180, 270]
"""Degrees, counter-clockwise."""

TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a photo.

    Attributes:
        box: x0, y0, x1, y1 of the landmarks in photo pixels, clipped to the photo.
        landmarks: (468, 2) float32, x and y in photo pixels; they may lie outside the photo.
        window: x0, y0, x1, y1 of the crop's square in photo pixels; it may reach outside the photo.
        crop: (S, S, 3) uint8 RGB, the window resampled, the face upright; reflected where it reaches outside.
        score: the mesh network's confidence that this is a face, in [0, 1].
        turn: degrees by which the photo is turned counter-clockwise for this face to stand upright, as in `crop`;
            box, landmarks and window stay in the photo's own frame.
        marked: whether an analyst marked it by hand.
    """

    box: Box
    landmarks: np.ndarray
    window: Box
    crop: np.ndarray
    score: float
    turn: Turn = 0
    marked: bool = False

    @property
    def size(self) -> float:
        """Longer side of the landmarks' box in photo pixels."""
        return float(np.ptp(self.landmarks, axis=0).max())

    @property
    def place(self) -> tuple[float, ...]:
        """What tells this face from any other of the same photo: its window and its turn."""
        return (*self.window, self.turn)

    def turned_back(self, turn: Turn, width: int, height: int) -> Self:
        """Return this face of a photo that was turned by `turn`, in the frame of the photo before, of width × height.

        The crop stays upright.
        """
        box, window = (box_before(each, turn, width, height) for each in (self.box, self.window))
        points = points_before(self.landmarks, turn, width, height).astype(np.float32)
        return replace(self, box=box, window=window, landmarks=points, turn=turn)


def turn_by(rgb: np.ndarray, turn: Turn) -> np.ndarray:
    """Return (H, W, 3) turned counter-clockwise."""
    return np.ascontiguousarray(np.rot90(rgb, turn // 90)) if turn else rgb


def opposite(turn: Turn) -> Turn:
    """Return the turn that takes a turn back."""
    return TURNS[-(turn // 90) % 4]


def points_before(points: np.ndarray, turn: Turn, width: int, height: int) -> np.ndarray:
    """Return where (N, 2) points of a picture turned by `turn` lay before, in the picture of width × height."""
    x, y = points[:, 0], points[:, 1]
    before = {0: (x, y), 90: (width - y, x), 180: (width - x, height - y), 270: (y, height - x)}[turn]
    return np.stack(before, axis=1)


def box_before(box: Box, turn: Turn, width: int, height: int) -> Box:
    """Return where a box of a picture turned by `turn` lay before, see `points_before`."""
    corners = points_before(np.array(box, np.float64).reshape(2, 2), turn, width, height)
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return (x0, y0, x1, y1)


def window_of(landmarks: np.ndarray, scale: float = CROP_SCALE) -> Box:
    """Return the crop's square around (N, 2) landmarks, in their own pixels."""
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    centre, half = (low + high) / 2, float((high - low).max()) * scale / 2
    return (float(centre[0] - half), float(centre[1] - half), float(centre[0] + half), float(centre[1] + half))


def cut(rgb: np.ndarray, window: Box, size: int) -> np.ndarray:
    """Resample a square window of uint8 RGB to (size, size, 3). It is antialiased, and reflected at the border."""
    height, width = rgb.shape[:2]
    x0, y0 = int(np.floor(window[0])), int(np.floor(window[1]))
    x1, y1 = int(np.ceil(window[2])), int(np.ceil(window[3]))
    inner = rgb[max(y0, 0) : min(y1, height), max(x0, 0) : min(x1, width)]
    margins = (max(-y0, 0), max(y1 - height, 0), max(-x0, 0), max(x1 - width, 0))
    if any(margins):
        inner = cv2.copyMakeBorder(inner, *margins, cv2.BORDER_REFLECT_101)
    box = (window[0] - x0, window[1] - y0, window[2] - x0, window[3] - y0)
    return np.asarray(Image.fromarray(inner).resize((size, size), Image.Resampling.BICUBIC, box=box))


def crop_of(rgb: np.ndarray, window: Box, turn: Turn, size: int) -> np.ndarray:
    """Return the upright crop of a window in the frame of a photo, (size, size, 3) uint8."""
    upright = turn_by(rgb, turn)
    return cut(upright, box_before(window, opposite(turn), upright.shape[1], upright.shape[0]), size)


def in_crop(face: Face, side: int) -> np.ndarray:
    """Return a face's landmarks, (468, 2), in the pixels of its upright crop of `side` pixels."""
    x0, y0, x1, _ = face.window
    within = (face.landmarks - (x0, y0)) * side / (x1 - x0)
    return points_before(within, opposite(face.turn), side, side)
