"""What finished training runs answer on held-out photos: networks that are no release, measured as the baselines are.

Two runs make a cascade. One run of stage "classes" is the network that tells all three at once. Scores are those of the
stored crops in the fixed container, as a release's are; calibration and threshold are the baselines'. On a processor
they are served as a release is, which is twice as fast as training's own network. The outputs of a part are kept: a
large network takes minutes for each, and a killed call goes on there.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from models.serving import Network
from pipeline.crops.crops import Crops
from pipeline.datasets import LABELS
from pipeline.errors import BadDataset
from pipeline.evaluation.baselines.cache import pieces_of
from pipeline.evaluation.baselines.calibrated import log_odds
from pipeline.examining.lanes import cores
from pipeline.results.evaluation import LEFT_OUT
from pipeline.storage.whole import room, whole_file
from pipeline.training.finished import Finished, say_start
from pipeline.training.train import logits_of

TOGETHER = 64
"""Photos in a part, which is kept as a whole."""
AT_ONCE = 8
"""Photos that a processor's thread scores at once: a ResNet-152 needs some 100 MB for these."""


def read_runs(folders: Sequence[Path], stages: Sequence[str]) -> list[Finished]:
    """Read training runs, one for each stage in this order.

    Raises:
        BadDataset: another number of runs, or a run of another stage.
        WeightsMissing: a run is not there, or did not finish.
    """
    if len(folders) != len(stages):
        raise BadDataset(f"{len(folders)} training runs are named (--run): needed are {' and '.join(stages)}.")
    runs = [Finished.read(folder) for folder in folders]
    for folder, run, stage in zip(folders, runs, stages, strict=True):
        if run.config.stage != stage:
            raise BadDataset(f"The run {folder} is of stage {run.config.stage!r}, where {stage!r} is needed.")
    return runs


def left_out_by(runs: Sequence[Finished]) -> tuple[str, ...]:
    """Return which collections all of these runs were trained without.

    Raises:
        BadDataset: the runs left out different ones, or hold out a fold: they were trained on test photos.
    """
    if any(run.config.fold for run in runs):
        raise BadDataset("A run that holds out a fold was trained on test photos: measure all folds with `folds`.")
    lacking = {tuple(sorted(run.config.leave_out)) for run in runs}
    if len(lacking) > 1:
        names = sorted(", ".join(sources) or "none" for sources in lacking)
        raise BadDataset(f"The runs left out different collections: {'; '.join(names)}.")
    return lacking.pop()


def refuse_strangers(runs: Sequence[Finished], data: str) -> None:
    """Refuse runs that were trained on another store: what is held out here they may have seen.

    Raises:
        BadDataset: they were.
    """
    if strange := sorted({run.data for run in runs if run.data} - {data}):
        raise BadDataset(f"The runs were trained on data of revision {', '.join(strange)}, not on this store's {data}.")


def refuse_lacking(runs: Sequence[Finished]) -> None:
    """Refuse runs that lack a collection: they would be shown as if they had seen all.

    Raises:
        BadDataset: they do.
    """
    if lacking := left_out_by(runs):
        raise BadDataset(f"The runs were trained without {', '.join(lacking)}: measure them as {LEFT_OUT!r}.")


def outputs_of(run: Finished, crops: Crops, rows: pd.DataFrame, what: str, kept: Path | None = None) -> np.ndarray:
    """Return a network's raw outputs on rows of a store, (N, outputs) float32; on a GPU where there is one.

    Args:
        run: the network.
        crops: the store.
        rows: of the store's table.
        what: is scored, for the progress bar.
        kept: folder where the outputs of parts are kept; None keeps none.
    """
    parts = np.array_split(rows.index.to_numpy(), max(1, len(rows) // TOGETHER))
    score = scorer(run, crops)
    if kept is not None:
        score = partial(_recall_or_score, score, crops, kept, _digest(run))
    with ThreadPoolExecutor(1 if torch.cuda.is_available() else cores()) as lanes:
        outputs = lanes.map(score, parts)
        return np.concatenate(list(tqdm(outputs, total=len(parts), desc=what, unit=f"{TOGETHER} photos", disable=None)))


def _digest(run: Finished) -> bytes:
    """Return a hash that changes with what a network does, and on which kind of device."""
    digest = hashlib.sha256(b"cuda" if torch.cuda.is_available() else b"cpu")
    digest.update(run.graph)
    for tensor in run.detector.state_dict().values():
        digest.update(np.ascontiguousarray(tensor.cpu().numpy()).tobytes())
    return digest.digest()


def _recall_or_score(
    score: Callable[[np.ndarray], np.ndarray], crops: Crops, kept: Path, network: bytes, rows: np.ndarray
) -> np.ndarray:
    """Return the outputs of rows from the file that an earlier call left, else score them and leave it.

    The file's name is a hash of the network and of the crops in their container, so that it can be of nothing else.
    """
    digest = hashlib.sha256(network)
    for row in rows:
        digest.update(crops.in_container(row).tobytes())
    path = kept / f"{digest.hexdigest()[:32]}.npy"
    if not path.is_file():
        outputs = score(rows)
        with room(kept):
            kept.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part, part.open("wb") as file:
                np.save(file, outputs)
    return np.load(path)


def scorer(run: Finished, crops: Crops) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from rows of a store to their raw outputs, (n, outputs) float32; threads may share it."""
    if torch.cuda.is_available():
        detector = run.detector.to("cuda", memory_format=torch.channels_last)  # type: ignore[call-overload]
        return partial(logits_of, detector, crops)
    network = Network(run.graph, run.detector.tensors_to_serve(run.config.input_size))

    def scores(rows: np.ndarray) -> np.ndarray:
        few = pieces_of(rows, AT_ONCE)
        return np.concatenate([network(crops.pixels(part)) for part in few])

    return scores


def raw_of(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds of edited against real, and of deepfake against facetune, of three logits each, (N, 3)."""
    return log_odds(dict(zip(LABELS, outputs.astype(float).T, strict=True)))


def describe_run(run: Finished) -> dict[str, Any]:
    """Return what run.json says of a training run."""
    seconds = sum(entry["seconds"] for entry in run.history)
    return {
        "config": run.config.model_dump(mode="json"),
        "started from": say_start(run),
        "seconds of training": seconds,
    }
