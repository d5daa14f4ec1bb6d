"""Match the tone and the sharpness of two pictures that lie on one another, without minding where they differ."""

import cv2
import numpy as np

SAMPLE = 60_000
"""Pixels that a match is made from, spread evenly."""
DARKEST, LIGHTEST = 3, 252
"""Grey levels beyond which a channel was cut off and tells nothing of its tone."""
ROUNDS = 6
FAR = 2.5
"""Robust standard deviations beyond which a pixel is left out of the next round."""
LARGEST_GAIN = 4.0
BLURS = (0.4, 0.6, 0.8, 1.1, 1.5, 2.0, 3.0)
"""Gaussians in pixels that are tried on either picture."""
WORTH = 0.97
"""A blur is kept where it leaves at most so much of the difference."""


def match_tone(
    here: np.ndarray, laid: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, tuple[float, ...], tuple[float, ...]]:
    """Match a picture to another by a gain and an offset a channel, least squares trimmed in rounds.

    Args:
        here: (h, w, 3) float32, 0–255: what is matched to.
        laid: (h, w, 3) float32, 0–255, likewise aligned.
        free: (h, w) bool: where the two are held the same.

    Returns:
        `laid` in the other's tone, and its three gains and offsets: gain · value + offset.
    """
    fits = [_fit_tone(*_spread(free, here[..., channel], laid[..., channel])) for channel in range(3)]
    gains, offsets = (tuple(fit[part] for fit in fits) for part in (0, 1))
    matched = laid * np.array(gains, np.float32) + np.array(offsets, np.float32)
    return np.clip(matched, 0, 255), gains, offsets


def _spread(free: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
    """Return the values of each part where `free`, every so manyth, (K,) float64."""
    step = max(1, int(free.sum()) // SAMPLE)
    return [part[free][::step].astype(np.float64) for part in parts]


def _fit_tone(wanted: np.ndarray, given: np.ndarray) -> tuple[float, float]:
    """Return gain and offset that take (K,) values to others; 1 and 0 where nothing sound does."""
    keep = (np.minimum(wanted, given) >= DARKEST) & (np.maximum(wanted, given) <= LIGHTEST)
    wanted, given = wanted[keep], given[keep]
    use = np.ones(len(given), bool)
    gain, offset = 1.0, float(np.median(wanted - given)) if len(given) else 0.0
    for _ in range(ROUNDS):
        if use.sum() < 50 or given[use].std() < 1:
            break
        gain, offset = (float(value) for value in np.polyfit(given[use], wanted[use], 1))
        apart = np.abs(gain * given + offset - wanted)
        use = apart <= FAR * max(1.4826 * float(np.median(apart)), 0.5)
    return (gain, offset) if 1 / LARGEST_GAIN <= gain <= LARGEST_GAIN else (1.0, 0.0)


def match_sharpness(here: np.ndarray, laid: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Soften the sharper of two aligned (h, w, 3) float32 pictures until they differ least where `free`.

    Returns:
        Both, and the Gaussian in pixels: above 0 of `laid`, below 0 of `here`, 0 where none helped.
    """
    best, least = 0.0, WORTH * _apart(here, laid, free)
    for sign in (1, -1):
        before = _apart(here, laid, free)
        for sigma in BLURS:
            left = _apart(here, _soften(laid, sigma), free) if sign > 0 else _apart(_soften(here, sigma), laid, free)
            if left > before:
                break  # softer still is only worse
            before = left
            if left < least:
                best, least = sign * sigma, left
    if best > 0:
        return here, _soften(laid, best), best
    return (_soften(here, -best), laid, best) if best < 0 else (here, laid, 0.0)


def _apart(here: np.ndarray, laid: np.ndarray, free: np.ndarray) -> float:
    """Return the mean absolute difference of two pictures where `free`, of their middle channel."""
    first, second = _spread(free, here[..., 1], laid[..., 1])
    return float(np.abs(first - second).mean()) if len(first) else 0.0


def _soften(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma)
