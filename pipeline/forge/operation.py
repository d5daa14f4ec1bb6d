"""The nouns of the forge: `Subject` (what is edited), `Edit` (what came out), `Operation` (how), and their registry."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import cv2
import numpy as np

from models.errors import UnknownName
from pipeline.face import window_of
from pipeline.forge.geometry.masks import eye_distance

Bits = tuple[bool, bool, bool, bool]
NO_BITS: Bits = (False, False, False, False)
WINDOW_SCALE = 1.7
"""Side of the square that operations work in, over the longer side of the landmarks' box."""
MIN_EYE_DISTANCE = 8.0
"""Faces whose pupils are nearer than this many pixels are left alone: there is nothing to edit."""
GENERATIONS = (1, 2)
"""Of the forge: what is drawn where no operation is named depends on it, so that old runs and plans stay the same."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A photo and the face in it that is edited, or that lends its parts.

    Attributes:
        rgb: (H, W, 3) uint8 RGB.
        landmarks: (468, 2) float32, x and y in the photo's pixels; they may lie outside it.
    """

    rgb: np.ndarray
    landmarks: np.ndarray


@dataclass(frozen=True, eq=False)
class Edit:
    """An edited photo and the truth about it.

    Attributes:
        rgb: the picture, (H, W, 3) uint8 RGB. Where `mask` is 0 it is the subject's, byte for byte.
        mask: (H, W) float32 in [0, 1]: where, and how strongly, pixels were replaced. All 0 if nothing was done.
        region_bits: whether image-left eye, image-right eye, nose and mouth were touched.
        steps: what was done with which parameters, JSON-able; a refusal is a step with the key "refused".
    """

    rgb: np.ndarray
    mask: np.ndarray
    region_bits: Bits
    steps: tuple[dict[str, Any], ...]

    @property
    def changed(self) -> bool:
        """Whether anything was done: an operation may find no part that it can edit well."""
        return bool(self.mask.any())


Editor = Callable[[Subject, Subject | None, np.random.Generator, float], Edit]


@dataclass(frozen=True)
class Operation:
    """One way to edit a face.

    Attributes:
        name: its module's name.
        label: the class that its results belong to.
        kind: the family of editing, in words.
        needs_donor: whether another person's face is needed.
        edit: does the work on the square around the face; call `run`, which prepares that square.
        since: the generation of the forge that brought it, one of `GENERATIONS`.
    """

    name: str
    label: Literal["facetune", "deepfake"]
    kind: str
    needs_donor: bool
    edit: Editor
    since: int = 1

    def run(self, subject: Subject, donor: Subject | None, rng: np.random.Generator, strength: float = 1.0) -> Edit:
        """Edit one face.

        Args:
            subject: the original.
            donor: the face that lends its parts; ignored by operations that need none.
            rng: the only source of chance: the same state gives the same bytes.
            strength: in [0, 1]. 0 gives the subject back; what more of it means is said by each operation.
        """
        if not 0 <= strength <= 1:
            raise ValueError(f"strength must lie in [0, 1], not {strength}")
        if self.needs_donor and donor is None:
            raise ValueError(f"{self.name} needs a donor")
        window = _window(subject)
        if strength == 0 or window is None:
            return leave_unchanged(subject, "strength 0" if window else "the face is too small or outside the photo")
        lender = _fit_donor(donor, subject) if donor is not None and self.needs_donor else None
        if self.needs_donor and lender is None:
            return leave_unchanged(subject, "the donor's face is too small or outside its photo")
        return _lay_back(subject, self.edit(_crop_to(subject, window), lender, rng, strength), window)


def leave_unchanged(subject: Subject, reason: str) -> Edit:
    """Return the subject as an edit that did nothing, and why."""
    return Edit(subject.rgb.copy(), np.zeros(subject.rgb.shape[:2], np.float32), NO_BITS, ({"refused": reason},))


def _window(subject: Subject) -> tuple[int, int, int, int] | None:
    """Return x0, y0, x1, y1 of the square around the face, clipped; None where there is no face worth editing."""
    points, (height, width) = subject.landmarks, subject.rgb.shape[:2]
    if not np.isfinite(points).all() or eye_distance(points) < MIN_EYE_DISTANCE:
        return None
    x0, y0, x1, y1 = window_of(points, WINDOW_SCALE)
    box = (max(int(x0), 0), max(int(y0), 0), min(int(np.ceil(x1)), width), min(int(np.ceil(y1)), height))
    inside = (points >= 0).all(axis=1) & (points < (width, height)).all(axis=1)
    return box if inside.mean() > 0.3 else None


def _crop_to(subject: Subject, window: tuple[int, int, int, int]) -> Subject:
    x0, y0, x1, y1 = window
    points = subject.landmarks.astype(np.float32) - np.array([x0, y0], np.float32)
    return Subject(np.ascontiguousarray(subject.rgb[y0:y1, x0:x1]), points)


def _fit_donor(donor: Subject, subject: Subject) -> Subject | None:
    """Cut the donor's face out and, where it is larger than the subject's, shrink it antialiased to the same size."""
    window = _window(donor)
    if window is None:
        return None
    face = _crop_to(donor, window)
    factor = eye_distance(subject.landmarks) / eye_distance(face.landmarks)
    if factor >= 0.9:
        return face
    rgb = cv2.resize(face.rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ratio = np.array([rgb.shape[1] / face.rgb.shape[1], rgb.shape[0] / face.rgb.shape[0]], np.float32)
    return Subject(rgb, (face.landmarks + 0.5) * ratio - np.float32(0.5))


def _lay_back(subject: Subject, edit: Edit, window: tuple[int, int, int, int]) -> Edit:
    """Lay the edited square back; a mask below half a grey level counts as 0, and there the original's bytes stay.

    With a mask that is 0 everywhere it is a refusal, whether or not the operation says so.
    """
    x0, y0, x1, y1 = window
    part = np.where(edit.mask < 1 / 512, 0, np.clip(edit.mask, 0, 1)).astype(np.float32)
    if not part.any() and not (edit.steps and "refused" in edit.steps[0]):
        return leave_unchanged(subject, "nothing of it lies in the photo")
    rgb, mask = subject.rgb.copy(), np.zeros(subject.rgb.shape[:2], np.float32)
    rgb[y0:y1, x0:x1] = np.where(part[..., None] > 0, edit.rgb, rgb[y0:y1, x0:x1])
    mask[y0:y1, x0:x1] = part
    return replace(edit, rgb=rgb, mask=mask, region_bits=edit.region_bits if part.any() else NO_BITS)


@cache
def all_operations() -> dict[str, Operation]:
    """Return every operation of `pipeline.forge.operations` by name, in alphabetical order."""
    return operations_in("pipeline.forge.operations")


def drawn_operations(generation: int = 1) -> dict[str, Operation]:
    """Return by name, in alphabetical order, what is drawn from where no operation is named.

    Args:
        generation: of the forge; operations that came later are left out.

    Raises:
        UnknownName: there is no such generation.
    """
    if generation not in GENERATIONS:
        raise UnknownName.among("generation of the forge", str(generation), map(str, GENERATIONS))
    return {name: one for name, one in all_operations().items() if one.since <= generation}


def operations_in(package: str) -> dict[str, Any]:
    """Return the OPERATION of every file of a package by its name, in the alphabetical order of the files.

    Raises:
        ValueError: two have one name.
    """
    known: dict[str, Any] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(importlib.import_module(package).__path__)):
        one = importlib.import_module(f"{package}.{module}").OPERATION
        if known.setdefault(one.name, one) is not one:
            raise ValueError(f"two operations are named {one.name!r}")
    return known


def operation(name: str) -> Operation:
    """Return one operation.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in all_operations():
        raise UnknownName.among("forge operation", name, all_operations())
    return all_operations()[name]
