"""The baselines by name: each is a function from a `Job` to what it says of the held-out rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier

from pipeline.errors import BadDataset
from pipeline.evaluation.baselines import metadata, networks, svm
from pipeline.evaluation.baselines.cache import cached
from pipeline.evaluation.baselines.calibrated import ANSWERS, Answered, answered, described, staged
from pipeline.results.evaluation import LEFT_OUT
from pipeline.training.finished import Finished
from pipeline.training.selection import target_of, usable, without

STAGES = ("edited", "deepfake")
HELD_OUT = ("test", "unseen")


@dataclass(frozen=True, eq=False)
class Job:
    """What a baseline is made from.

    Attributes:
        store: a prepared folder with crops.
        table: its rows that have a face, indexed by the store's rows.
        out: folder for what is worth keeping between calls.
        seed: of every choice.
        workers: processes; 0 for one a core.
        runs: folders of finished training runs, for networks.
        revision: of the whole store, which these runs must have been trained on.
    """

    store: Path
    table: pd.DataFrame
    out: Path
    seed: int = 1
    workers: int = 0
    runs: tuple[Path, ...] = ()
    revision: str = ""

    @property
    def kept(self) -> Path:
        """Folder of what networks said of parts of the photos."""
        return self.out / "outputs"

    @property
    def held_out(self) -> pd.DataFrame:
        """The rows that are measured, and nothing else."""
        return self.table[self.table.split.isin(HELD_OUT)]

    def part(self, stage: str, split: str, lacking: tuple[str, ...] = ()) -> tuple[pd.DataFrame, np.ndarray]:
        """Return a stage's rows of a split, without those of collections, and their truth, (N,) int in {0, 1}.

        Raises:
            BadDataset: one of the two classes is not among them.
        """
        rows = without(usable(self.table, stage, split), lacking)
        truth = target_of(rows, stage).astype(int)
        if len(set(truth.tolist())) < 2:
            there = ", ".join(sorted(rows.label.unique())) or "no photos"
            needed = "real and edited photos" if stage == "edited" else "deepfake and facetune photos"
            raise BadDataset(f"Stage {stage!r} needs {needed} in split {split!r} of {self.store}: there are {there}.")
        return rows, truth


def support_vectors(job: Job) -> Answered:
    """Train a support vector machine for each stage on the crops' noise; see `svm`."""
    parts = {stage: (job.part(stage, "train"), job.part(stage, "val")) for stage in STAGES}
    features = cached(job.store, job.table, job.out, job.workers)
    held, found, said = job.held_out, [], {}
    for stage, ((train, is_train), (val, is_val)) in parts.items():
        machine = svm.fitted(features, train, val, (is_train, is_val), job.seed)
        line = staged(stage, val, machine.scores(features, val.index.to_numpy()), is_val)
        found.append((line, machine.scores(features, held.index.to_numpy())))
        chosen = {"chosen": vars(machine.chosen), "tried on validation": list(machine.tried)}
        said[stage] = chosen | {"calibration": described(line), "trained on": len(train)}
    (first, edited), (second, deepfake) = found
    return Answered(answered(held, first, second, edited, deepfake), said)


def files_facts(job: Job) -> Answered:
    """Train trees on the facts of those rows that are files; see `metadata`."""
    files = Job(job.store, job.table[job.table.recipe == ""], job.out, job.seed)
    parts = {stage: (files.part(stage, "train"), files.part(stage, "val")) for stage in STAGES}
    (train, _), (val, _) = parts["edited"]
    model, facts = metadata.fitted(train, val, job.seed)
    lines, held = [], files.held_out
    for place, (stage, (_, (rows, truth))) in enumerate(parts.items()):
        lines.append(staged(stage, rows, metadata.raw_scores(model, facts.of(rows))[place], truth))
    first, second = lines
    edited, deepfake = metadata.raw_scores(model, facts.of(held))
    chosen = {name: model.get_params()[name] for name in ("max_leaf_nodes", "learning_rate")}
    calibrations = {stage: described(line) for stage, line in zip(STAGES, lines, strict=True)}
    said = {"chosen": chosen, "facts": list(metadata.FACTS), "calibration": calibrations, "trained on": len(train)}
    return Answered(answered(held, first, second, edited, deepfake), said)


def commonest(job: Job) -> Answered:
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
    return Answered(answers, {"shares of the training photos": shares.round(4).to_dict(), "trained on": len(train)})


def left_out(job: Job) -> Answered:
    """Let two runs answer that were trained without a collection, calibrated without it too; see `networks`."""
    return _two_stages(job, _finished(job, STAGES))


def _finished(job: Job, stages: Sequence[str]) -> list[Finished]:
    """Return a job's runs, one for each stage; see `networks.finished` and `networks.refuse_strangers`."""
    runs = networks.finished(job.runs, stages)
    networks.refuse_strangers(runs, job.revision)
    return runs


def _two_stages(job: Job, runs: list[Finished]) -> Answered:
    """Let two finished training runs answer, a cascade as a release's."""
    lacking = networks.left_out_by(runs)
    held, found, said = job.held_out, [], {}
    for stage, run in zip(STAGES, runs, strict=True):
        val, is_val = job.part(stage, "val", lacking)
        line = staged(stage, val, networks.outputs_of(run, job.store, val, f"{stage}, val", job.kept)[:, 0], is_val)
        found.append((line, networks.outputs_of(run, job.store, held, f"{stage}, held out", job.kept)[:, 0]))
        said[stage] = networks.told(run) | {"calibration": described(line), "calibrated on": len(val)}
    (first, edited), (second, deepfake) = found
    return Answered(answered(held, first, second, edited, deepfake), said, ", ".join(lacking))


def original(job: Job) -> Answered:
    """Let two ResNet-152 answer, the cascade of the original system.

    Raises:
        BadDataset: the runs are of another architecture, or lack a collection.
    """
    runs = _finished(job, STAGES)
    kinds = {run.config.architecture for run in runs}
    if kinds != {"resnet152"}:
        raise BadDataset(f"The runs are of {' and '.join(sorted(kinds))}, not of resnet152.")
    networks.refuse_lacking(runs)
    return _two_stages(job, runs)


def three_classes(job: Job) -> Answered:
    """Let one network answer that tells all three classes at once; see `networks`."""
    (run,) = _finished(job, ("classes",))
    networks.refuse_lacking([run])
    val, _ = job.part("edited", "val")
    known, lines = networks.raw_of(networks.outputs_of(run, job.store, val, "val", job.kept)), {}
    for place, stage in enumerate(STAGES):
        rows, truth = job.part(stage, "val")
        lines[stage] = staged(stage, rows, known[place][val.index.isin(rows.index)], truth)
    held = job.held_out
    edited, deepfake = networks.raw_of(networks.outputs_of(run, job.store, held, "held out", job.kept))
    said = networks.told(run) | {"calibration": {stage: described(line) for stage, line in lines.items()}}
    table = answered(held, lines["edited"], lines["deepfake"], edited, deepfake)
    return Answered(table, said)


NETWORKS = ("three-class", "resnet-152", LEFT_OUT)
"""Those that take finished training runs."""
BASELINES: Mapping[str, Callable[[Job], Answered]] = MappingProxyType(
    {
        "svm": support_vectors,
        "metadata": files_facts,
        "majority": commonest,
        "three-class": three_classes,
        "resnet-152": original,
        LEFT_OUT: left_out,
    }
)
