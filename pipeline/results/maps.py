"""`MapFolder`: the folder that `maps` writes, typed, and the names in it. Whoever shows maps' figures reads them here.

run.json says what was measured and how, metrics.json holds the figures (split → "set: measure" → method), and maps.csv
one row a picture and method.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import HOME, METRICS, RUN
from pipeline.storage.read_json import read_json

MAPS = "maps.csv"
OUTPUTS = "region outputs"
"""In place of a method: the part that the network's region outputs hold likeliest edited."""
BASELINES = ("centre", "random")
"""Maps that know nothing of the picture: what every figure must be held against."""
PEAK, RIGHT, BEATS = "peak in an edited part", "names a place, and rightly", "beats random cells"
RESTORES = "undoing the edit there counts"
CHECKS = {RESTORES: "restored", BEATS: "faithfulness"}
"""Measures that tell whether a map matters to the score, and the column where that is above 0; the fairer one first."""
AP, IOU, DELETION, INSERTION = "AP", "IoU", "deletion", "insertion"
MEASURES = (PEAK, RIGHT, RESTORES, BEATS, AP, IOU, DELETION, INSERTION)
RULE = (
    f"Chosen on validation photos, never on the ones shown. Methods are left whose maps pass “{RESTORES}” in more than "
    "half of the pictures and in more than maps of smooth noise do; of these the one with the largest mean of "
    f"“{RIGHT}” and average precision over the sets. If none is left it is gradcam, whose cells sum to the score. "
    f"Where no original was at hand “{BEATS}” is asked in its place; a blur is itself an edit, though, so that hardly "
    "any map passes it."
)
"""What `pipeline.evaluation.maps.choice.best_method` does, in words."""

WORDS = ("set", "sha256", "source", "kind", "group", "regions", "method", "state", "parts", "split")
COLUMNS = ("set", "source", "kind", "group", "method", "split", "area", "names", "hit", "restored", "faithfulness",
           "ap", "iou", "deletion", "insertion")  # fmt: skip
"""Columns of maps.csv that are read; others may stand beside them.

- set: "composites", "forged" or "pairs". method: a key of `pipeline.examining.explain.METHODS`, one of `BASELINES`,
  or `OUTPUTS`.
- area: share of the crop that was edited. hit: the map's peak lies in it. names: the map would name a place.
- restored …: NaN where it was not measured.
"""

Figures = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class MapFolder:
    """A release's maps by every method, as they were measured.

    Attributes:
        path: the folder.
        run: what was measured and under which conditions.
        metrics: split → "set: measure" → method → {"value", "low", "high", "n"}, for peaks with "chance" and "area".
        pictures: one row a picture and method, with `COLUMNS`.
    """

    path: Path
    run: dict[str, Any]
    metrics: dict[str, dict[str, dict[str, Any]]]
    pictures: pd.DataFrame

    @property
    def split(self) -> str:
        """The split that was asked for, on which figures are told."""
        return str(self.run["split"])

    @property
    def revision(self) -> str:
        """The revision of the data that it was measured on, by which the folder is named."""
        return self.path.name.partition("@")[2]

    @property
    def best(self) -> str:
        """The method that the rule chose on validation."""
        return str(self.run["best"])

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Figures of the split that was asked for: "set: measure" → method → figure."""
        return self.metrics[self.split]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a folder that `maps` wrote.

        Raises:
            BadEvaluation: it is half-written, damaged, of another version, or something else.
        """
        run, metrics = (read_json(path / name, BadEvaluation, "measurement of maps") for name in (RUN, METRICS))
        if lacking := {"release", "split", "best", "pictures", "n"} - set(run):
            raise BadEvaluation(f"{path / RUN} lacks {', '.join(sorted(lacking))}: measure the maps again.")
        if run["split"] not in metrics or not all(map(_sound, metrics.values())):
            raise BadEvaluation(f"{path / METRICS} is of another version: measure the maps again.")
        return cls(path, run, metrics, _pictures(path / MAPS))


def map_folders(release: str, home: Path = HOME) -> list[Path]:
    """Return a release's folders of measured maps, damaged ones too; oldest first, those that tell no date in front."""
    return sorted((path for path in (home / release).glob("maps@*") if path.is_dir()), key=_age)


def _age(path: Path) -> tuple[str, Path]:
    try:
        return str(read_json(path / RUN, BadEvaluation, "measurement of maps").get("date", "")), path
    except BadEvaluation:  # whoever reads the folder is told
        return "", path


def _sound(figures: Any) -> bool:
    """Tell whether a split's figures have the form that is read: "set: measure" → method → figure."""
    if not isinstance(figures, dict):
        return False
    methods = [by_method for by_method in figures.values() if isinstance(by_method, dict)]
    every = [figure for by_method in methods for figure in by_method.values()]
    return len(methods) == len(figures) and all(
        isinstance(figure, dict) and {"value", "low", "high", "n"} <= set(figure) for figure in every
    )


def _pictures(path: Path) -> pd.DataFrame:
    kinds: dict[str, Any] = {name: "str" for name in WORDS}
    try:
        table = pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values=_gaps())
    except FileNotFoundError as problem:
        raise BadEvaluation(f"There is no {path.name} in {path.parent}: the measurement is not whole.") from problem
    except ValueError as problem:  # wrong types, no columns, text that is no CSV: pandas' own errors are ValueErrors
        raise BadEvaluation(f"{path} cannot be read: {problem}.") from problem
    if lacking := set(COLUMNS) - set(table):
        raise BadEvaluation(f"{path} is of another version: it lacks {', '.join(sorted(lacking))}.")
    wrong = [name for name in ("names", "hit") if table[name].dtype != np.bool_]
    wrong += [name for name in _gaps() if not pd.api.types.is_numeric_dtype(table[name])]
    if wrong:
        raise BadEvaluation(f"{path} is damaged: what stands in {', '.join(sorted(wrong))} cannot be read.")
    return table


def _gaps() -> dict[str, list[str]]:
    """Return the columns of numbers, each with what stands for none."""
    return {name: [""] for name in ("area", "restored", "faithfulness", "ap", "iou", "deletion", "insertion")}
