"""From two finished training runs to a release: calibrate and set thresholds on validation, write weights and cards.

The test split is not touched here.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file
from sklearn.linear_model import LogisticRegression

from models.card import Card
from models.detector import Detector
from models.files import ROOT, sha256_of, write_json
from models.graph import graph_of
from models.release import Release, Stage, read_release
from pipeline.cascade import PREPROCESSING
from pipeline.errors import WeightsMissing
from pipeline.training.config import TrainConfig
from pipeline.training.samples import target_of, usable
from pipeline.training.store import read_store
from pipeline.training.train import logits_of, started

PASSED = 0.95
MIN_FACE = 64
LICENCE = "research use: trained on data under research terms (CIPLAB, DFDC) and CC BY-NC-SA (FFHQ)"
INTENDED = (
    "An indication for trained analysts of whether, and how, a face photo was edited; "
    "always beside other evidence, never alone."
)
LIMITS = (
    "Not proof. Not for automated decisions about people. Not for whole scenes, drawings, video frames, faces under "
    f"{MIN_FACE} px, or edits outside the face. Trained on few collections: it fails most on kinds of edit and on "
    "sources that it never saw, and heavy professional retouching may pass unnoticed."
)


@dataclass(frozen=True)
class Validated:
    """A finished stage and what it says of validation photos: logits (N,), truth (N,) in {0, 1}, weights (N,)."""

    config: TrainConfig
    detector: Detector
    history: list[dict[str, Any]]
    rows: pd.DataFrame
    logits: np.ndarray
    truth: np.ndarray
    weights: np.ndarray


def finished(store: Path, folder: Path, table: pd.DataFrame) -> Validated:
    """Load a finished training run's averaged weights and score its validation photos.

    Raises:
        WeightsMissing: the run has no checkpoint, or did not finish.
    """
    checkpoint = folder / "checkpoint.pt"
    if not checkpoint.is_file():
        raise WeightsMissing(f"There is no finished training run in {folder}: run `train` first.")
    state = torch.load(checkpoint, weights_only=True)
    config = TrainConfig.model_validate(state["config"])
    if state["epoch"] < config.epochs:
        raise WeightsMissing(f"The training run in {folder} stopped at epoch {state['epoch']} of {config.epochs}.")
    run = started(config, pretrained=False)
    run.load(state)
    detector = run.average.module
    assert isinstance(detector, Detector)
    rows = usable(table, config.stage, "val")
    logits = logits_of(detector.eval(), store, rows.index.to_numpy())[:, 0]
    truth = target_of(rows, config.stage)
    return Validated(config, detector, state["history"], rows, logits, truth, weights_of(rows, truth))


def weights_of(rows: pd.DataFrame, truth: np.ndarray) -> np.ndarray:
    """Return weights (N,) that give both classes, and within a class every source and kind, the same say."""
    cell = rows.source + "/" + rows.kind
    within = 1 / cell.map(cell.value_counts()).to_numpy(float)
    for side in (0, 1):
        within[truth == side] /= within[truth == side].sum()
    return within * len(rows) / 2


def quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the value below which `share` of the weight lies."""
    order = np.argsort(values)
    summed = np.cumsum(weights[order]) / weights.sum()
    place = min(int(np.searchsorted(summed, share)), len(values) - 1)
    return float(values[order][place])


def platt(found: Validated) -> tuple[float, float]:
    """Fit Platt scaling on validation; return slope and intercept."""
    model = LogisticRegression(C=1e6).fit(found.logits[:, None], found.truth, sample_weight=found.weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def edited_stage(found: Validated, weights: str) -> Stage:
    """Set stage 1's threshold where 95 % of validation's real photos pass, and its band from 0.5 up to it.

    In the band edited is likelier than not, yet saying so would call too many real photos edited.
    """
    slope, intercept = platt(found)
    stage = Stage(weights, slope, intercept, 0.5, (0.5, 0.5), "")
    scores = np.array([stage.probability(logit) for logit in found.logits])
    real = found.truth == 0
    threshold = max(quantile(scores[real], found.weights[real], PASSED), 0.5)
    passed, missed = (np.average(scores[side] < 0.5, weights=found.weights[side]) for side in (real, ~real))
    rule = (
        f"Threshold: {PASSED:.0%} of validation's real photos lie below it (every source weighted alike), never under "
        "0.5. Band: from 0.5, where edited is likelier than not, up to the threshold. What this leaves: under 0.5, "
        f"where no indication is said, lie {passed:.0%} of validation's real photos and {missed:.0%} of its edited "
        "ones (every source and kind weighted alike), light retouching above all. Probabilities hold where half of "
        "the photos seen are edited."
    )
    return Stage(weights, slope, intercept, round(threshold, 4), (0.5, round(threshold, 4)), rule)


def deepfake_stage(found: Validated, weights: str) -> Stage:
    """Set stage 2's threshold at 0.5 of the calibrated probability, and a band where one in five would be wrong."""
    slope, intercept = platt(found)
    rule = (
        "Threshold: calibrated probability 0.5. Band: 0.35 to 0.65, where by the calibration more than a third of the "
        "answers would be wrong. Probabilities hold where deepfake and facetune are equally frequent among edits."
    )
    return Stage(weights, slope, intercept, 0.5, (0.35, 0.65), rule)


def written(found: Validated, table: pd.DataFrame, root: Path) -> Card:
    """Write a stage's weights, graph and card; the id ends in the first digits of the weights' hash."""
    part = root / "weights" / "part.safetensors"
    part.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in found.detector.state_dict().items()}, part)
    sha256 = sha256_of(part)
    weights = f"{found.config.stage}-{found.config.architecture}-{sha256[:8]}"
    part.chmod(0o644)  # save_file leaves it to its owner alone
    part.replace(part.with_name(f"{weights}.safetensors"))
    graph = part.with_name(f"{weights}.onnx")
    graph.write_bytes(graph_of(found.detector, found.config.input_size))
    card = _card(found, table, weights, sha256, sha256_of(graph))
    (root / "cards").mkdir(exist_ok=True)
    write_json(root / "cards" / f"{weights}.json", card.as_dict())
    return card


def _card(found: Validated, table: pd.DataFrame, weights: str, sha256: str, graph_sha256: str) -> Card:
    stage = found.config.stage
    train = usable(table, stage, "train")
    labels = ("edited", "real") if stage == "edited" else ("deepfake", "facetune")
    training = {
        "config": found.config.model_dump(),
        "photos": (train.source + ": " + train.kind).value_counts().sort_index().to_dict(),
        "validation AUC by epoch": [entry["auc"] for entry in found.history],
        "seconds": sum(entry["seconds"] for entry in found.history),
        "groups": "split by person and near-duplicate group, 70/15/15; london and stock_cc0 held out whole",
    }
    return Card(
        weights=weights,
        sha256=sha256,
        graph_sha256=graph_sha256,
        architecture=found.config.architecture,
        input_size=found.config.input_size,
        positive=labels[0],
        negative=labels[1],
        outputs=found.config.outputs,
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        licence=LICENCE,
        training=training,
        intended=INTENDED,
        limits=LIMITS,
        training_sha256=hashlib.sha256("\n".join(sorted(set(train.sha256))).encode()).hexdigest(),
    )


def publish(name: str, store: Path, edited: Path, deepfake: Path, root: Path = ROOT) -> str:
    """Write weights, cards and the release's file; return the release as JSON text."""
    table = read_store(store)
    first, second = finished(store, edited, table), finished(store, deepfake, table)
    cards = [written(found, table, root) for found in (first, second)]
    release = Release(
        name=name,
        date=time.strftime("%Y-%m-%d", time.gmtime()),
        edited=edited_stage(first, cards[0].weights),
        deepfake=deepfake_stage(second, cards[1].weights),
        preprocessing=PREPROCESSING,
        min_face=MIN_FACE,
        notes=LIMITS,
    )
    (root / "releases").mkdir(exist_ok=True)
    path = root / "releases" / f"{name}.json"
    write_json(path, release.as_dict())
    read_release(name, root)  # what was written must be readable
    return path.read_text(encoding="utf-8")
