"""One container for all: every face crop, whatever it came from, goes through the same encoder.

Where the container differs between classes a network learns the container, not the edit. At training a random
container of one distribution is used for every class and source (`shake`); at test a fixed one (`settle`). How a
release stands what photos go through on their way is told on named, fixed containers (`TIERS`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import cv2
import numpy as np

SETTLED_QUALITY = 90
LEAST_SIDE = 48
"""Crops are not shrunk below so many pixels: nothing of a face would be left to learn from."""
PLATFORM_SIDE = 1080
"""Long side to which social media commonly shrink a photo."""

Container = Callable[[np.ndarray], np.ndarray]

GENTLY_CODED, GENTLE_QUALITY = 0.5, (80, 98)
"""Of what `shake` treats gently: the share that is a JPEG of high quality before, and its lowest and highest one."""
ONLINE, SETTLED = 0.25, 0.5
"""Of the others: the share that goes through a social medium, and the share that ends in the fixed container."""
SHRUNK, SHRUNK_TO = 0.4, (0.4, 0.95)
"""Of what no social medium passed on: the share that is shrunk and grown back, and to which size."""
AS_JPEG, QUALITY, FULL_CHROMA = 0.85, (45, 97), 0.3
"""The same, then: the share of JPEG, its quality, and the share of that with chroma at full resolution."""
AS_WEBP, WEBP_QUALITY = 0.5, (45, 94)
"""Of what is no JPEG then."""
ONLINE_SIZES, SHARPENED = (0.5, 0.85), 0.5
"""Smallest sizes of what a social medium passes on a first and a second time, and how much it sharpens at most."""
ONLINE_QUALITY, ONLINE_WEBP = (70, 85), 0.15
"""The quality of its pictures, and the share of WebP among them."""


def jpeg(rgb: np.ndarray, quality: int, full_chroma: bool = False) -> np.ndarray:
    """Encode (H, W, 3) uint8 RGB as JPEG and decode it again; chroma at half resolution unless `full_chroma`."""
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if full_chroma else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    return _recode(rgb, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling])


def webp(rgb: np.ndarray, quality: int) -> np.ndarray:
    """Encode (H, W, 3) uint8 RGB as lossy WebP and decode it again."""
    return _recode(rgb, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def _recode(rgb: np.ndarray, suffix: str, flags: list[int]) -> np.ndarray:
    _, coded = cv2.imencode(suffix, rgb[..., ::-1], flags)
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None  # just encoded here
    return decoded[..., ::-1]


def settle(crop: np.ndarray) -> np.ndarray:
    """Return a crop, (S, S, 3) uint8 RGB, in the fixed container used at test and in the app: JPEG q90 4:2:0."""
    return jpeg(crop, SETTLED_QUALITY)


def shrink(rgb: np.ndarray, factor: float, how: int = cv2.INTER_AREA) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB at `factor` of its size, at least `LEAST_SIDE` but never larger than it was."""
    height, width = (max(min(LEAST_SIDE, side), int(side * factor)) for side in rgb.shape[:2])
    return cv2.resize(rgb, (width, height), interpolation=how)


def grow_back(rgb: np.ndarray, like: np.ndarray, how: int = cv2.INTER_CUBIC) -> np.ndarray:
    """Return uint8 RGB resized to the height and the width of `like`."""
    return cv2.resize(rgb, (like.shape[1], like.shape[0]), interpolation=how)


def sharpen(rgb: np.ndarray, amount: float) -> np.ndarray:
    """Return (H, W, 3) uint8 RGB with an unsharp mask of one pixel, as platforms apply after shrinking."""
    return cv2.addWeighted(rgb, 1 + amount, cv2.GaussianBlur(rgb, (0, 0), 1.0), -amount, 0)


def shake(crop: np.ndarray, rng: np.random.Generator, gentle: float = 0.0) -> np.ndarray:
    """Return a crop, (S, S, 3) uint8 RGB, in a random container.

    The share `gentle` goes through the fixed container, at most after one JPEG of high quality: the finest traces of
    an edit are only to be learnt there. A quarter of the others go through a social medium, see `share_online`. Of the
    rest some are shrunk and grown back, and most are re-encoded. Half of all these end in the fixed container. What is
    drawn does not depend on the picture, so every class and source meets the same distribution.
    """
    if gentle and rng.random() < gentle:
        return settle(jpeg(crop, _drawn(rng, GENTLE_QUALITY)) if rng.random() < GENTLY_CODED else crop)
    crop = share_online(crop, rng) if rng.random() < ONLINE else _handle(crop, rng)
    return settle(crop) if rng.random() < SETTLED else crop


def _drawn(rng: np.random.Generator, span: tuple[int, int]) -> int:
    return int(rng.integers(span[0], span[1] + 1))


def _handle(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shrink (H, W, 3) uint8 RGB and grow it back, or not; re-encode it as JPEG or WebP, or not."""
    if rng.random() < SHRUNK:
        factor = rng.uniform(*SHRUNK_TO)
        down = (cv2.INTER_AREA, cv2.INTER_LINEAR)[rng.integers(2)]
        up = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(2)]
        crop = grow_back(shrink(crop, factor, down), crop, up)
    if rng.random() < AS_JPEG:
        return jpeg(crop, _drawn(rng, QUALITY), bool(rng.random() < FULL_CHROMA))
    return webp(crop, _drawn(rng, WEBP_QUALITY)) if rng.random() < AS_WEBP else crop


def share_online(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a crop as a social medium would hand it on: (S, S, 3) uint8 RGB at its own size.

    How far the photo around it is shrunk depends on that photo's size, so for a crop it is drawn; then come a slight
    sharpening and JPEG at quality 70 to 85, 4:2:0, or sometimes WebP; three in ten are passed on a second
    time, by then hardly shrunk.
    """
    small = crop
    for least in ONLINE_SIZES[: 1 + int(rng.random() < 0.3)]:
        small = shrink(small, rng.uniform(least, 1.0))
        small = sharpen(small, rng.uniform(0.0, SHARPENED))
        quality, as_webp = _drawn(rng, ONLINE_QUALITY), rng.random() < ONLINE_WEBP
        small = webp(small, quality) if as_webp else jpeg(small, quality)
    return grow_back(small, crop)


def _clean(rgb: np.ndarray) -> np.ndarray:
    return rgb.copy()


def _half_size(rgb: np.ndarray) -> np.ndarray:
    return grow_back(shrink(rgb, 0.5), rgb)


def _social(rgb: np.ndarray) -> np.ndarray:
    """Pass on twice: to the platform's long side, or three quarters where that is smaller; then once more as it is."""
    factor = min(PLATFORM_SIDE / max(rgb.shape[:2]), 0.75)
    small = jpeg(sharpen(shrink(rgb, factor), 0.25), 80)
    return grow_back(jpeg(small, 75), rgb)


def _screenshot(rgb: np.ndarray) -> np.ndarray:
    """Show at a scale that is no whole fraction. The screenshot's PNG loses nothing and is left out."""
    return grow_back(shrink(rgb, 0.73, cv2.INTER_LINEAR), rgb, cv2.INTER_LINEAR)


TIERS: Mapping[str, Container] = MappingProxyType(
    {
        "clean": _clean,
        "jpeg70": partial(jpeg, quality=70),
        "jpeg50": partial(jpeg, quality=50),
        "webp60": partial(webp, quality=60),
        "half size": _half_size,
        "social": _social,
        "screenshot": _screenshot,
    }
)
"""The containers in which robustness is told: (H, W, 3) uint8 RGB, a whole photo or a crop, to the same shape.

Deterministic. The size is kept, grown back where need be, so that boxes, landmarks and masks still fit. "clean" is the
photo as it came.
"""


def pixels_of(crops: Sequence[np.ndarray]) -> np.ndarray:
    """Return crops as networks take them: in the fixed container, as (B, 3, S, S) float32 in [0, 1]. The one door.

    Args:
        crops: each (S, S, 3) uint8 RGB.
    """
    if not crops:
        return np.empty((0, 3, 1, 1), np.float32)
    stacked = np.stack([settle(crop) for crop in crops]).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(stacked, np.float32) / 255


def crop_of_pixels(pixels: np.ndarray) -> np.ndarray:
    """Return one crop of `pixels_of`, (3, S, S), as (S, S, 3) uint8 RGB again."""
    return np.rint(pixels.transpose(1, 2, 0) * 255).astype(np.uint8)
