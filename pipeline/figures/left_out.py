"""`LeftOut`: what both stages reach on a source that networks were not trained on, beside networks that knew it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.release import STAGES
from pipeline.datasets.sources import collection, forged_name, home
from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import KIND_RIGHT, TRAINED_WITHOUT
from pipeline.results.figure import Figure, figure_at
from pipeline.results.index import EvaluationFolder, on_the_same

Metrics = Mapping[str, Any]
"""metrics.json of an evaluation."""


@dataclass(frozen=True)
class ByTraining:
    """One measure on a source, by how networks were trained.

    Attributes:
        without: of networks that were trained without the source.
        beside: of networks trained as these were, but with it too; None where there are none on the same photos.
        shipped: the release's; None where it was not measured on the same photos.
    """

    without: Figure | None
    beside: Figure | None = None
    shipped: Figure | None = None


@dataclass(frozen=True)
class LeftOut:
    """What leaving out a source costs.

    Attributes:
        source: what was left out.
        stages: stage → its AUC on the source.
        kinds: share of the source's own edits of which stage 2 says the right kind.
    """

    source: str
    stages: Mapping[str, ByTraining]
    kinds: ByTraining

    @property
    def lost(self) -> float:
        """How much of stage 1's AUC goes with the source; 0 where that is not known."""
        mine = self.stages["edited"]
        other = mine.beside or mine.shipped
        if other is None or mine.without is None:
            return 0.0
        return (other.value or 0.0) - (mine.without.value or 0.0)


def sources_left_out(
    measurements: Sequence[EvaluationFolder], releases: Sequence[EvaluationFolder], read: Callable[[Path], Metrics]
) -> tuple[list[LeftOut], list[str]]:
    """Return what was measured with a source left out, the largest loss first; and what could not be used, and why.

    Args:
        measurements: of networks that lack a source, or for comparison none.
        releases: evaluations of the release that stands beside them.
        read: gives a folder's figures, as `pipeline.results.evaluation.read_metrics` does.
    """
    sources, problems = [], []
    for one in measurements:
        try:
            left_out = _left_out(one, measurements, releases, read)
        except BadEvaluation as problem:
            problems.append(f"{one.path.parent.name}/{one.path.name}: {problem}")
        else:
            sources += [left_out] if left_out else []
    return sorted(sources, key=lambda one: -one.lost), problems


def _left_out(
    one: EvaluationFolder,
    every: Sequence[EvaluationFolder],
    releases: Sequence[EvaluationFolder],
    read: Callable[[Path], Metrics],
) -> LeftOut | None:
    """Return what a measurement tells; None for the one to compare with, and for any but test photos.

    Raises:
        BadEvaluation: it cannot be read, or lacks what it should tell.
    """
    if one.problem or TRAINED_WITHOUT not in one.run:
        raise BadEvaluation(one.problem or f"its run.json does not say what it was {TRAINED_WITHOUT}.")
    source, mine = str(one.run[TRAINED_WITHOUT]), read(one.path)
    if not source or one.run["dataset"] != "test":
        return None
    parts = (mine, _beside(one.run, every, read), _of_release(one.run, releases, read))
    stages: dict[str, ByTraining] = {
        stage: ByTraining(*(auc_on(part, stage, source) for part in parts)) for stage in STAGES
    }
    if stages["edited"].without is None:
        raise BadEvaluation(f"it has no figure of stage 1 on {source}.")
    return LeftOut(source, stages, ByTraining(*(figure_at(part, KIND_RIGHT, source) for part in parts)))


def auc_on(metrics: Metrics, stage: str, source: str) -> Figure | None:
    """Return a stage's AUC on a source; one without edits of its own stands under the collection that it belongs to.

    Stage 2's is that on edits of both kinds that were forged from the source's photos: its own are of one kind.
    """
    names = (source, collection(source)) if stage == "edited" else (forged_name(home(source)),)
    part = metrics.get(stage, {})
    name = next((name for name in names if name in part), None)
    return None if name is None else figure_at(part, name, "AUC")


def _beside(run: Mapping[str, Any], every: Sequence[EvaluationFolder], read: Callable[[Path], Metrics]) -> Metrics:
    """Return the figures of the same training with nothing left out; {} where there is none on the same photos."""
    for one in on_the_same(run, every):
        if one.run.get(TRAINED_WITHOUT) == "" and _recipe(one.run) == _recipe(run):
            with suppress(BadEvaluation):  # `sources_left_out` says so of it
                return read(one.path)
    return {}


def _of_release(
    run: Mapping[str, Any], releases: Sequence[EvaluationFolder], read: Callable[[Path], Metrics]
) -> Metrics:
    """Return a release's figures on the same photos; {} where it was not measured on them."""
    newest = next(on_the_same(run, releases), None)
    return read(newest.path) if newest else {}


def _recipe(run: Mapping[str, Any]) -> list[Any]:
    """Return how networks were trained, but for what was left out."""
    trained = [run.get("baseline", {}).get(stage, {}).get("config", {}) for stage in STAGES]
    return [{name: value for name, value in one.items() if name != "leave_out"} for one in trained]
