"""`baseline`: train one of `BASELINES` on a prepared folder, measure it on its held-out photos, write what was found.

Written to models/evaluations/baselines/<name>/<split>@<revision>/, as an evaluation of a release is: run.json
(conditions), predictions.csv (one row a photo) and metrics.json. A folder appears whole or not at all. Networks that
were trained without one collection are written to models/evaluations/left-out/<collection>/ instead.
"""

import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.files import sha256_of, write_json
from pipeline.crops.crops import NAME, read_store
from pipeline.crops.identity import revision
from pipeline.errors import BadDataset, UnknownName
from pipeline.evaluation.audit.tasks import capped
from pipeline.evaluation.baselines.calibrated import Answered
from pipeline.evaluation.baselines.figures import COLUMNS, figures, predictions
from pipeline.evaluation.baselines.methods import BASELINES, HELD_OUT, NETWORKS, Job
from pipeline.figures import bootstrap
from pipeline.manifest.splits import refuse_leaks
from pipeline.results.evaluation import FORMAT, HOME, LEFT_OUT, METRICS, NOTHING, PREDICTIONS, RUN, WITHOUT
from pipeline.storage.whole import whole_folder

PLAIN = "baselines"
NO_FILE = "an edit forged from a photo has no file of its own"
PACKAGES = ("torch", "onnxruntime", "numpy", "scipy", "scikit-learn", "pandas", "opencv-python-headless", "pillow")


def baseline(
    name: str,
    store: Path,
    out: Path,
    most: int = 0,
    seed: int = 1,
    workers: int = 0,
    home: Path = HOME,
    runs: Sequence[Path] = (),
) -> list[Path]:
    """Train a baseline, or take finished training runs, and measure it; return the folders written, one a split.

    Args:
        name: a key of `BASELINES`.
        store: a prepared folder with crops.
        out: folder for the features, or for what networks said of parts of the photos: a killed call goes on there.
        most: photos of a source and label in a split at most, for a trial, which is written to `out`; 0 for all.
        seed: of every choice.
        workers: processes; 0 for one a core.
        home: where evaluations lie.
        runs: folders of finished training runs, for networks; for a cascade that of stage 1 first.

    Raises:
        UnknownName: no such baseline.
        BadDataset: no crops, a class missing, no test photos, or runs of the wrong stages.
        WeightsMissing: a training run is not there, or did not finish.
        LeakyManifest: splits share photos or people.
        NotCalibrated: nothing was learned: on validation the scores point the wrong way.
        DiskFull, Interrupted: see `cached`.
    """
    if name not in BASELINES:
        raise UnknownName.among("baseline", name, BASELINES)
    since, table = time.monotonic(), read_store(store)
    refuse_leaks(table, np.zeros((0, 2), int))
    if runs and name not in NETWORKS:
        raise BadDataset(f"{name!r} is trained here and takes no finished run (--run).")
    code = revision(table)
    job = Job(store, _few(table[table.error == ""], most, seed), out, seed, workers, tuple(runs), code)
    if not (job.table.split == "test").any():
        raise BadDataset(f"There is no usable photo of split 'test' in {store}: nothing could be measured.")
    answers = BASELINES[name](job)
    place = _place(name, answers.without)
    run = _conditions(place, job, answers, most) | {"seconds": round(time.monotonic() - since)}
    parts = {split: job.held_out[job.held_out.split == split] for split in HELD_OUT}
    found = {split: predictions(rows, answers.answers) for split, rows in parts.items()}
    folder = (out if most else home) / place
    return [
        written(
            folder / f"{split}@{code}",
            predicted[list(COLUMNS)],
            figures(predicted),
            run | _counted(split, code, table, parts[split], predicted),
        )
        for split, predicted in found.items()
        if len(predicted)
    ]


def _place(name: str, without: str) -> str:
    """Return where among the evaluations it belongs; it is called that too."""
    return f"{name}/{without or NOTHING}" if name == LEFT_OUT else f"{PLAIN}/{name}"


def _few(table: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most `most` rows of each source and label in each split; all where it is 0."""
    if not most:
        return table
    return pd.concat([capped(part, most, seed) for _, part in table.groupby("split")]).sort_index()


def written(folder: Path, table: pd.DataFrame, found: dict[str, Any], run: dict[str, Any]) -> Path:
    """Write a measurement beside its place and move it there; an older one is replaced.

    Args:
        folder: its place.
        table: predictions.csv.
        found: metrics.json.
        run: run.json.
    """
    with whole_folder(folder) as part:
        table.to_csv(part / PREDICTIONS, index=False, float_format="%.5f")
        write_json(part / METRICS, found)
        write_json(part / RUN, run)
    return folder


def _counted(split: str, code: str, table: pd.DataFrame, rows: pd.DataFrame, predicted: pd.DataFrame) -> dict[str, Any]:
    """Return which photos were measured, and which were not."""
    silent = len(rows) - len(predicted)
    faceless = table[(table.split == split) & (table.error != "")].source.value_counts()
    return {
        "dataset": split,
        "split": split,
        "revision": code,
        "n": len(predicted),
        "without_face": {str(source): int(count) for source, count in faceless.items()},
        "not_judged": {NO_FILE: silent} if silent else {},
    }


def _conditions(place: str, job: Job, answers: Answered, most: int) -> dict[str, Any]:
    """Return what the figures were measured under."""
    lacking = {WITHOUT: answers.without} if place.startswith(LEFT_OUT) else {}
    said = {"format": FORMAT, "release": place, "baseline": answers.said, "most": most, "seed": job.seed}
    return lacking | said | measured_with(job.store)


def measured_with(store: Path) -> dict[str, Any]:
    """Return what every measurement of networks and baselines on a store says of its conditions."""
    return {
        "store_sha256": sha256_of(store / NAME),
        "bootstrap": {"draws": bootstrap.DRAWS, "seed": 1, "by": "group"},
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {package: version(package) for package in PACKAGES},
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def as_text(folder: Path, found: dict[str, Any]) -> str:
    """Return a baseline's most telling figures as lines of text.

    Args:
        folder: of the evaluation.
        found: its metrics.
    """
    place = "/".join(folder.parts[-3:-1])
    lines = [f"{place} on {folder.name} (95 % bootstrap intervals by group)"]
    for stage in ("edited", "deepfake", "joint"):
        for scope, measured in found[stage].items():
            told = (in_words(key, measured[key]) for key in ("AUC", "balanced accuracy", "macro-F1") if key in measured)
            lines.append(f"  {stage + ', ' + scope:<40} " + "   ".join(told))
    return "\n".join(lines)


def in_words(name: str, figure: dict[str, Any]) -> str:
    """Return a figure with its name, interval and n."""
    if figure["value"] is None:
        return f"{name} not defined (n = {figure['n']})"
    return f"{name} {figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f}, n = {figure['n']})"
