"""Training: what a step of each stage of the thorough network takes here, forging apart from learning."""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from pipeline.crops.build import COLUMNS, main_face
from pipeline.crops.crops import LANDMARKS, PIXELS, TABLE, Crops, stored_crop
from pipeline.crops.masks import build_masks
from pipeline.photo import Photo
from pipeline.settings import PROJECT
from pipeline.training.checkpoint import start_run
from pipeline.training.config import TrainConfig
from pipeline.training.log import TrainingLog
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection
from pipeline.training.source import source_of
from pipeline.training.stepping import Stepper
from tests.bench.photos import portraits

CONFIGS = PROJECT / "pipeline" / "training" / "configs"
FACES, ITEMS, STEPS = 8, 16, 2


def step() -> dict[str, Any]:
    """Return seconds of a step of so many crops, the second of two, on all cores and in float32."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        crops = _store(Path(folder))
        for stage in ("edited", "deepfake"):
            forging, learning = _seconds(crops, stage, Path(folder))
            figures[f"stage {stage}: forging a batch of {ITEMS}, s"] = round(forging, 1)
            figures[f"stage {stage}: learning from it, s"] = round(learning, 1)
    return figures | {"threads": torch.get_num_threads()}


def _store(folder: Path) -> Crops:
    """Write a store of portraits, none of them edited but by name."""
    photos = [Photo.read(data) for data in portraits(FACES)]
    cut = [stored_crop(photo.rgb, main_face(photo).landmarks) for photo in photos]
    lines = [
        {"sha256": f"{n:064x}", "label": label, "kind": kind, "source": "portraits", "split": "train", "group": f"g{n}"}
        for n, (label, kind) in enumerate([("real", "camera")] * (FACES - 1) + [("deepfake", "GAN")])
    ]
    pd.DataFrame(lines).reindex(columns=list(COLUMNS), fill_value="").to_parquet(folder / TABLE)
    np.save(folder / PIXELS, np.stack([pixels for pixels, _ in cut]))
    np.save(folder / LANDMARKS, np.stack([points for _, points in cut]))
    crops = Crops.read(folder)
    build_masks(crops)
    return crops


def _seconds(crops: Crops, stage: str, out: Path) -> tuple[float, float]:
    shipped = TrainConfig.read(CONFIGS / f"newer-{stage}.json")
    edits = {name: max(1, count // 100) for name, count in shipped.edits.items()}
    changes: dict[str, Any] = {"batch_size": ITEMS, "pools": {}, "edits": edits, "shares": {}}
    config = shipped.model_copy(update=changes)
    selection = Selection.of(crops.table, config)
    run = start_run(config, Place(0, 1, torch.device("cpu")))
    run.detector.train()
    source = source_of(run, crops, selection, out)
    make, seconds = source.make(run), (0.0, 0.0)
    with TrainingLog(None, STEPS, 0, stage) as progress:
        stepper = Stepper(run, progress, lambda batch: batch)
        for _, pairs in zip(range(STEPS), source.epoch(run), strict=False):
            begun = time.perf_counter()
            batch = make(pairs)
            forged = time.perf_counter()
            stepper.step(batch)
            seconds = forged - begun, time.perf_counter() - forged
    return seconds
