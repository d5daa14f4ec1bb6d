"""From two finished training runs to a release: calibrate and set thresholds on validation, write weights and cards.

The test split is not touched here.
"""

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from safetensors.torch import save_file

from models.card import LOOKS, LOSSES, Card
from models.files import ROOT, sha256_of, write_json
from models.release import Release, Stage, read_release
from models.serving import serve
from pipeline.cascade import PREPROCESSING
from pipeline.datasets import dataset
from pipeline.errors import UnknownName
from pipeline.evaluation.contamination import prefixes
from pipeline.evaluation.targets import revision
from pipeline.explain import methods_of
from pipeline.scope import scope_limits
from pipeline.training.calibration import compared, conformal_of, joint_of, probabilities, weights_of
from pipeline.training.run import TrainingFailed
from pipeline.training.samples import target_of, usable
from pipeline.training.store import read_store
from pipeline.training.thresholds import stage_rules
from pipeline.training.train import seen_in_training, trained_on
from pipeline.training.validation import Finished, begun, facts, scored

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
ETHICS = (
    "A wrong “edited” can ruin a person, a wrong “no indication” can let a lie pass. Faces of some groups are rare in "
    "the training photos: see the slices of the evaluation before relying on a verdict about a person."
)

StageName = Literal["edited", "deepfake"]


def publish(name: str, store: Path, edited: Path, deepfake: Path, heatmap: str = "gradcam", root: Path = ROOT) -> str:
    """Write weights, cards and the release's file; return the release as JSON text.

    Args:
        name: of the release.
        store: folder that `prepare --crops` wrote.
        edited, deepfake: folders of the two finished training runs.
        heatmap: how the first stage's maps are made, one of `methods_of` its network; chosen on validation by
            `python -m pipeline maps`.
        root: where weights, cards and releases lie.

    Raises:
        UnknownName: the first stage's network cannot be explained by this method.
        WeightsMissing: a run did not finish.
        TrainingFailed: a run holds out a fold, not the test split; or it was trained on another store.
        NotCalibrated: validation photos that nothing can be calibrated on.
    """
    table = read_store(store)
    found = {stage: _whole(run, revision(table)) for stage, run in _runs(edited, deepfake)}
    if heatmap not in (known := methods_of(found["edited"].detector)):
        raise UnknownName.among("heatmap method", heatmap, known)
    cards = {stage: written(run, table, root) for stage, run in found.items()}
    rows = usable(table, "edited", "val")
    logits = {stage: scored(serve(card.weights, root)[0], store, rows, stage) for stage, card in cards.items()}
    stages = {stage: _ruled(stage, card, rows, logits[stage], root) for stage, card in cards.items()}
    joint = joint_of(*(probabilities(stages[stage], logits[stage][:, 0]) for stage in cards))
    release = Release(
        name=name,
        date=_today(),
        edited=replace(stages["edited"], heatmap=heatmap),
        deepfake=stages["deepfake"],
        preprocessing=PREPROCESSING,
        min_face=MIN_FACE,
        notes=LIMITS,
        scope=scope_limits(facts(store, usable(table, "edited", "train"))),
        conformal=conformal_of(joint, rows.label.to_numpy(), weights_of(rows, target_of(rows, "edited"))),
    )
    (root / "releases").mkdir(exist_ok=True)
    path = root / "releases" / f"{name}.json"
    write_json(path, release.as_dict())
    read_release(name, root)  # what was written must be readable
    return path.read_text(encoding="utf-8")


def _whole(folder: Path, data: str) -> Finished:
    found = Finished.read(folder)
    if found.data and found.data != data:
        raise TrainingFailed(f"{folder} was trained on another store, or on other splits: name its own (--store).")
    if found.config.fold:
        raise TrainingFailed(f"{folder} was trained on test photos, for it holds out {found.config.fold}: train anew.")
    return found


def _runs(edited: Path, deepfake: Path) -> list[tuple[StageName, Path]]:
    return [("edited", edited), ("deepfake", deepfake)]


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _ruled(stage: StageName, card: Card, rows: pd.DataFrame, logits: np.ndarray, root: Path) -> Stage:
    """Set a stage's rules on the validation photos that concern it; note on its card how calibrations compared."""
    mine = (rows.label != "real").to_numpy() if stage == "deepfake" else np.ones(len(rows), bool)
    rows, logits = rows[mine], logits[mine]
    truth = target_of(rows, stage)
    weights, groups = weights_of(rows, truth), rows.group.to_numpy()
    losses = compared(logits[:, 0], truth, weights, groups)
    told = {"cross-validated log loss": {name: round(loss, 5) for name, loss in losses.items()}, "n": len(rows)}
    noted = replace(card, training=card.training | {"calibration": told})
    write_json(root / "cards" / f"{card.weights}.json", noted.as_dict())
    return stage_rules(stage, logits[:, 0], truth, weights, groups, logits[:, 1:], card.weights)


def written(found: Finished, table: pd.DataFrame, root: Path) -> Card:
    """Write a stage's weights, graph, list of training photos and card; the id ends as the weights' hash begins."""
    part = root / "weights" / "part.safetensors"
    part.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in found.detector.state_dict().items()}, part)
    sha256 = sha256_of(part)
    weights = f"{found.config.stage}-{found.config.architecture}-{sha256[:8]}"
    part.chmod(0o644)  # save_file leaves it to its owner alone
    part.replace(part.with_name(f"{weights}.safetensors"))
    graph = part.with_name(f"{weights}.onnx")
    graph.write_bytes(found.graph)
    (root / "cards").mkdir(exist_ok=True)
    rows = trained_on(table, found.config)
    photos = root / "cards" / f"{weights}.photos"
    seen = prefixes((*found.photos, *seen_in_training(table, found.config)))
    photos.write_text("".join(f"{prefix}\n" for prefix in seen), encoding="utf-8")
    hashes = {"sha256": sha256, "graph_sha256": sha256_of(graph), "training_sha256": sha256_of(photos)}
    card = _card(found, rows, weights, hashes)
    write_json(root / "cards" / f"{weights}.json", card.as_dict())
    return card


def _card(found: Finished, rows: pd.DataFrame, weights: str, hashes: dict[str, Any]) -> Card:
    config = found.config
    positive, negative = ("edited", "real") if config.stage == "edited" else ("deepfake", "facetune")
    return Card(
        weights=weights,
        architecture=config.architecture,
        input_size=config.input_size,
        positive=positive,
        negative=negative,
        outputs=config.outputs,
        date=_today(),
        licence=LICENCE,
        training=_training(found, rows),
        intended=INTENDED,
        limits=LIMITS,
        ethics=ETHICS,
        data=_data(rows),
        **hashes,
    )


def _data(rows: pd.DataFrame) -> dict[str, str]:
    """Return how many photos each collection gave, and under which terms; its forged edits count as one photo."""
    photos = rows.drop_duplicates("sha256")
    terms = dict(zip(photos.origin, photos.dataset.map(_terms), strict=True))
    counts = {str(origin): int(count) for origin, count in photos.origin.value_counts().items()}
    return {origin: f"{count} photos; {terms[origin]}" for origin, count in counts.items()}


def _terms(name: str) -> str:
    try:
        return dataset(name).licence
    except UnknownName:
        return "terms not told"


def _training(found: Finished, rows: pd.DataFrame) -> dict[str, Any]:
    config, history = found.config, found.history
    plan = rows[["sha256", "label", "recipe", "split"]].to_csv(index=False)
    return {
        "started from": begun(found),
        "config": config.model_dump(mode="json"),
        "photos": (rows.source + ": " + rows.kind).value_counts().sort_index().to_dict(),
        "crops_sha256": hashlib.sha256(plan.encode()).hexdigest(),
        LOSSES: {str(entry["epoch"]): entry["loss"] for entry in history if "loss" in entry},
        LOOKS: {str(entry["epoch"]): entry["auc"] for entry in history if "auc" in entry},
        "seconds": sum(entry["seconds"] for entry in history),
        "groups": "split by person and near-duplicate group, 70/15/15; london and stock_cc0 held out whole",
    }
