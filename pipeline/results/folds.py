"""`Folded`: what `folds` measured, typed: each photo of a collection scored by a network that it was held out from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import METRICS, RUN
from pipeline.storage.read_json import read_json

FORMAT = 1
FOLDS = "folds"
"""Folder of these measurements, among the evaluations."""
EVEN, EACH = "balanced accuracy from 0.5", "AUC by fold"
WITHIN = "AUC within folds"
"""Mean of the folds' AUC: the one to read. Networks of different folds put the same photo at different levels, so that
the AUC of all their scores together mixes these levels in."""
PARTS = ("value", "low", "high", "n")
COLUMNS = (
    "id", "sha256", "label", "kind", "source", "group", "difficulty", "regions", "fold", "logit_edited", "p_edited",
    "says_edited",
)  # fmt: skip
"""Columns of predictions.csv: those of an evaluation, and the fold in which the photo was held out."""


@dataclass(frozen=True, eq=False)
class Folded:
    """A measurement by folds.

    Attributes:
        path: the folder.
        run: under which conditions it was measured.
        figures: stage 1's, over all folds: measure → {"value", "low", "high", "n"}.
        each: AUC by fold, likewise.
    """

    path: Path
    run: Mapping[str, Any]
    figures: Mapping[str, Any]
    each: Sequence[Mapping[str, Any]]

    @property
    def collection(self) -> str:
        """The collection's name."""
        return str(self.run["collection"])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a folder that `folds` wrote.

        Raises:
            BadEvaluation: it is half-written, damaged, of another version, or something else.
        """
        run, metrics = (read_json(path / name, BadEvaluation, "evaluation") for name in (RUN, METRICS))
        if run.get("format") != FORMAT or not {"collection", "revision", "folds"} <= set(run):
            raise BadEvaluation(f"{path} is no measurement by folds of a form that this version reads.")
        try:
            measurement = cls(path, run, metrics["all"], metrics[EACH])
            whole = [
                float(figure[part]) for figure in (measurement.figures[WITHIN], *measurement.each) for part in PARTS
            ]
        except (TypeError, KeyError) as problem:
            raise BadEvaluation(f"{path / METRICS} has no figures by folds that can be read.") from problem
        if len(whole) < 3 * len(PARTS):
            raise BadEvaluation(f"{path / METRICS} has fewer than two folds.")
        return measurement


def by_folds(home: Path) -> list[Path]:
    """Return the folders of all measurements by folds, damaged ones too, in the order of their names."""
    return sorted(home.glob(f"{FOLDS}/*/*@*"))
