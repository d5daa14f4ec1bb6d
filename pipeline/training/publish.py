"""From two finished training runs to a release: calibrate and set thresholds on validation, write weights and cards.

The test split is not touched here.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.torch import save_file

from models.card import LOOKS, LOSSES, Card, prefixes, read_card
from models.files import ROOT, sha256_of, write_json
from models.release import Release, Stage, StageName, read_release
from models.serving import serve
from pipeline.cascade import PREPROCESSING
from pipeline.crops.crops import read_store
from pipeline.crops.identity import revision
from pipeline.crops.sampling import sampled
from pipeline.datasets import dataset
from pipeline.errors import TrainingFailed, UnknownName
from pipeline.examining.explain import methods_of
from pipeline.examining.scope import FACTS, outside, scope_limits
from pipeline.training.adopted import Adapters, adopt
from pipeline.training.calibration import compared, conformal_of, joint_of, probabilities, weights_of
from pipeline.training.finished import Finished, begun, facts
from pipeline.training.logits import scored
from pipeline.training.selection import seen_in_training, target_of, trained_on, usable
from pipeline.training.thresholds import stage_rules
from pipeline.training.wording import LIMITS, MIN_FACE, card_of, today

MOST_VARIED = {"edited": 1000, "deepfake": 600}
"""Validation photos whose harmless variants are scored too, dealt evenly over sources and labels."""


@dataclass(frozen=True)
class Written:
    """A stage's weights as they were written: their card, and the collections that they saw."""

    card: Card
    sources: set[str]


def publish(
    name: str,
    store: Path,
    edited: Path,
    deepfake: Path,
    heatmap: str = "gradcam",
    root: Path = ROOT,
    deepfake_heatmap: str = "gradcam",
) -> str:
    """Write weights, cards and the release's file; return the release as JSON text.

    Args:
        name: of the release.
        store: folder that `prepare --crops` wrote.
        edited, deepfake: folders of the two finished training runs; or adapters that were trained elsewhere, see
            `pipeline.training.adopted`.
        heatmap: how the first stage's maps are made, one of `methods_of` its network; chosen on validation by
            `python -m pipeline maps`.
        root: where weights, cards and releases lie.
        deepfake_heatmap: how the second stage's are made.

    Raises:
        UnknownName: the first stage's network cannot be explained by this method.
        WeightsMissing: a run did not finish, or adapters lack what belongs to them.
        TrainingFailed: a run holds out a fold, not the test split; or it was trained on another store; or it is for
            the other stage.
        NotCalibrated: validation photos that nothing can be calibrated on.
    """
    table = read_store(store)
    runs = {stage: _read(run, stage, revision(table)) for stage, run in _runs(edited, deepfake)}
    for run, method in zip(runs.values(), (heatmap, deepfake_heatmap), strict=True):
        if method not in (known := _methods(run)):
            raise UnknownName.among("heatmap method", method, known)
    kept = {stage: _kept(run, store, table, root) for stage, run in runs.items()}
    rows = usable(table, "edited", "val")
    logits = {stage: _logits(one.card, store, rows, stage, root) for stage, one in kept.items()}
    stages = {stage: _ruled(stage, one, rows, logits[stage], root) for stage, one in kept.items()}
    joint = joint_of(*(probabilities(stages[stage], logits[stage][:, 0]) for stage in kept))
    limits = scope_limits(facts(store, usable(table, "edited", "train")))
    release = Release(
        name=name,
        date=today(),
        edited=replace(stages["edited"], heatmap=heatmap),
        deepfake=replace(stages["deepfake"], heatmap=deepfake_heatmap),
        preprocessing=PREPROCESSING,
        min_face=MIN_FACE,
        notes=LIMITS,
        scope=limits,
        conformal=conformal_of(joint, rows.label.to_numpy(), weights_of(rows, target_of(rows, "edited"))),
    )
    _noted(kept["edited"].card, {"real validation photos unlike the training": _unlike(store, rows, limits)}, root)
    (root / "releases").mkdir(exist_ok=True)
    path = root / "releases" / f"{name}.json"
    write_json(path, release.as_dict())
    read_release(name, root)  # what was written must be readable
    return path.read_text(encoding="utf-8")


def _read(run: Path, stage: StageName, data: str) -> Finished | Adapters:
    if run.is_dir() or run.suffix != ".safetensors":
        return _whole(run, data)
    found = Adapters.read(run)
    if found.stage != stage:
        raise TrainingFailed(f"{run} was trained for the stage {found.stage}, not {stage}.")
    return found


def _methods(run: Finished | Adapters) -> tuple[str, ...]:
    return run.methods if isinstance(run, Adapters) else methods_of(run.detector)


def _kept(run: Finished | Adapters, store: Path, table: pd.DataFrame, root: Path) -> Written:
    if isinstance(run, Adapters):
        return Written(adopt(run, store, root=root), run.sources)
    return Written(written(run, table, root), set(trained_on(table, run.config).origin))


def _whole(folder: Path, data: str) -> Finished:
    found = Finished.read(folder)
    if found.data and found.data != data:
        raise TrainingFailed(f"{folder} was trained on another store, or on other splits: name its own (--store).")
    if found.config.fold:
        raise TrainingFailed(f"{folder} was trained on test photos, for it holds out {found.config.fold}: train anew.")
    return found


def _runs(edited: Path, deepfake: Path) -> list[tuple[StageName, Path]]:
    return [("edited", edited), ("deepfake", deepfake)]


def _logits(card: Card, store: Path, rows: pd.DataFrame, stage: StageName, root: Path) -> np.ndarray:
    """Return a stage's logits of validation photos and of some photos' harmless variants, (N, 1 + k)."""
    asked = rows if stage == "edited" else rows[rows.label != "real"]
    varied = rows.index.isin(sampled(asked, MOST_VARIED[stage], seed=1).index)
    network, files = serve(card.weights, root)[0], [card.sha256, card.graph_sha256, card.ranges_sha256]
    return scored(network, store, rows, stage, files, varied)


def _unlike(store: Path, rows: pd.DataFrame, limits: dict[str, tuple[float, float]]) -> dict[str, str]:
    """Say by source how many real validation photos a release would not judge, as they are unlike the training's."""
    measured = facts(store, rows[rows.label == "real"])
    beyond = np.array([bool(outside(row, limits)) for row in _rows(measured)])
    counts = pd.DataFrame({"source": measured.source, "beyond": beyond}).groupby("source").beyond.agg(["sum", "size"])
    return {str(source): f"{beyond} of {size}" for source, beyond, size in counts.itertuples()}


def _rows(measured: pd.DataFrame) -> list[dict[str, float]]:
    return [dict(zip(FACTS, row, strict=True)) for row in measured[list(FACTS)].itertuples(index=False)]


def _noted(card: Card, told: dict[str, Any], root: Path) -> None:
    """Add to what a card tells of its training."""
    card = read_card(card.weights, root)
    write_json(root / "cards" / f"{card.weights}.json", replace(card, training=card.training | told).as_dict())


def _ruled(stage: StageName, kept: Written, rows: pd.DataFrame, logits: np.ndarray, root: Path) -> Stage:
    """Set a stage's rules on the validation photos that concern it; note on its card how calibrations compared."""
    mine = (rows.label != "real").to_numpy() if stage == "deepfake" else np.ones(len(rows), bool)
    rows, logits = rows[mine], logits[mine]
    truth = target_of(rows, stage)
    weights, groups = weights_of(rows, truth), rows.group.to_numpy()
    losses = compared(logits[:, 0], truth, weights, groups)
    told = {"cross-validated log loss": {name: round(loss, 5) for name, loss in losses.items()}, "n": len(rows)}
    _noted(kept.card, {"calibration": told}, root)
    seen = rows.origin.isin(kept.sources).to_numpy()
    return stage_rules(stage, logits[:, 0], truth, weights, groups, logits[:, 1:], kept.card.weights, seen)


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
    return card_of(
        config.stage,
        weights,
        architecture=config.architecture,
        input_size=config.input_size,
        outputs=config.outputs,
        training=_training(found, rows),
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
