"""Small pictures that differ, and folders of them."""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def scene(seed: int, size: int = 96) -> np.ndarray:
    """Return smooth blobs, (size, size, 3) uint8: no two seeds are alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 7, 3)).astype(np.uint8)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


def jpeg(rgb: np.ndarray, quality: int = 90, subsampling: int = 2) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()


def written(path: Path, rgb: np.ndarray, quality: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg(rgb, quality))
    return path


def collection(root: Path, counts: dict[str, int], first: int = 0) -> Path:
    """Write a folder with one subfolder a class."""
    number = first
    for label, count in counts.items():
        for _ in range(count):
            written(root / label / f"{number:05}.jpg", scene(number))
            number += 1
    return root
