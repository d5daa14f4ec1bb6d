"""Blemish removal: small spots of the skin are found and healed, the skin around them stays as it is.

Spots are blobs of the difference of Gaussians, the detector of Lowe (IJCV 2004), on how dark and how red the skin is.
Healing is what the healing brush does (Georgiev, "Photoshop Healing Brush", ECCV workshops 2004): the spot's light and
colour are filled in from its rim, after Telea (Journal of Graphics Tools 2004), and grain from beside it is put on.
"""

from typing import Any

import cv2
import numpy as np

from pipeline.forge.geometry.blending import lay_over, to_bytes, to_lab
from pipeline.forge.geometry.masks import disc, eye_distance, features, skin
from pipeline.forge.operation import Bits, Edit, Operation, Subject, leave_unchanged

SCALES = (0.012, 0.018, 0.027, 0.040)
"""Radii of the spots that are looked for, in eye distances."""
FAINTEST = (5.0, 2.4)
"""A spot's contrast in LAB units that is taken at strength 0, and at strength 1: a light hand takes the plainest."""
MOST = 60
"""Most spots healed in one face; freckled skin has more, and without any of them it is another face."""
FAINTEST_JITTER = (0.9, 1.15)
"""Factor on it, drawn for each face."""
GROW = (1.5, 1.9)
"""How much larger than its blob a spot is taken."""
ASIDE = 0.13
"""How far beside a spot its new grain is taken, in eye distances."""

Spot = tuple[float, int, int, float]
"""Contrast in LAB units, column, row and radius in pixels."""


def contrast(rgb: np.ndarray) -> np.ndarray:
    """Return (H, W) float32 of how dark and red each pixel is: what makes a spot stand out of skin."""
    lab = to_lab(rgb)
    return (0.8 * lab[..., 1] - lab[..., 0]).astype(np.float32)


def spots(rgb: np.ndarray, place: np.ndarray, unit: float) -> list[Spot]:
    """Find spots, the plainest first, none over another.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        place: (H, W) float32 in [0, 1]; only where it is above 0.7 is looked.
        unit: eye distance in pixels.
    """
    dark, candidates = contrast(rgb), list[Spot]()
    for scale in SCALES:
        radius = max(1.0, scale * unit)
        band = cv2.GaussianBlur(dark, (0, 0), radius / 1.6) - cv2.GaussianBlur(dark, (0, 0), radius * 1.6)
        top = (band >= cv2.dilate(band, disc(1.5 * radius))) & (band > 0.6) & (place > 0.7) & _round(band)
        rows, columns = np.nonzero(top)
        candidates += [(float(band[y, x]) * 1.6, int(x), int(y), radius) for y, x in zip(rows, columns, strict=True)]
    kept: list[Spot] = []
    for spot in sorted(candidates, reverse=True):
        if all((spot[1] - x) ** 2 + (spot[2] - y) ** 2 > (2 * (spot[3] + r)) ** 2 for _, x, y, r in kept):
            kept.append(spot)
    return kept


def _round(band: np.ndarray) -> np.ndarray:
    """Tell where a bump is round: a wrinkle or a hair is long (the edge test of Lowe's detector)."""
    down, across = np.gradient(band)
    yy, yx = np.gradient(down)
    _, xx = np.gradient(across)
    trace, area = xx + yy, xx * yy - yx * yx
    return (area > 0) & (trace * trace < 6.5 * area)


def edit(subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float) -> Edit:
    """Heal spots; more `strength` heals fainter ones, and more of each."""
    unit, shape = eye_distance(subject.landmarks), subject.rgb.shape
    blemishes = spots(subject.rgb, _within(subject, unit), unit)
    faintest = float(np.interp(strength, (0, 1), FAINTEST)) * float(rng.uniform(*FAINTEST_JITTER))
    chosen = [spot for spot in blemishes if spot[0] > faintest][:MOST]
    grow = float(rng.uniform(*GROW))
    share = np.float32((0.6 + 0.4 * strength) * min(1.0, 4 * strength))
    if not chosen:
        return leave_unchanged(subject, "the skin has no spot plain enough")
    hard, soft = _masks(chosen, shape, grow)
    mask = soft * share
    rgb = lay_over(subject.rgb, heal(subject.rgb, hard, unit, rng), mask)
    step: dict[str, Any] = {"spots": len(chosen), "found": len(blemishes), "faintest": round(faintest, 2)}
    centres = [[x, y, round(radius, 1)] for _, x, y, radius in chosen]
    bits: Bits = (False, False, False, False)
    return Edit(rgb, mask, bits, ({**step, "share": round(float(share), 3), "spots_xyr": centres},))


def _within(subject: Subject, unit: float) -> np.ndarray:
    """Return (H, W) float32 of skin well within its borders; a dark spot, unlike skin by its colour, is filled up."""
    whole = cv2.morphologyEx(skin(subject.rgb, subject.landmarks), cv2.MORPH_CLOSE, disc(0.08 * unit))
    place = whole * (1 - features(subject.landmarks, whole.shape))
    return cv2.erode(place, disc(0.06 * unit)).astype(np.float32)


def _masks(chosen: list[Spot], shape: tuple[int, ...], grow: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the (H, W) uint8 hole and the (H, W) float32 alpha of spots grown by a factor; the alpha ends within."""
    hard, soft = np.zeros(shape[:2], np.uint8), np.zeros(shape[:2], np.float32)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    for _, x, y, radius in chosen:
        reach = max(2.0, grow * radius) + 1
        y0, y1, x0, x1 = int(max(y - reach - 1, 0)), int(y + reach + 2), int(max(x - reach - 1, 0)), int(x + reach + 2)
        far = np.hypot(rows[y0:y1, x0:x1] - y, columns[y0:y1, x0:x1] - x) / reach
        hard[y0:y1, x0:x1] |= (far <= 1).astype(np.uint8)
        soft[y0:y1, x0:x1] = np.maximum(soft[y0:y1, x0:x1], np.clip((1 - far) * 2.2, 0, 1))
    return hard, soft


def heal(rgb: np.ndarray, hole: np.ndarray, unit: float, rng: np.random.Generator) -> np.ndarray:
    """Fill a (H, W) uint8 hole of (H, W, 3) uint8 RGB from its rim, with the grain of skin beside it."""
    reach = max(2.0, 0.05 * unit)
    light = cv2.inpaint(np.ascontiguousarray(rgb), hole, reach, cv2.INPAINT_TELEA).astype(np.float32)
    filled = cv2.GaussianBlur(light, (0, 0), max(0.8, 0.008 * unit))
    base = cv2.inpaint(np.ascontiguousarray(rgb), hole, 2, cv2.INPAINT_NS)
    grain = base.astype(np.float32) - cv2.GaussianBlur(base, (0, 0), max(0.8, 0.008 * unit))
    angle = float(rng.uniform(0, 2 * np.pi))
    aside = np.array([[1, 0, np.cos(angle) * ASIDE * unit], [0, 1, np.sin(angle) * ASIDE * unit]])
    moved = cv2.warpAffine(
        grain, aside, (rgb.shape[1], rgb.shape[0]), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101
    )
    return to_bytes(filled + np.clip(moved, -6, 6))


OPERATION = Operation("blemish", "facetune", "retouch", False, edit)
