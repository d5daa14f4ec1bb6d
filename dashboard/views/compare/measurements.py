"""Which two evaluations can stand beside each other, and how each is named."""

from collections.abc import Mapping, Sequence

from dashboard.kit import choose_evaluation
from pipeline.results.evaluation import Evaluation
from pipeline.results.index import EvaluationFolder
from pipeline.words import readable

BASELINES = "baselines/"


def newest_of_each(measurements: Sequence[EvaluationFolder], dataset: str) -> list[EvaluationFolder]:
    """Return the newest evaluation of each release and revision on a data set; releases first, the newest first."""
    last = {(one.run["release"], one.run.get("revision")): one for one in measurements if one.run["dataset"] == dataset}
    mine = [one for one in reversed(measurements) if last.get((one.run["release"], one.run.get("revision"))) is one]
    return sorted(mine, key=lambda one: str(one.run["release"]).startswith(BASELINES))


def others_of(chosen: EvaluationFolder, mine: Sequence[EvaluationFolder]) -> list[EvaluationFolder]:
    """Return the other evaluations, those on the same revision first."""
    others = [one for one in mine if one is not chosen]
    return sorted(others, key=lambda one: one.run.get("revision") != chosen.run.get("revision"))


def name_of(run: Mapping[str, object]) -> str:
    """Name an evaluation: its release, or its baseline."""
    release = str(run["release"])
    return f"{release.removeprefix(BASELINES)} (baseline)" if release.startswith(BASELINES) else release


def names_of(runs: Sequence[Mapping[str, object]]) -> list[str]:
    """Name evaluations that stand beside each other; where a name stands twice, with the revision of the data."""
    names = [name_of(run) for run in runs]
    return [
        name if names.count(name) == 1 else f"{name}, revision {run.get('revision', '–')}"
        for name, run in zip(names, runs, strict=True)
    ]


def datasets_of(whole: Sequence[EvaluationFolder]) -> list[str]:
    """Return the data sets that were measured, the one that is shown at first in front."""
    names = sorted({str(one.run["dataset"]) for one in whole})
    return sorted(names, key=lambda name: name != choose_evaluation.FIRST)


def labels_of(mine: Sequence[EvaluationFolder]) -> list[str]:
    """Name evaluations as they are offered, see `names_of`."""
    return [readable.plain(name) for name in names_of([one.run for one in mine])]


def address_of(*candidates: Evaluation) -> str:
    """Return the address of the first that is a release's, for the page Errors; "" where none is."""
    releases = [one for one in candidates if not one.release.startswith(BASELINES)]
    return f"{releases[0].release}/{releases[0].dataset}" if releases else ""
