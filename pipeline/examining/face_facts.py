"""What is measured of each evaluated face beside its scores, and the classes by which slices are told."""

import cv2
import numpy as np

from pipeline.examining.container import crop_of_pixels
from pipeline.examining.scope import facts_of
from pipeline.face import Face, in_crop

FOREHEAD = (109, 10, 338, 337, 336, 9, 107, 108)
CHEEKS = ((117, 118, 101, 36, 205, 187, 123), (346, 347, 330, 266, 425, 411, 352))
"""Face Mesh indices around skin that hair, brows, nose and mouth seldom cover."""
LEAST_SKIN = 50
"""Pixels of skin under which no tone is told."""

ITA_CLASSES = ("dark", "brown", "tan", "intermediate", "light", "very light")
ITA_EDGES = (-30, 10, 28, 41, 55)
"""Del Bino et al., Pigment Cell Research 2006: a class holds angles above its lower edge."""


def measure_face(face: Face, pixels: np.ndarray) -> dict[str, float]:
    """Measure a face's crop.

    Args:
        face: the face.
        pixels: (3, S, S) float32 RGB in [0, 1], its crop in the fixed container.

    Returns:
        sharpness, brightness, contrast: of the face, as `pipeline.examining.scope.facts_of` measures them.
        ita: see `skin_tone`.
    """
    crop = crop_of_pixels(pixels)
    points = in_crop(face, crop.shape[0])
    seen = facts_of(crop, points)
    return {name: seen[name] for name in ("sharpness", "brightness", "contrast")} | {"ita": skin_tone(crop, points)}


def skin_tone(crop: np.ndarray, landmarks: np.ndarray) -> float:
    """Return the individual typology angle in degrees (Chardon et al., Int. J. Cosmetic Science 1991).

    ITA° = arctan((L* − 50) / b*) · 180 / π of the median L* and b* of cheeks and forehead. Measured from pixels under
    unknown light, camera and editing: it tells how a photo shows a skin, and is no attribute of a person.

    Args:
        crop: (S, S, 3) uint8 sRGB.
        landmarks: (468, 2) in the crop's pixels.

    Returns:
        Degrees, above −90 and below 90: larger is lighter. NaN where too little skin is seen or where the median is
        not yellowish (b* of 0 or less: a grey picture, coloured light), for there the angle means nothing.
    """
    mask = np.zeros(crop.shape[:2], np.uint8)
    for part in (FOREHEAD, *CHEEKS):
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(landmarks[list(part)]).astype(np.int32)), 1)
    skin = crop[mask.astype(bool)]
    if len(skin) < LEAST_SKIN:
        return float("nan")
    lab = cv2.cvtColor(skin[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    lightness, _, yellow = np.median(lab, axis=0)
    return float(np.degrees(np.arctan((lightness - 50) / yellow))) if yellow > 0 else float("nan")


def ita_class(angle: float) -> str:
    """Name the class of an angle in degrees; "" of NaN."""
    return "" if np.isnan(angle) else ITA_CLASSES[int(np.searchsorted(ITA_EDGES, angle, side="left"))]
