"""`Release`: two weights, their calibration, thresholds and preprocessing, as one versioned and hashed file.

The unit that is evaluated, and that every verdict names.
"""

import json
import math
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from models.errors import UnknownName, WeightsMismatch, WeightsMissing
from models.files import ROOT, sha256_of


@dataclass(frozen=True)
class Stage:
    """How one stage's logit becomes a probability and a decision.

    Attributes:
        weights: id of the weights.
        slope, intercept: Platt scaling (Platt, 1999): probability = 1 / (1 + exp(−(slope · logit + intercept))).
        threshold: probability from which the stage says its positive label.
        abstain: (low, high) probability; from low up to, not including, high the stage says nothing.
        rule: how threshold and band were chosen, and the risk that they leave, in words.
    """

    weights: str
    slope: float
    intercept: float
    threshold: float
    abstain: tuple[float, float]
    rule: str

    def probability(self, logit: float) -> float:
        """Return the calibrated probability of the positive label, in (0, 1).

        Raises:
            WeightsMismatch: the logit is no number; nothing stands in for it.
        """
        if math.isnan(logit):
            raise WeightsMismatch(f"The network {self.weights} gave no number: its weights are damaged.")
        value = max(-60.0, min(60.0, self.slope * logit + self.intercept))
        return 1 / (1 + math.exp(-value))


@dataclass(frozen=True)
class Release:
    """A cascade that can be loaded, evaluated and named.

    Attributes:
        name: e.g. "2026.11-1"; names sort by age.
        date: ISO.
        edited, deepfake: the two stages.
        preprocessing: what happens between a photo and a detector; must be what this code does.
        min_face: side in photo pixels under which a face is not judged.
        notes: what a reader should know before anything else.
        sha256: of the release's file.
    """

    name: str
    date: str
    edited: Stage
    deepfake: Stage
    preprocessing: dict[str, Any]
    min_face: int
    notes: str
    sha256: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-able data, without the file's own hash."""
        data = asdict(self)
        del data["sha256"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any], sha256: str = "") -> Self:
        """Build a release.

        Raises:
            WeightsMismatch: a field is missing, unknown or of a wrong form.
        """
        name = data.get("name", "?")
        unknown = set(data) - {entry.name for entry in fields(cls)}
        if unknown:
            raise WeightsMismatch(f"Release {name} has unknown fields: {', '.join(sorted(unknown))}.")
        try:
            stages = {key: _stage(data[key]) for key in ("edited", "deepfake")}
            return cls(**{**data, **stages, "min_face": int(data["min_face"]), "sha256": sha256})
        except (KeyError, TypeError, ValueError) as problem:
            raise WeightsMismatch(f"Release {name} is damaged: {problem!r}.") from problem


def _stage(data: dict[str, Any]) -> Stage:
    low, high = (float(value) for value in data["abstain"])
    numbers = {key: float(data[key]) for key in ("slope", "intercept", "threshold")}
    return Stage(**{**data, **numbers, "abstain": (low, high)})


def release_names(root: Path = ROOT) -> list[str]:
    """Return the names of all releases, oldest first."""
    return sorted((path.stem for path in (root / "releases").glob("*.json")), key=_age)


def _age(name: str) -> list[tuple[int, str]]:
    """Return a sort key in which the numbers in a name count as numbers: 2026.11-2 is older than 2026.11-10."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]


def read_release(name: str = "", root: Path = ROOT) -> Release:
    """Read a release; with no name, the newest.

    Raises:
        WeightsMissing: there is no release at all.
        UnknownName: no release of that name.
        WeightsMismatch: the file is damaged.
    """
    known = release_names(root)
    if not known:
        raise WeightsMissing(f"There is no release in {root / 'releases'}. Restore it from the project's repository.")
    if name and name not in known:
        raise UnknownName.among("release", name, known)
    path = root / "releases" / f"{name or known[-1]}.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise WeightsMismatch(f"Release file {path.name} is not valid JSON: {problem}.") from problem
    if not isinstance(data, dict) or data.get("name") != path.stem:
        raise WeightsMismatch(f"Release file {path.name} does not hold the release {path.stem}.")
    return Release.from_dict(data, sha256_of(path))
