"""From two finished training runs to a release: calibrate and set thresholds on validation, write weights and cards.

The test split is not touched here.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.torch import save

from models.card import LOOKS, LOSSES, Card, prefixes, read_card
from models.files import ROOT, sha256_of, write_json
from models.in_use import WORDS
from models.release import Release, Stage, StageName, read_release
from pipeline.crops.crops import Crops
from pipeline.crops.sampling import sample_evenly
from pipeline.datasets import dataset
from pipeline.errors import BadSetting, TrainingFailed, UnknownName, WouldOverwrite
from pipeline.examining.explain import methods_of
from pipeline.examining.loaded import PREPROCESSING
from pipeline.examining.scope import FACTS, scope_codes, scope_limits
from pipeline.storage.whole import write_whole
from pipeline.training.adopted import Adapters, OnBase, adopt, write_on_base
from pipeline.training.calibration import compare_methods, conformal_of, joint_of, probabilities, weights_of
from pipeline.training.finished import Finished, measure_facts, say_start
from pipeline.training.logits import Served, score_crops
from pipeline.training.selection import Selection
from pipeline.training.thresholds import Uncalibrated, stage_rules
from pipeline.training.wording import LIMITS, MIN_FACE, card_of, today

NAME = re.compile(r"\w[\w.-]*")
MOST_VARIED = {"edited": 1000, "deepfake": 600}
"""Validation photos whose harmless variants are scored too, dealt evenly over sources and labels."""


@dataclass(frozen=True)
class Trained:
    """What a stage of a release is made from.

    Attributes:
        path: folder of a finished training run; or adapters that were trained elsewhere, see
            `pipeline.training.adopted`.
        heatmap: how the stage's maps are made, one of `methods_of` its network; chosen on validation by
            `python -m pipeline maps`.
    """

    path: Path
    heatmap: str = "gradcam"


@dataclass(frozen=True)
class StageWeights:
    """A stage's weights as they were written: their card, and the collections that they saw."""

    card: Card
    sources: set[str]


def publish(name: str, store: Path, edited: Trained, deepfake: Trained, root: Path = ROOT) -> str:
    """Write weights, cards and the release's file; return the release as JSON text.

    Args:
        name: of the release.
        store: folder that `prepare --crops` wrote.
        edited: of which the first stage is made.
        deepfake: of which the second stage is made.
        root: where weights, cards and releases lie.

    Raises:
        BadSetting: no release can be called so.
        WouldOverwrite: a release of that name has other weights.
        UnknownName: a stage's network cannot be explained by the method asked.
        WeightsMissing: a run did not finish, or adapters lack what belongs to them.
        TrainingFailed: a run holds out a fold, not the test split; or it was trained on another store; or it is for
            the other stage.
        NotCalibrated: validation photos that nothing can be calibrated on.
    """
    if name in WORDS or not NAME.fullmatch(name):
        raise BadSetting(
            f"No release can be called {name!r}: letters, digits, points and dashes, and not a word in use."
        )
    crops = Crops.read(store)
    trained: dict[StageName, Trained] = {"edited": edited, "deepfake": deepfake}
    runs = {stage: _read(one.path, stage, crops.revision) for stage, one in trained.items()}
    for stage, run in runs.items():
        if (method := trained[stage].heatmap) not in (known := _methods(run)):
            raise UnknownName.among("heatmap method", method, known)
    written = {stage: _write_stage(run, crops, root) for stage, run in runs.items()}
    path = root / "releases" / f"{name}.json"
    if path.exists():
        _refuse_others(read_release(name, root), written)
    selection = Selection(crops.table, "edited")
    rows = selection.validation
    logits = {stage: _logits(one.card, crops, rows, stage, root) for stage, one in written.items()}
    stages = {
        stage: replace(_rules_of(Selection(crops.table, stage), one, rows, logits[stage], root), heatmap=method)
        for (stage, one), method in zip(written.items(), (edited.heatmap, deepfake.heatmap), strict=True)
    }
    joint = joint_of(*(probabilities(stages[stage], logits[stage][:, 0]) for stage in written))
    limits = scope_limits(measure_facts(crops, selection.train))
    release = Release(
        name=name,
        date=today(),
        edited=stages["edited"],
        deepfake=stages["deepfake"],
        preprocessing=PREPROCESSING,
        min_face=MIN_FACE,
        notes=LIMITS,
        scope=limits,
        conformal=conformal_of(joint, rows.label.to_numpy(), weights_of(rows, selection.targets_of(rows))),
    )
    unlike = {"real validation photos unlike the training": _unlike(crops, rows, limits)}
    _note_on_card(written["edited"].card, unlike, root)
    path.parent.mkdir(exist_ok=True)
    write_json(path, release.as_dict())
    read_release(name, root)  # what was written must be readable
    return path.read_text(encoding="utf-8")


def _refuse_others(there: Release, written: dict[StageName, StageWeights]) -> None:
    """Refuse to replace a release of other weights: evaluations and cases name it. The same may be calibrated anew."""
    for stage, one in written.items():
        if there.stage(stage).weights != one.card.weights:
            raise WouldOverwrite(
                f"The release {there.name} has other weights ({there.stage(stage).weights}), and evaluations and cases "
                "that name it: give the new one another name. What was trained stands."
            )


def _read(path: Path, stage: StageName, data: str) -> Finished | Adapters:
    if path.is_dir() or path.suffix != ".safetensors":
        return _read_run(path, stage, data)
    adapters = Adapters.read(path)
    if adapters.stage != stage:
        raise TrainingFailed(f"{path} was trained for the stage {adapters.stage}, not {stage}.")
    return adapters


def _read_run(folder: Path, stage: StageName, data: str) -> Finished:
    run = Finished.read(folder)
    if run.config.stage != stage:
        raise TrainingFailed(f"{folder} was trained for the stage {run.config.stage}, not {stage}: name another run.")
    if run.data and run.data != data:
        raise TrainingFailed(f"{folder} was trained on another store, or on other splits: name its own (--store).")
    if run.config.fold:
        raise TrainingFailed(f"{folder} was trained on test photos, for it holds out {run.config.fold}: train anew.")
    return run


def _methods(run: Finished | Adapters) -> tuple[str, ...]:
    return run.methods if isinstance(run, Adapters) else methods_of(run.detector)


def _write_stage(run: Finished | Adapters, crops: Crops, root: Path) -> StageWeights:
    if isinstance(run, Adapters):
        return StageWeights(adopt(run, crops, root=root), run.sources)
    selection = Selection.of(crops.table, run.config)
    card = write_adapters(run, selection, crops, root) if run.detector.base else write_weights(run, selection, root)
    return StageWeights(card, set(selection.train.origin))


def _logits(card: Card, crops: Crops, rows: pd.DataFrame, stage: StageName, root: Path) -> np.ndarray:
    """Return a stage's logits of validation photos and of some photos' harmless variants, (N, 1 + k)."""
    asked = rows if stage == "edited" else rows[rows.label != "real"]
    varied = rows.index.isin(sample_evenly(asked, MOST_VARIED[stage], seed=1).index)
    return score_crops(Served.read(card, root), crops, rows, stage, varied)


def _unlike(crops: Crops, rows: pd.DataFrame, limits: dict[str, tuple[float, float]]) -> dict[str, str]:
    """Say by source how many real validation photos a release would not judge, as they are unlike the training's."""
    facts = measure_facts(crops, rows[rows.label == "real"])
    beyond = np.array([bool(scope_codes(row, limits)) for row in _rows(facts)])
    counts = pd.DataFrame({"source": facts.source, "beyond": beyond}).groupby("source").beyond.agg(["sum", "size"])
    return {str(source): f"{beyond} of {size}" for source, beyond, size in counts.itertuples()}


def _rows(facts: pd.DataFrame) -> list[dict[str, float]]:
    return [dict(zip(FACTS, row, strict=True)) for row in facts[list(FACTS)].itertuples(index=False)]


def _note_on_card(card: Card, notes: dict[str, Any], root: Path) -> None:
    """Add to what a card says of its training."""
    card = read_card(card.weights, root)
    write_json(root / "cards" / f"{card.weights}.json", replace(card, training=card.training | notes).as_dict())


def _rules_of(selection: Selection, written: StageWeights, rows: pd.DataFrame, logits: np.ndarray, root: Path) -> Stage:
    """Set a stage's rules on the validation photos that concern it; note on its card how calibrations compared."""
    stage: StageName = "deepfake" if selection.stage == "deepfake" else "edited"
    mine = rows.index.isin(selection.validation.index)
    rows, logits = rows[mine], logits[mine]
    truth, groups = selection.targets_of(rows), rows.group.to_numpy()
    weights = weights_of(rows, truth)
    losses = compare_methods(logits[:, 0], truth, weights, groups)
    comparison = {"cross-validated log loss": {name: round(loss, 5) for name, loss in losses.items()}, "n": len(rows)}
    _note_on_card(written.card, {"calibration": comparison}, root)
    seen = rows.origin.isin(written.sources).to_numpy()
    photos = Uncalibrated(logits[:, 0], truth, weights, groups, logits[:, 1:], seen)
    return stage_rules(stage, photos, written.card.weights)


def write_weights(run: Finished, selection: Selection, root: Path) -> Card:
    """Write a stage's weights, graph, list of training photos and card; the id ends as the weights' hash begins."""
    tensors = save({name: tensor.contiguous() for name, tensor in run.detector.state_dict().items()})
    sha256 = hashlib.sha256(tensors).hexdigest()
    weights = f"{run.config.stage}-{run.config.architecture}-{sha256[:8]}"
    write_whole(root / "weights" / f"{weights}.safetensors", tensors)
    graph = root / "weights" / f"{weights}.onnx"
    write_whole(graph, run.graph)
    (root / "cards").mkdir(exist_ok=True)
    photos = root / "cards" / f"{weights}.photos"
    seen = prefixes((*run.photos, *selection.prefixes))
    photos.write_text("".join(f"{prefix}\n" for prefix in seen), encoding="utf-8")
    hashes = {"sha256": sha256, "graph_sha256": sha256_of(graph), "training_sha256": sha256_of(photos)}
    card = _card(run, selection.train, weights, hashes)
    write_json(root / "cards" / f"{weights}.json", card.as_dict())
    return card


def write_adapters(run: Finished, selection: Selection, crops: Crops, root: Path) -> Card:
    """Write what a run trained on a base: adapters, norms and heads in float16, served as `SERVED` says."""
    tensors = save({name: tensor.half().contiguous() for name, tensor in run.detector.state_dict().items()})
    stage: StageName = "deepfake" if run.config.stage == "deepfake" else "edited"
    seen = {"train": prefixes((*run.photos, *selection.prefixes))}
    rows = selection.train
    return write_on_base(
        OnBase(stage, run.config.outputs, tensors, seen, _training(run, rows), _data(rows)), crops, root=root
    )


def _card(run: Finished, rows: pd.DataFrame, weights: str, hashes: dict[str, Any]) -> Card:
    config = run.config
    return card_of(
        config.stage,
        weights,
        architecture=config.architecture,
        input_size=config.input_size,
        outputs=config.outputs,
        training=_training(run, rows),
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


def _training(run: Finished, rows: pd.DataFrame) -> dict[str, Any]:
    config, history = run.config, run.history
    plan = rows[["sha256", "label", "recipe", "split"]].to_csv(index=False)
    return {
        "started from": say_start(run),
        **{name: told for name, told in (("device", run.device), ("taught by", run.teacher)) if told},
        "config": config.model_dump(mode="json"),
        "photos": (rows.source + ": " + rows.kind).value_counts().sort_index().to_dict(),
        "crops_sha256": hashlib.sha256(plan.encode()).hexdigest(),
        LOSSES: {str(entry["epoch"]): entry["loss"] for entry in history if "loss" in entry},
        LOOKS: {str(entry["epoch"]): entry["auc"] for entry in history if "auc" in entry},
        "seconds": sum(entry["seconds"] for entry in history),
        "groups": "split by person and near-duplicate group, 70/15/15; london and stock_cc0 held out whole",
    }
