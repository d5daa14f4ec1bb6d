"""Train one stage: AdamW, one-cycle, running average of the weights; a killed run goes on where it was.

On the first GPU where there is one, else on the processor; on many where `torchrun` starts it. A run that was killed
and went on ends with the same weights as an unbroken one, bit for bit, on a processor and without a budget of seconds.
With a budget the rate follows the clock, and a GPU adds in another order from run to run.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

from models import registry
from models.card import prefixes, read_card
from models.detector import Detector
from pipeline.crops import masks, swaps
from pipeline.crops.crops import Crops, usable_rows
from pipeline.datasets.sources import home, original_prefixes
from pipeline.errors import TrainingFailed, UnknownName
from pipeline.manifest.splits import refuse_leaks
from pipeline.storage.whole import whole_file, write_whole
from pipeline.training.checkpoint import CHECKPOINT, TrainingRun, part_of, prefixes_of_start, start_run
from pipeline.training.config import TrainConfig
from pipeline.training.folds import with_fold
from pipeline.training.log import TrainingLog
from pipeline.training.on_device.plan import label_of
from pipeline.training.pairs import pool_names
from pipeline.training.parallel import Place, join_processes
from pipeline.training.schedule import Cosine
from pipeline.training.selection import Selection, refuse_strange
from pipeline.training.source import Source, source_of
from pipeline.training.stepping import Stepper

CLASS_COUNT = {"edited": 2, "deepfake": 2, "classes": 3}


def refuse(selection: Selection, config: TrainConfig, teacher: str = "") -> None:
    """Refuse a run that could not end well, before anything is made for it; see `train`."""
    if config.architecture not in registry.names():
        raise UnknownName.among("detector", config.architecture, registry.names())
    table = selection.table
    refuse_leaks(table[table.error == ""], np.zeros((0, 2), int))
    refuse_strange(table, config.leave_out)
    names = set(pool_names(usable_rows(table, config.stage, "train")))
    if strange := [pattern for pattern in config.pools if not any(fnmatch(name, pattern) for name in names)]:
        known = ", ".join(sorted(names))
        raise TrainingFailed(f"pools: no training photo is of {', '.join(strange)}; there are {known}.")
    refuse_edits(config, selection)
    if bool(config.taught or config.taught_mask) != bool(teacher):
        raise TrainingFailed(
            "A run that is taught needs a teacher, and one with a teacher a weight: taught, taught_mask."
        )
    for split, rows in (("train", selection.train), ("val", selection.validation)):
        if len(set(selection.targets_of(rows))) < CLASS_COUNT[config.stage]:
            raise TrainingFailed(
                f"The photos of split {split!r} lack a class for the stage {config.stage!r}: it needs them all."
            )
    if not config.steps_an_epoch:
        raise TrainingFailed(
            f"An epoch draws fewer photos than one batch of {config.batch_size}: lower batch_size, or draw more "
            "(pools, edits, lessons)."
        )


def refuse_edits(config: TrainConfig, selection: Selection) -> None:
    """Refuse edits that cannot be forged: of no known name, of one label for stage 2, or with nothing to forge of.

    Raises:
        UnknownName: no such operation.
        TrainingFailed: the others.
    """
    labels = {label_of(name) for name, count in config.edits.items() if count}
    if config.stage == "deepfake" and len(labels) == 1:
        raise TrainingFailed(f"edits: stage 2 needs edits of both labels, and these are all {labels.pop()}.")
    real = {home(source) for source in selection.originals.source[selection.originals.label == "real"]}
    if config.edits and not real:
        raise TrainingFailed("edits: there is no real training photo to make them of.")
    if strange := sorted(set(config.shares) - real):
        known = ", ".join(sorted(real))
        raise TrainingFailed(f"shares: no real training photo is of {', '.join(strange)}; there are {known}.")


def _refuse_seen(photos: Sequence[str], table: pd.DataFrame, whose: str, instead: str) -> None:
    """Refuse to go on from what was trained on photos that are held out here; it was in another store, perhaps."""
    held_out = original_prefixes(table[(table.error == "") & (table.split != "train")])
    if seen := sorted(set(photos) & set(held_out)):
        examples = ", ".join(seen[:3])
        raise TrainingFailed(
            f"{whose} was trained on {len(seen)} photos that this store holds out, for example {examples}: {instead}."
        )


def _refuse_other_store(before: str, now: str, out: Path) -> None:
    """Refuse to go on where photos, labels or splits are others; runs of long ago do not know theirs."""
    if before and before != now:
        raise TrainingFailed(
            f"The run in {out} was trained on another store, or on other splits: choose another --out, or remove it."
        )


@dataclass(frozen=True, eq=False)
class Material:
    """What a run is trained with.

    Attributes:
        crops: the store, under the splits of the run's fold.
        selection: of its rows.
        source: of its batches.
    """

    crops: Crops
    selection: Selection
    source: Source


def train_epoch(run: TrainingRun, material: Material, progress: TrainingLog) -> float:
    """Train one epoch; return the mean loss.

    Raises:
        TrainingFailed: the loss is no finite number.
    """
    run.detector.train()
    for part in run.config.frozen:
        part_of(run.detector, part).eval()  # its batch norms keep their statistics too
    if isinstance(run.schedule, Cosine):
        run.schedule.start()
    stepper = Stepper(run, progress, material.source.make(run))
    losses = []
    for whole in material.source.epoch(run):
        losses.append(stepper.step(whole))
        progress.step(float(np.mean(losses[-20:])))
        if run.budget_spent:  # for all processes at the same step, see `Cosine`
            break
    return float(np.mean(losses))


@torch.inference_mode()
def logits_of(detector: nn.Module, crops: Crops, rows: np.ndarray, batch: int = 32) -> np.ndarray:
    """Return (N, outputs) float32: the logit and any region logits of stored crops in the fixed container."""
    detector.eval()
    device = next(detector.parameters()).device
    outputs = []
    for first in range(0, len(rows), batch):
        pixels = torch.from_numpy(crops.pixels(rows[first : first + batch]))
        logits = detector(pixels.to(device, memory_format=torch.channels_last))
        parts = [logits.logit[:, None]] + ([logits.regions] if logits.regions is not None else [])
        outputs.append(torch.cat(parts, dim=1).float().cpu().numpy())
    return np.concatenate(outputs)


def validate(run: TrainingRun, material: Material, most: int = 100) -> dict[str, float]:
    """Return the averaged weights' validation AUC overall and by source that has both labels, of `most` a source."""
    rows = material.selection.validation
    rows = rows.groupby("source").sample(frac=1, random_state=run.config.seed).groupby("source").head(most)
    detector = run.final_detector() if run.over else run.average
    scores = positive_score(run.config, logits_of(detector, material.crops, rows.index.to_numpy()))
    truth = material.selection.targets_of(rows) > 0
    figures = {"all": float(roc_auc_score(truth, scores))}
    homes = rows.source.map(home)
    for source in sorted(rows.source.unique()):
        mine = (rows.source == source).to_numpy() | ((homes == home(source)).to_numpy() & (truth == 0))
        if 0 < truth[mine].mean() < 1:
            figures[source] = round(float(roc_auc_score(truth[mine], scores[mine])), 4)
    return figures


def positive_score(config: TrainConfig, logits: np.ndarray) -> np.ndarray:
    """Return (N,) of (N, outputs): what speaks for the positive label; for stage "classes", against "real"."""
    return -logits[:, 0] if config.stage == "classes" else logits[:, 0]


def train(config: TrainConfig, store: Path, out: Path, earlier: str = "", teacher: str = "") -> Detector:
    """Train a stage from a prepared store; checkpoint and log to `out`; return the averaged detector in eval mode.

    Args:
        config: of the run.
        store: folder that `prepare --crops` wrote.
        out: folder of the checkpoint, log.txt and history.json; a started run goes on there.
        earlier: a finished run or released weights to start from, see `start_run`.
        teacher: id of released weights whose answers it learns too; "" for none.

    Raises:
        UnknownName: no such network.
        LeakyManifest: splits share photos or people.
        TrainingFailed: the run could not end well:

            - one class only;
            - an unknown pool or collection to leave out;
            - an epoch of less than one batch;
            - the checkpoint of another configuration, or of a run on another store;
            - a start from what was trained on photos held out here;
            - more processes than pairs in a batch;
            - a loss that is no number;
            - a start of other shapes, such as adapters of another rank;
            - a device that is not here, or has too little memory.
    """
    stored = Crops.read(store)
    crops = stored.with_table(with_fold(stored.table, config.fold))
    selection = Selection.of(crops.table, config)
    refuse(selection, config, teacher)
    out.mkdir(parents=True, exist_ok=True)
    place = join_processes(config.device)
    if config.batch_size % (2 * place.world):
        raise TrainingFailed(f"{place.world} processes cannot share a batch of {config.batch_size} in whole pairs.")
    checkpoint = out / CHECKPOINT
    resumed = torch.load(checkpoint, weights_only=True, map_location="cpu") if checkpoint.exists() else None
    before = prefixes_of_start(earlier) if earlier else ()
    if teacher:
        known = tuple(read_card(teacher).photos())
        _refuse_seen(known, crops.table, teacher, "choose another teacher")
        before = (*before, *known)
    if resumed is None:
        _refuse_seen(before, crops.table, earlier, "start from another")
    else:
        before = (*before, *resumed.get("photos", ()))
        _refuse_seen(before, crops.table, f"The run in {out}", "choose another --out")
        _refuse_other_store(resumed.get("data", ""), stored.revision, out)
    _build(place, stored, config)
    run = start_run(config, place, resumed is None, "" if resumed else earlier)
    run.data, run.teacher = stored.revision, teacher
    if resumed is not None:
        run.load(resumed)
    run.photos = prefixes((*before, *selection.prefixes))
    return _train_to_the_end(run, Material(crops, selection, source_of(run, crops, selection, out)), out)


def _train_to_the_end(run: TrainingRun, material: Material, out: Path) -> Detector:
    config, place = run.config, run.place
    log = out / "log.txt" if place.leads else None
    with TrainingLog(log, config.steps, run.epoch * config.steps_an_epoch, config.stage) as progress:
        while not run.over:
            _epoch(run, material, progress)
            if place.leads:
                with whole_file(out / CHECKPOINT) as part:
                    torch.save(run.state(), part)
            place.wait()
    if place.leads:
        write_whole(out / "history.json", json.dumps(run.history, indent=1).encode())
    return run.final_detector()


def _build(place: Place, crops: Crops, config: TrainConfig) -> None:
    """Make what runs need beside the store, once for all processes: the same for every fold."""
    if place.leads and not crops.has_masks:
        masks.build_masks(crops)
    if place.leads and config.diluted and not swaps.stands(crops):
        swaps.build_swaps(crops)
    place.wait()


def _epoch(run: TrainingRun, material: Material, progress: TrainingLog) -> None:
    since = time.monotonic()
    torch.manual_seed(run.config.seed * 1000 + run.epoch)  # dropout, the same in a resumed run
    entry: dict[str, Any] = {"epoch": run.epoch, "loss": round(train_epoch(run, material, progress), 4)}
    run.epoch += 1
    due = run.epoch % run.config.validate_every == 0 or run.over
    if due and run.place.leads:
        entry["auc"] = validate(run, material)
    run.history.append(entry | {"seconds": round(time.monotonic() - since)})
    progress.line(json.dumps(run.history[-1]))
