"""`Release`: two weights, their calibration, thresholds and preprocessing, as one versioned and hashed file.

The unit that is evaluated, and that every verdict names.
"""

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Self

from models.errors import UnknownName, WeightsMismatch, WeightsMissing
from models.files import ROOT, sha256_of
from models.in_use import releases_in_use

StageName = Literal["edited", "deepfake"]
"""A stage, by the label that it speaks for."""
STAGES: tuple[StageName, ...] = ("edited", "deepfake")
"""Both stages, in the order in which they run."""


@dataclass(frozen=True)
class Stage:
    """How one stage's logit becomes a probability and a decision.

    Attributes:
        weights: id of the weights.
        slope, intercept: Platt scaling (Platt, 1999): log-odds = slope · logit + intercept; the slope is positive.
        threshold: probability from which the stage says its positive label.
        abstain: (low, high) probability, high excluded: between them the stage says nothing.
        rule: how threshold and band were chosen, and the risk that they leave, in words.
        knots: (logit, probability), both rising, probabilities inside (0, 1). They replace slope and intercept: the
            log-odds run straight from knot to knot, and beyond the last ones with the slope.
        stability_margin: in calibrated log-odds; an answer nearer than this to its contrary is tried again on harmless
            variants of the photo, see `pipeline.examining.stability`; at 0 none is.
        heatmap: how the stage's maps are made, a key of `pipeline.examining.explain.METHODS`.
    """

    weights: str
    slope: float
    intercept: float
    threshold: float
    abstain: tuple[float, float]
    rule: str
    knots: tuple[tuple[float, float], ...] = ()
    stability_margin: float = 0.0
    heatmap: str = "gradcam"

    def probability(self, logit: float) -> float:
        """Return the calibrated probability of the positive label, in (0, 1); never falls where the logit rises.

        Raises:
            WeightsMismatch: the logit is no number; nothing stands in for it.
        """
        if math.isnan(logit):
            raise WeightsMismatch(f"The network {self.weights} gave no number: its weights are damaged.")
        value = self._between(logit) if self.knots else self.slope * logit + self.intercept
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))

    def _between(self, logit: float) -> float:
        """Return the log-odds of a logit by the knots."""
        place = bisect_right(self.knots, logit, key=lambda knot: knot[0])
        nearest = self.knots[max(place - 1, 0) : place + 1]
        (x, low), (end, high) = nearest[0], nearest[-1]
        start = log_odds(low)
        if len(nearest) == 1:  # before the first knot, or after the last
            return start + self.slope * (logit - x)
        return start + (log_odds(high) - start) * (logit - x) / (end - x)

    def answer(self, probability: float) -> int:
        """Return what is said of a probability: 1 the positive label, −1 the other one, 0 nothing."""
        low, high = self.abstain
        if low <= probability < high:
            return 0
        return 1 if probability >= self.threshold else -1

    def room(self, probability: float) -> float:
        """Return how far a probability lies from where the contrary is said, in log-odds; infinite in the band."""
        answer = self.answer(probability)
        low, high = self.abstain if self.abstain[0] < self.abstain[1] else (self.threshold, self.threshold)
        contrary = log_odds(min(low, self.threshold) if answer > 0 else max(high, self.threshold))
        return abs(log_odds(probability) - contrary) if answer and math.isfinite(contrary) else math.inf

    def flips(self, probability: float, others: Iterable[float]) -> bool:
        """Tell whether the contrary of what is said of a photo is said of any of its variants.

        Args:
            probability: calibrated, of the photo itself.
            others: calibrated, of its variants. One that falls into the band turns nothing.
        """
        answer = self.answer(probability)
        return answer != 0 and any(self.answer(other) == -answer for other in others)


def log_odds(probability: float) -> float:
    """Return log(p / (1 − p)); infinite at and beyond 0 and 1, where thresholds that nothing passes may lie."""
    if probability <= 0 or probability >= 1:
        return -math.inf if probability <= 0 else math.inf
    return math.log(probability) - math.log1p(-probability)


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
        scope: fact of a crop (`pipeline.examining.scope`) → (low, high) in which photos like the training's lie; where
            it is empty every photo is judged.
        conformal: "coverage" in (0, 1), and "quantiles": label → largest 1 − p with which a label stays possible (see
            `pipeline.verdict.label_set`); empty where it was never measured.
    """

    name: str
    date: str
    edited: Stage
    deepfake: Stage
    preprocessing: dict[str, Any]
    min_face: int
    notes: str
    sha256: str = ""
    scope: dict[str, tuple[float, float]] = field(default_factory=dict)
    conformal: dict[str, Any] = field(default_factory=dict)

    def stage(self, name: StageName) -> Stage:
        """Return one of the two stages by its name."""
        return self.edited if name == "edited" else self.deepfake

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-able data, without the file's own hash and without what is left at its default."""
        stages = {"edited": _fields_of(self.edited), "deepfake": _fields_of(self.deepfake)}
        return {name: value for name, value in (_fields_of(self) | stages).items() if name != "sha256"}

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
            stages: dict[str, Any] = {key: _stage(data[key]) for key in STAGES}
            scope = {fact: _pair(limits) for fact, limits in data.get("scope", {}).items()}
            optional = {"scope": scope, "conformal": _conformal(data.get("conformal", {}))}
            return cls(**{**data, **stages, **optional, "min_face": int(data["min_face"]), "sha256": sha256})
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise WeightsMismatch(f"Release {name} is damaged: {problem!r}.") from problem


def _fields_of(noun: Any) -> dict[str, Any]:
    """Return a dataclass's fields, without optional ones that say nothing: older releases stay as they are."""
    data = asdict(noun)
    for entry in fields(noun):
        default = entry.default_factory() if entry.default_factory is not MISSING else entry.default
        if data[entry.name] == default:
            del data[entry.name]
    return data


def _stage(data: dict[str, Any]) -> Stage:
    abstain = _pair(data["abstain"])
    numbers = {key: float(data[key]) for key in ("slope", "intercept", "threshold")}
    margin = float(data.get("stability_margin", 0.0))
    knots = tuple(_pair(knot) for knot in data.get("knots", ()))
    if (knots and numbers["slope"] <= 0) or not math.isfinite(margin) or margin < 0:
        raise ValueError("a slope that does not rise, or a stability margin below 0")
    if any(not 0 < p < 1 for _, p in knots) or any(a[0] >= b[0] or a[1] > b[1] for a, b in pairwise(knots)):
        raise ValueError("knots that do not rise, or probabilities outside (0, 1)")
    return Stage(**{**data, **numbers, "abstain": abstain, "knots": knots, "stability_margin": margin})


def _conformal(data: dict[str, Any]) -> dict[str, Any]:
    quantiles = {label: float(value) for label, value in data.get("quantiles", {}).items()}
    return {**data, "quantiles": quantiles} if data else {}


def _pair(values: Any) -> tuple[float, float]:
    low, high = (float(value) for value in values)
    return low, high


def release_names(root: Path = ROOT) -> list[str]:
    """Return the names of all releases, oldest first."""
    return sorted((path.stem for path in (root / "releases").glob("*.json")), key=_age)


def _age(name: str) -> list[tuple[int, str]]:
    """Return a sort key in which the numbers in a name count as numbers: 2026.11-2 is older than 2026.11-10."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]


def read_release(name: str = "", root: Path = ROOT) -> Release:
    """Read a release by its name, or by the word it is in use under; with neither the default, else the newest.

    Raises:
        WeightsMissing: there is no release at all.
        UnknownName: no release of that name.
        WeightsMismatch: the file is damaged.
    """
    known = release_names(root)
    if not known:
        raise WeightsMissing(f"There is no release in {root / 'releases'}. Restore it from the project's repository.")
    in_use = releases_in_use(root)
    name = in_use.get(name, name) or next(iter(in_use.values()), known[-1])
    if name not in known:
        raise UnknownName.among("release", name, [*in_use, *known])
    path = root / "releases" / f"{name}.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise WeightsMismatch(f"Release file {path.name} is not valid JSON: {problem}.") from problem
    if not isinstance(data, dict) or data.get("name") != path.stem:
        raise WeightsMismatch(f"Release file {path.name} does not hold the release {path.stem}.")
    return Release.from_dict(data, sha256_of(path))
