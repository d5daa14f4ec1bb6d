"""Which evaluations there are, and a few figures of many beside each other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import HOME, METRICS, PREDICTIONS, read_run
from pipeline.results.figure import figure_at


@dataclass(frozen=True)
class EvaluationFolder:
    """A folder under models/evaluations that is, or pretends to be, an evaluation.

    Attributes:
        path: the folder.
        run: its run.json as far as it can be read.
        problem: why it cannot be shown; empty where it can.
    """

    path: Path
    run: dict[str, Any]
    problem: str = ""


def folders(release: str = "", home: Path = HOME) -> list[EvaluationFolder]:
    """Return what stands where evaluations are kept, damaged and foreign folders too; oldest first.

    Args:
        release: its name, or a baseline's ("baselines/svm", or "baselines/*" for all); all releases' if it is empty.
        home: the folder of all evaluations.
    """
    every = []
    for path in home.glob(f"{release or '*'}/*@*"):
        if path.name.startswith("maps@"):
            continue
        try:
            run, problem = read_run(path), ""
            if absent := [name for name in (METRICS, PREDICTIONS) if not (path / name).is_file()]:
                problem = f"There is no {' and no '.join(absent)} in {path}: it is no whole evaluation."
        except BadEvaluation as trouble:
            run, problem = {}, str(trouble)
        every.append(EvaluationFolder(path, run, problem))
    return sorted(every, key=lambda one: (str(one.run.get("date", "")), one.path))


KEY_FIGURES = {
    "stage 1: AUC": ("edited", "collections", "AUC"),
    "stage 2, same originals: AUC": ("deepfake", "same originals", "AUC"),
    "both stages: macro-F1": ("joint", "collections", "macro-F1"),
}
"""The figures by which evaluations are told apart at a glance, and where they stand in metrics.json."""

COLUMNS = ("release", "date", "revision", "measure", "value", "low", "high", "n")


def newest(evaluations: Sequence[EvaluationFolder], dataset: str) -> list[EvaluationFolder]:
    """Return of each release its newest whole evaluation on a data set, the oldest first, as `evaluations` are."""
    whole = [one for one in evaluations if not one.problem and one.run["dataset"] == dataset]
    last = {str(one.run["release"]): one for one in whole}
    return [one for one in whole if last[str(one.run["release"])] is one]


def newest_of(evaluations: Sequence[EvaluationFolder], release: str, dataset: str) -> EvaluationFolder | None:
    """Return a release's newest whole evaluation on a data set; None where there is none. See `newest`."""
    return next((one for one in newest(evaluations, dataset) if one.run["release"] == release), None)


def in_order_of_release(evaluations: Sequence[EvaluationFolder]) -> list[EvaluationFolder]:
    """Return them in the order of their releases' names, numbers by their value: 2026.11-10 after 2026.11-9.

    An older release may be measured anew after a later one.
    """

    def place(one: EvaluationFolder) -> list[tuple[int, str]]:
        parts = re.findall(r"[0-9]+|[^0-9]+", str(one.run["release"]))
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]

    return sorted(evaluations, key=place)


def on_the_same(run: Mapping[str, Any], evaluations: Sequence[EvaluationFolder]) -> Iterator[EvaluationFolder]:
    """Yield the whole ones that were measured on the photos of a run, the newest first; they come oldest first."""
    for one in reversed(evaluations):
        if not one.problem and all(one.run.get(name) == run.get(name) for name in ("dataset", "revision")):
            yield one


def beside(evaluations: Sequence[EvaluationFolder], figures: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return `KEY_FIGURES` of evaluations as a table of `COLUMNS`, a row a figure; NaN where it was not measured.

    Args:
        evaluations: the evaluations, in the order that is wanted.
        figures: what `read_metrics` gives of each.
    """
    rows = [
        {
            "release": str(one.run["release"]),
            "date": str(one.run.get("date", ""))[:10],
            "revision": str(one.run.get("revision", "")),
            "measure": name,
            **(figure.as_dict() if (figure := figure_at(mine, *place)) else {}),
        }
        for one, mine in zip(evaluations, figures, strict=True)
        for name, place in KEY_FIGURES.items()
    ]
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    return table.astype(dict.fromkeys(("value", "low", "high", "n"), "float64"))
