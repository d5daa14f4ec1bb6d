"""Adapters of a base as weights of a release: those that this project trained, and those that were trained elsewhere.

Of the latter, beside `<stage>-adapters.safetensors` lie `<stage>-run.json`, the settings and the course of the
training, and `photos.csv`, every photo that it was trained or validated on.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models import base, clip_graph
from models.card import COURSE, Card, prefixes
from models.clip_numbers import BASE, FORMS, numbers, trial_picture
from models.errors import UnknownName, WeightsMismatch, WeightsMissing
from models.files import ROOT, sha256_of, write_json
from models.release import STAGES, StageName
from models.serving import open_network
from pipeline.crops.crops import Crops
from pipeline.datasets import datasets
from pipeline.examining.edit_map import BY_REGIONS
from pipeline.examining.explain import METHODS
from pipeline.manifest.seen import FILES
from pipeline.storage.whole import write_whole
from pipeline.training.ranges import calibration_photos, measure_ranges
from pipeline.training.wording import card_of

ARCHITECTURE = "clip_vit_b16"
INPUT_SIZE = 256
SERVED = "dynamic8, smoothed"
"""The fastest form that stays close to float32; where it loses is told in DECISIONS 50."""
ENDING = "-adapters.safetensors"
MADE_BY = (
    "not by this project's trainer: by a script of its own (train_gpu.py) that forges edits anew on the GPU in every "
    "batch, see `settings`; the base is frozen, rank-16 adapters, norms and heads were trained"
)


@dataclass(frozen=True)
class Adapters:
    """A finished training elsewhere.

    Attributes:
        path: of the weights.
        stage: which one they are for.
        run: the settings and the course of the training, as its script wrote them.
        photos: sha256, source, label and split ("train" or "val") of each photo.
        outputs: of the head.
    """

    path: Path
    stage: StageName
    run: dict[str, Any]
    photos: pd.DataFrame
    outputs: int

    @classmethod
    def read(cls, path: Path) -> "Adapters":
        """Read weights and what lies beside them.

        Raises:
            WeightsMissing: one of the three files is not there.
            WeightsMismatch: one of them is damaged, or the weights do not fit the base.
        """
        stem = path.name.removesuffix(ENDING)
        settings, photos = path.with_name(f"{stem}-run.json"), path.with_name("photos.csv")
        if absent := [each.name for each in (path, settings, photos) if not each.is_file()]:
            raise WeightsMissing(f"{', '.join(absent)} is missing from {path.parent}: adapters come with both.")
        try:
            run = json.loads(settings.read_text(encoding="utf-8"))
            tensors = load_file(path)
            stage, outputs = run["args"]["stage"], len(tensors["head.bias"])
        except (ValueError, KeyError, TypeError, SafetensorError) as problem:
            raise WeightsMismatch(f"{path.name} or {settings.name} cannot be used: {problem!r}.") from problem
        if stage not in STAGES:
            raise WeightsMismatch(f"{settings.name} names the stage {stage!r}; it must be edited or deepfake.")
        try:
            for _ in numbers(base.read_base(BASE), tensors, INPUT_SIZE):
                pass
        except WeightsMismatch as problem:
            raise WeightsMismatch(f"{path.name} does not fit the base {BASE}: {problem}.") from problem
        return cls(path, stage, run, pd.read_csv(photos, dtype=str), outputs)

    @property
    def methods(self) -> tuple[str, ...]:
        """How its maps can be made: parts are told by region outputs."""
        return METHODS if self.outputs > 1 else tuple(method for method in METHODS if method not in BY_REGIONS)

    @property
    def sources(self) -> set[str]:
        """The collections that it was trained on."""
        return set(self.photos.source[self.photos.split == "train"])


@dataclass(frozen=True, eq=False)
class OnBase:
    """Weights that adapt the base, and what their card says, whoever trained them.

    Attributes:
        stage: which one they are for.
        outputs: of the head.
        tensors: the weights' file.
        seen: split ("train" or "val") → `prefixes` of the photos that it had in the training.
        training, data: see `models.card.Card`.
    """

    stage: StageName
    outputs: int
    tensors: bytes
    seen: Mapping[str, tuple[str, ...]]
    training: dict[str, Any]
    data: dict[str, str]


def adopt(adapters: Adapters, crops: Crops, form: str = SERVED, root: Path = ROOT) -> Card:
    """Write the weights of a training elsewhere, see `write_on_base`; the file is kept to the byte."""
    photos = adapters.photos
    seen = {split: prefixes(photos.sha256[photos.split == split]) for split in FILES}
    known = _training(adapters.run), _data(photos)
    return write_on_base(
        OnBase(adapters.stage, adapters.outputs, adapters.path.read_bytes(), seen, *known), crops, form, root
    )


def write_on_base(given: OnBase, crops: Crops, form: str = SERVED, root: Path = ROOT) -> Card:
    """Write weights, graph, ranges, lists of photos and card; the id ends as the weights' hash begins.

    Args:
        given: the weights.
        crops: on some of which the ranges are measured.
        form: how they are to be served, see `models.clip_numbers.FORMS`.
        root: where weights and cards lie.

    Raises:
        UnknownName: no such form.
    """
    if form not in FORMS:
        raise UnknownName.among("form", form, FORMS)
    sha256 = hashlib.sha256(given.tensors).hexdigest()
    weights = f"{given.stage}-{ARCHITECTURE}-{sha256[:8]}"
    for folder in ("weights", "cards"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    kept = root / "weights" / f"{weights}.safetensors"
    write_whole(kept, given.tensors)
    kept.chmod(0o644)
    graph, ranges = kept.with_suffix(".onnx"), kept.with_suffix(".ranges.safetensors")
    graph.write_bytes(clip_graph.graph(INPUT_SIZE, given.outputs, form))
    unsigned = kept.with_suffix(".unsigned.onnx")
    unsigned.write_bytes(clip_graph.graph(INPUT_SIZE, given.outputs, form, unsigned=True))
    own = load_file(kept)
    looked_at = calibration_photos(crops)
    save_file(measure_ranges(base.read_base(BASE), own, crops, looked_at), ranges)
    ranges.chmod(0o644)
    for split, photos in given.seen.items():
        path = root / "cards" / f"{weights}.{FILES[split]}"
        path.write_text("".join(f"{prefix}\n" for prefix in photos), encoding="utf-8")
    hashes = {"sha256": sha256, "graph_sha256": sha256_of(graph), "ranges_sha256": sha256_of(ranges)}
    hashes["unsigned_sha256"] = sha256_of(unsigned)
    hashes["training_sha256"] = sha256_of(root / "cards" / f"{weights}.{FILES['train']}")
    card = _card(given, weights, form, hashes)
    card = replace(card, proof=round(float(open_network(card, root)(trial_picture(INPUT_SIZE))[0, 0]), 6))
    write_json(root / "cards" / f"{weights}.json", card.as_dict())
    return card


def _card(given: OnBase, weights: str, form: str, hashes: dict[str, Any]) -> Card:
    return card_of(
        given.stage,
        weights,
        architecture=ARCHITECTURE,
        input_size=INPUT_SIZE,
        outputs=given.outputs,
        training=given.training,
        data=given.data,
        base=BASE,
        base_sha256=sha256_of(base.card_path(BASE)),
        form=form,
        **hashes,
    )


def _training(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "made": MADE_BY,
        "started from": f"the base {BASE}" if run["args"]["stage"] == "edited" else "the weights of stage 1",
        "device": run.get("device", "not told"),
        "seconds": round(run.get("seconds", 0)),
        "steps": run.get("steps", 0),
        "crops seen": run.get("photos", 0),
        "settings": run["args"],
        COURSE: {str(look["at"]): _aucs(look) for look in run.get("history", [])},
        "other looks at validation": {str(look["at"]): _others(look) for look in run.get("history", [])},
        "groups": "split by person and near-duplicate group; what it was validated on is listed beside this card too",
    }


def _aucs(look: dict[str, Any]) -> dict[str, float]:
    """Return those of a look's figures that are AUCs, by source or kind of edit."""
    return {name: value for name, value in look.items() if name not in _others(look) and name not in ("at", "step")}


def _others(look: dict[str, Any]) -> dict[str, Any]:
    """Return the rest: thresholds, shares of photos called edited, shares of answers that were right."""
    return {
        name: value
        for name, value in look.items()
        if isinstance(value, dict) or name == "t95" or name.endswith(" right")
    }


def _data(photos: pd.DataFrame) -> dict[str, str]:
    """Return how many photos each collection gave, and under which terms."""
    known = [one for one in datasets().values() if not one.generic]
    terms = {word: one.licence for one in known for word in (one.name, *one.labels)}
    terms |= {"unsplash": terms["stylegan2"]}
    counts = photos[photos.split == "train"].source.value_counts()
    return {
        str(source): f"{count} photos; {terms.get(str(source), 'research use')}" for source, count in counts.items()
    }
