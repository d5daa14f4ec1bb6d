"""The baselines by name: each is a function from a `Job` to its answers on the held-out rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier

from models.release import STAGES
from pipeline.crops.crops import Crops, usable_rows
from pipeline.errors import BadDataset
from pipeline.evaluation.baselines import metadata, networks, svm
from pipeline.evaluation.baselines.cache import cache_features
from pipeline.evaluation.baselines.calibrated import ANSWERS, BaselineAnswers, answer_columns, calibrate, describe_stage
from pipeline.results.evaluation import LEFT_OUT
from pipeline.training.finished import Finished
from pipeline.training.selection import targets_of, without_collections

HELD_OUT = ("test", "unseen")


@dataclass(frozen=True, eq=False)
class Job:
    """What a baseline is made from.

    Attributes:
        crops: the store of a prepared folder.
        table: those of its rows that have a face, or a part of these for a trial.
        out: folder for what is worth keeping between calls.
        seed: of every choice.
        workers: processes; 0 for one a core.
        runs: folders of finished training runs on this store, for networks.
    """

    crops: Crops
    table: pd.DataFrame
    out: Path
    seed: int = 1
    workers: int = 0
    runs: tuple[Path, ...] = ()

    @property
    def kept(self) -> Path:
        """Folder of networks' outputs on parts of the photos."""
        return self.out / "outputs"

    @property
    def held_out(self) -> pd.DataFrame:
        """The rows that are measured, and nothing else."""
        return self.table[self.table.split.isin(HELD_OUT)]

    def part(self, stage: str, split: str, lacking: tuple[str, ...] = ()) -> tuple[pd.DataFrame, np.ndarray]:
        """Return a stage's rows of a split and their truth, (N,) int in {0, 1}; collections can be left out.

        Raises:
            BadDataset: one of the two classes is not among them.
        """
        rows = without_collections(usable_rows(self.table, stage, split), lacking)
        truth = targets_of(rows, stage).astype(int)
        if len(set(truth.tolist())) < 2:
            there = ", ".join(sorted(rows.label.unique())) or "no photos"
            needed = "real and edited photos" if stage == "edited" else "deepfake and facetune photos"
            where = f"in split {split!r} of {self.crops.folder}"
            raise BadDataset(f"Stage {stage!r} needs {needed} {where}: there are {there}.")
        return rows, truth


def support_vectors(job: Job) -> BaselineAnswers:
    """Train a support vector machine for each stage on the crops' noise; see `svm`."""
    parts = {stage: (job.part(stage, "train"), job.part(stage, "val")) for stage in STAGES}
    features = cache_features(job.crops.folder, job.table, job.out, job.workers)
    held, stages = job.held_out, []
    account: dict[str, Any] = {}
    for stage, ((train, is_train), (val, is_val)) in parts.items():
        machine = svm.fit_svm(features, train, val, (is_train, is_val), job.seed)
        line = calibrate(stage, val, machine.scores(features, val.index.to_numpy()), is_val)
        stages.append((line, machine.scores(features, held.index.to_numpy())))
        chosen = {"chosen": vars(machine.chosen), "tried on validation": list(machine.tried)}
        account[stage] = chosen | {"calibration": describe_stage(line), "trained on": len(train)}
    (first, edited), (second, deepfake) = stages
    return BaselineAnswers(answer_columns(held, first, second, edited, deepfake), account)


def files_facts(job: Job) -> BaselineAnswers:
    """Train trees on the facts of those rows that are files; see `metadata`."""
    files = replace(job, table=job.table[job.table.recipe == ""])
    parts = {stage: (files.part(stage, "train"), files.part(stage, "val")) for stage in STAGES}
    (train, _), (val, _) = parts["edited"]
    model, facts = metadata.fit_trees(train, val, job.seed)
    lines, held = [], files.held_out
    for place, (stage, (_, (rows, truth))) in enumerate(parts.items()):
        lines.append(calibrate(stage, rows, metadata.raw_scores(model, facts.of(rows))[place], truth))
    first, second = lines
    edited, deepfake = metadata.raw_scores(model, facts.of(held))
    chosen = {name: model.get_params()[name] for name in ("max_leaf_nodes", "learning_rate")}
    calibrations = {stage: describe_stage(line) for stage, line in zip(STAGES, lines, strict=True)}
    account = {"chosen": chosen, "facts": list(metadata.FACTS), "calibration": calibrations, "trained on": len(train)}
    return BaselineAnswers(answer_columns(held, first, second, edited, deepfake), account)


def commonest(job: Job) -> BaselineAnswers:
    """Say of every photo what is commonest among the training photos."""
    train, _ = job.part("edited", "train")
    shares = train.label.value_counts(normalize=True)
    model = DummyClassifier(strategy="prior").fit(np.zeros((len(train), 1)), train.label)
    held = job.held_out
    forced = model.predict(np.zeros((len(held), 1)))
    edited = 1 - float(shares.get("real", 0))
    deepfake = float(shares.get("deepfake", 0)) / edited
    columns = (edited, deepfake, deepfake >= 0.5, forced)
    answers = pd.DataFrame(dict(zip(ANSWERS, columns, strict=True)), index=held.index)
    return BaselineAnswers(
        answers, {"shares of the training photos": shares.round(4).to_dict(), "trained on": len(train)}
    )


def left_out(job: Job) -> BaselineAnswers:
    """Let two runs answer that were trained without a collection, calibrated without it too; see `networks`."""
    return _two_stages(job, _runs_of(job, STAGES))


def _runs_of(job: Job, stages: Sequence[str]) -> list[Finished]:
    """Return a job's runs, one for each stage; see `networks.read_runs` and `networks.refuse_strangers`."""
    runs = networks.read_runs(job.runs, stages)
    networks.refuse_strangers(runs, job.crops.revision)
    return runs


def _two_stages(job: Job, runs: list[Finished]) -> BaselineAnswers:
    """Let two finished training runs answer, a cascade as a release's."""
    lacking = networks.left_out_by(runs)
    held, stages = job.held_out, []
    account: dict[str, Any] = {}
    for stage, run in zip(STAGES, runs, strict=True):
        val, is_val = job.part(stage, "val", lacking)
        line = calibrate(stage, val, networks.outputs_of(run, job.crops, val, f"{stage}, val", job.kept)[:, 0], is_val)
        stages.append((line, networks.outputs_of(run, job.crops, held, f"{stage}, held out", job.kept)[:, 0]))
        account[stage] = networks.describe_run(run) | {"calibration": describe_stage(line), "calibrated on": len(val)}
    (first, edited), (second, deepfake) = stages
    return BaselineAnswers(answer_columns(held, first, second, edited, deepfake), account, ", ".join(lacking))


def original(job: Job) -> BaselineAnswers:
    """Let two ResNet-152 answer, the cascade of the original system.

    Raises:
        BadDataset: the runs are of another architecture, or lack a collection.
    """
    runs = _runs_of(job, STAGES)
    kinds = {run.config.architecture for run in runs}
    if kinds != {"resnet152"}:
        raise BadDataset(f"The runs are of {' and '.join(sorted(kinds))}, not of resnet152.")
    networks.refuse_lacking(runs)
    return _two_stages(job, runs)


def three_classes(job: Job) -> BaselineAnswers:
    """Let one network answer that tells all three classes at once; see `networks`."""
    (run,) = _runs_of(job, ("classes",))
    networks.refuse_lacking([run])
    val, _ = job.part("edited", "val")
    known, lines = networks.raw_of(networks.outputs_of(run, job.crops, val, "val", job.kept)), {}
    for place, stage in enumerate(STAGES):
        rows, truth = job.part(stage, "val")
        lines[stage] = calibrate(stage, rows, known[place][val.index.isin(rows.index)], truth)
    held = job.held_out
    edited, deepfake = networks.raw_of(networks.outputs_of(run, job.crops, held, "held out", job.kept))
    calibrations = {stage: describe_stage(line) for stage, line in lines.items()}
    table = answer_columns(held, lines["edited"], lines["deepfake"], edited, deepfake)
    return BaselineAnswers(table, networks.describe_run(run) | {"calibration": calibrations})


NETWORKS = ("three-class", "resnet-152", LEFT_OUT)
"""Those that take finished training runs."""
BASELINES: Mapping[str, Callable[[Job], BaselineAnswers]] = MappingProxyType(
    {
        "svm": support_vectors,
        "metadata": files_facts,
        "majority": commonest,
        "three-class": three_classes,
        "resnet-152": original,
        LEFT_OUT: left_out,
    }
)
