"""Choosing whose face is lent: one of like pose and colour, so that the paste is not absurd."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE, LIPS
from pipeline.forge.geometry.blending import shift_colours, to_lab
from pipeline.forge.geometry.masks import CHEEKS, cheek_pixels, eye_distance
from pipeline.forge.operation import Subject

NOSE_TIP, BRIDGE = 1, 168
LARGEST_TURN = (0.16, 0.14)
"""Largest difference of the yaw and pitch proxies at which parts still fit."""
SIDES = (CHEEKS[:2], CHEEKS[2:])
"""The landmarks of either cheek."""
GLASSES = 0.23
"""Step of colour across the nose's bridge from which a frame is assumed; found by eye on portraits."""


def pose(landmarks: np.ndarray) -> np.ndarray:
    """Return (3,) float proxies of yaw, pitch and roll from (468, 2) landmarks.

    Yaw: how far the nose's tip lies to the side of the line from eyes to mouth, in eye distances. Pitch: where
    along that line it lies. Roll: the eyes' angle in radians.
    """
    left, right = (landmarks[list(eye)].mean(axis=0) for eye in (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE))
    across, middle = right - left, (left + right) / 2
    down, tip = landmarks[list(LIPS)].mean(axis=0) - middle, landmarks[NOSE_TIP] - middle
    length = max(float(np.hypot(*down)), 1e-6)
    side = float(down[0] * tip[1] - down[1] * tip[0]) / length
    yaw = side / max(eye_distance(landmarks), 1e-6)
    return np.array([yaw, float(tip @ down) / length**2, np.arctan2(across[1], across[0])])


def skin_colour(subject: Subject) -> np.ndarray:
    """Return the (3,) float median LAB colour of the cheeks."""
    pixels = cheek_pixels(subject.rgb, subject.landmarks)[None].astype(np.float32) / 255
    return np.median(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[0], axis=0)


def tint_donor(donor: Subject, subject: Subject) -> Subject:
    """Give a donor's whole photo the subject's cheek colour, as a forger would before cutting from a foreign light."""
    return Subject(shift_colours(donor.rgb, skin_colour(subject) - skin_colour(donor)), donor.landmarks)


def side_light(subject: Subject) -> float:
    """Return by how many LAB units the image-left cheek is lighter than the other: from where the light falls."""
    light = [np.median(to_lab(cheek_pixels(subject.rgb, subject.landmarks, one)[None])[..., 0]) for one in SIDES]
    return float(light[0] - light[1])


def bridge_step(subject: Subject) -> float:
    """Return the strongest LAB step down the nose's bridge over its lightness: a frame's bridge is a bar across it."""
    top, unit = subject.landmarks[BRIDGE], eye_distance(subject.landmarks)
    half, reach, gap = max(1, round(0.08 * unit)), max(3, round(0.28 * unit)), max(1, round(0.05 * unit))
    centre = (float(top[0]), float(top[1] + 0.05 * unit))
    lab = to_lab(cv2.getRectSubPix(subject.rgb, (2 * half + 1, 2 * reach + 1), centre)).mean(axis=1)
    steps = (lab[gap:] - lab[:-gap]) * (0.7, 1, 1)
    return float(np.sqrt((steps**2).sum(axis=1)).max() / max(float(lab[:, 0].mean()), 20))


def wears_glasses(subject: Subject) -> bool:
    """Guess whether a frame crosses the nose's bridge. Rimless ones are missed; shadows may be taken for one."""
    return bridge_step(subject) > GLASSES


def look_apart(subject: Subject, other: Subject, most: tuple[float, float] = LARGEST_TURN) -> bool:
    """Tell whether two heads look in directions too different for parts of one to fit the other."""
    yaw, pitch, _ = np.abs(pose(subject.landmarks) - pose(other.landmarks))
    return bool(yaw > most[0] or pitch > most[1])


@dataclass(frozen=True)
class Look:
    """What of a face decides whom it may lend its parts to: small, so that a crowd's looks fit in memory.

    Attributes:
        pose: proxies of yaw, pitch and roll, see `pose`.
        skin: median LAB colour of the cheeks.
        unit: eye distance in pixels.
        glasses: whether a frame seems to cross the bridge of the nose.
    """

    pose: tuple[float, ...]
    skin: tuple[float, ...]
    unit: float
    glasses: bool


def look_of(subject: Subject) -> Look:
    """Return the look of a face."""
    turn, tint = pose(subject.landmarks), skin_colour(subject)
    unit = eye_distance(subject.landmarks)
    return Look(tuple(map(float, turn)), tuple(map(float, tint)), unit, wears_glasses(subject))


def unlike(look: Look, other: Look) -> float:
    """Return how unlike two faces are in pose, skin colour and glasses; 1 is about a clearly visible difference."""
    turn = (np.array(look.pose) - other.pose) / (0.08, 0.06, 0.25)
    tint = (np.array(look.skin) - other.skin) / (15, 8, 8)
    small = max(0.0, np.log(max(look.unit, 1e-6) / max(other.unit, 1e-6) / 1.3))
    return float(np.sqrt((turn**2).sum() + (tint**2).sum()) + 2 * small + 4 * (look.glasses != other.glasses))


def pick_donor(subject: Subject, candidates: Sequence[Subject], rng: np.random.Generator) -> Subject:
    """Return the candidate nearest in head pose and skin colour, never the subject itself.

    Args:
        subject: the face to be edited.
        candidates: other people's faces, at least one.
        rng: jitters the distances by a fifth, so that a crowd does not always choose the same donor.
    """
    others = [one for one in candidates if one is not subject]
    if not others:
        raise ValueError("no candidate but the subject itself")
    look = look_of(subject)
    costs = [unlike(look, look_of(one)) for one in others]
    return others[int(np.argmin(np.array(costs) * rng.uniform(0.9, 1.1, len(costs))))]
