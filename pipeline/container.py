"""One container for all: every face crop, whatever it came from, goes through the same encoder.

Where the container differs between classes a network learns the container, not the edit. At training a random
container of one distribution is used for every class and source (`shaken`); at test a fixed one (`settled`).
"""

import cv2
import numpy as np

SETTLED_QUALITY = 90


def jpeg(rgb: np.ndarray, quality: int, full_chroma: bool = False) -> np.ndarray:
    """Encode (H, W, 3) uint8 RGB as JPEG and decode it again; chroma at half resolution unless `full_chroma`."""
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if full_chroma else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    return _recoded(rgb, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling])


def webp(rgb: np.ndarray, quality: int) -> np.ndarray:
    """Encode (H, W, 3) uint8 RGB as lossy WebP and decode it again."""
    return _recoded(rgb, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def _recoded(rgb: np.ndarray, suffix: str, flags: list[int]) -> np.ndarray:
    _, coded = cv2.imencode(suffix, rgb[..., ::-1], flags)
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None  # just encoded here
    return decoded[..., ::-1]


def settled(crop: np.ndarray) -> np.ndarray:
    """Return a crop, (S, S, 3) uint8 RGB, in the fixed container used at test and in the app: JPEG q90 4:2:0."""
    return jpeg(crop, SETTLED_QUALITY)


def shaken(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a crop, (S, S, 3) uint8 RGB, in a random container: shrunk and grown back, re-encoded once or twice."""
    side = crop.shape[0]
    if rng.random() < 0.4:
        small = max(48, int(side * rng.uniform(0.4, 0.95)))
        down = (cv2.INTER_AREA, cv2.INTER_LINEAR)[rng.integers(2)]
        up = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(2)]
        crop = cv2.resize(cv2.resize(crop, (small, small), interpolation=down), (side, side), interpolation=up)
    if rng.random() < 0.85:
        crop = jpeg(crop, int(rng.integers(45, 98)), bool(rng.random() < 0.3))
    elif rng.random() < 0.5:
        crop = webp(crop, int(rng.integers(45, 95)))
    return settled(crop) if rng.random() < 0.5 else crop
