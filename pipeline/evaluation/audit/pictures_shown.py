"""The pictures that a network is shown: a photo or a crop, whole or with the face blanked: (256, 256, 3) uint8 RGB."""

from pathlib import Path

import cv2
import numpy as np

from pipeline.crops.crops import INPUT_SIDE, MARGIN, Crops
from pipeline.errors import TriageError
from pipeline.examining.find_faces import faces_in
from pipeline.forge.geometry.masks import hull
from pipeline.photo import Photo

GREY = 128
GROWN = 0.10
"""How far beyond the landmarks' hull a face is blanked, as a share of the face's size: no blended border may show."""


class Views:
    """The pictures of a store's rows, by row number; None where a photo's file is gone, changed or unreadable."""

    def __init__(self, crops: Crops) -> None:
        self._crops = crops
        self._path, self._sha256 = crops.table.path.to_dict(), crops.table.sha256.to_dict()

    def photo(self, row: int) -> np.ndarray | None:
        """Return the photo itself, fitted into the square."""
        rgb = self._read(row)
        return None if rgb is None else letterbox(rgb)

    def photo_without_face(self, row: int) -> np.ndarray | None:
        """Return the fitted photo, its largest face blanked; None also where none is found again.

        The face is looked for in the small picture: within two pixels of where it is in the large one, and faster.
        """
        fitted = self.photo(row)
        faces = [] if fitted is None else faces_in(fitted)
        return blank_face(fitted, faces[0].landmarks) if fitted is not None and faces else None

    def crop(self, row: int) -> np.ndarray:
        """Return the face crop as it was decoded: same scale for all, container not equalised."""
        return self._crops.crop(row)

    def in_container(self, row: int) -> np.ndarray:
        """Return the face crop in the fixed container: what a detector sees."""
        return self._crops.in_container(row)

    def small(self, row: int) -> np.ndarray:
        """Return what a detector sees at half the size, (128, 128, 3): enough to know a twin by, and faster."""
        return cv2.resize(self.in_container(row), (INPUT_SIDE // 2, INPUT_SIDE // 2), interpolation=cv2.INTER_AREA)

    def in_container_without_face(self, row: int) -> np.ndarray:
        """Return what a detector sees, the face blanked."""
        return blank_face(self.in_container(row), self._crops.landmarks[row] - MARGIN)

    def _read(self, row: int) -> np.ndarray | None:
        try:
            photo = Photo.read(Path(self._path[row]).read_bytes())
        except (OSError, TriageError):
            return None
        return photo.rgb if photo.sha256 == self._sha256[row] else None


def letterbox(rgb: np.ndarray) -> np.ndarray:
    """Shrink or grow (H, W, 3) uint8 to fit the square, centred on grey."""
    height, width = rgb.shape[:2]
    scale = INPUT_SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    fitted = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    square = np.full((INPUT_SIDE, INPUT_SIDE, 3), GREY, np.uint8)
    x, y = (INPUT_SIDE - size[0]) // 2, (INPUT_SIDE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = fitted
    return square


def blank_face(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return a picture, (H, W, 3) uint8, with the landmarks' hull grown and filled with grey.

    Args:
        rgb: the picture.
        landmarks: (N, 2), in its pixels.
    """
    grown = GROWN * float(np.ptp(landmarks, axis=0).max())
    face = hull(landmarks, rgb.shape, grown) > 0
    return np.where(face[..., None], np.uint8(GREY), rgb)
