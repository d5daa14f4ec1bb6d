"""The dossier of an examination: everything that page and report tell of it, kept once, by its hash.

It holds the record, the release with its cards, what was measured of the release on pictures like this, and what the
signals beside the networks show. A report made years later tells what was known then.
"""

import io
import json
import platform
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from PIL import Image

from models.card import Card, read_card
from models.files import sha256_of
from models.release import STAGES, Release
from models.released_files import card_file
from pipeline.casebook.kept_arrays import thumbnail
from pipeline.casebook.log import canonical
from pipeline.casebook.stored import pack
from pipeline.errors import BadEvaluation
from pipeline.evidence.finding import Finding
from pipeline.evidence.scan import look_at
from pipeline.examination import Examination, FaceExamination
from pipeline.figures.like_this import DATASET, known_of, read_slices
from pipeline.manifest.file_facts import fingerprint
from pipeline.pictures.overlay import draw_map
from pipeline.pictures.photo import jpeg, picture
from pipeline.results.evaluation import METRICS
from pipeline.results.figure import figure_at
from pipeline.results.index import folders, newest_of
from pipeline.settings import settings
from pipeline.storage.objects import Objects
from pipeline.storage.read_json import read_json
from pipeline.words.like_this import Like, like_of, say_unmeasured, say_unreadable
from pipeline.words.track_record import caveat, pointing_record, track_record
from pipeline.words.verdicts import headline, map_states, reasons, where

OVERLAY = 480
"""Longer side in pixels of the picture of the decisive face with its map."""
PACKAGES = ("telltale", "torch", "onnxruntime", "numpy", "pillow", "opencv-python-headless", "ai-edge-litert")
DECISIVE = {"edited": ("edited", "collections"), "deepfake": ("deepfake", "same originals")}
"""Where the figures of each stage stand in metrics.json."""


@dataclass(frozen=True, eq=False)
class Found:
    """All that was found in a photo, before it is kept.

    Attributes:
        facts: of the log's entry about it.
        objects: bytes that the facts, and the dossier, name by their hash.
    """

    facts: dict[str, Any]
    objects: tuple[bytes, ...]

    def keep(self, objects: Objects) -> dict[str, Any]:
        """Keep it and return the facts.

        Raises:
            DiskFull: there is no room.
            OSError: the store cannot be written.
        """
        for data in self.objects:
            objects.keep(data)
        return self.facts


def found_in(examination: Examination, name: str) -> Found:
    """Return all that was found in a photo; what the signals beside the networks show is looked for now.

    Args:
        examination: of the photo.
        name: the file's name.
    """
    record, arrays = pack(examination)
    findings = look_at(examination.photo, name, [face.face.box for face in examination.faces])
    dossier = dossier_of(examination, record) | {"findings": [_stored(each) for each in findings]}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    phash, thumb = fingerprint(examination.photo.rgb)
    names = ("verdict", "p_edited", "p_deepfake", "release", "release_sha256", "width", "height", "format")
    parts = {
        "dossier": canonical(dossier),
        "arrays": buffer.getvalue(),
        "thumbnail": thumbnail(examination.photo),
        "overlay": _overlay(examination),
    }
    facts: dict[str, Any] = {name: record[name] for name in names} | {what: _hash(data) for what, data in parts.items()}
    facts |= {"phash": phash, "thumb": thumb.hex(), "weights": card_hashes(examination.release)}
    facts["notable"] = sum(each.weight == "look" for each in findings)
    exhibits = (exhibit.data for each in findings for exhibit in each.exhibits)
    return Found(facts, tuple(filter(None, (*parts.values(), *exhibits))))


def _hash(data: bytes) -> str:
    """Return the hash under which bytes will be kept; "" of none."""
    return sha256(data).hexdigest() if data else ""


def read(name: str, objects: Objects) -> dict[str, Any]:
    """Return a dossier by its hash.

    Raises:
        AlteredObject: it is gone, or was altered.
    """
    return parse(objects.read(name))


def parse(data: bytes) -> dict[str, Any]:
    """Return a dossier from its bytes."""
    dossier: dict[str, Any] = json.loads(data)
    return dossier


def dossier_of(examination: Examination, record: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of an examination beside its photo, JSON-able."""
    release = examination.release
    cards = {stage: read_card(release.stage(stage).weights) for stage in STAGES}
    return {
        "record": record,
        "release": _plain(release.as_dict()),
        "release_sha256": release.sha256,
        "weights": {stage: {"id": card.weights, "sha256": card.sha256} for stage, card in cards.items()},
        "cards": {stage: _plain(_short(card)) for stage, card in cards.items()},
        "measured": _plain(measured(examination)),
        "words": _words(examination),
        "versions": versions(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
    }


def _plain(data: Any) -> Any:
    """Return data as JSON has it: no tuples, no NaN."""
    return json.loads(json.dumps(data, default=str), parse_constant=lambda _: None)


def _short(card: Card) -> dict[str, Any]:
    """Return what a report tells of weights: without their training's course, which the card's file holds."""
    return {name: value for name, value in card.as_dict().items() if name != "training"}


def versions() -> dict[str, str]:
    """Return package → version of those on which an answer depends."""
    known = {}
    for name in PACKAGES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = ""
    return known


def measured(examination: Examination) -> dict[str, Any]:
    """Return how often the release was wrong on held-out photos, and on pictures like this one."""
    release, face = examination.release, examination.decisive
    evaluations = folders(home=settings().evaluations)
    test = newest_of(evaluations, release.name, DATASET)
    if test is None:
        return {"dataset": DATASET, "track_record": "", "like_this": asdict(Like(say_unmeasured(release.name)))}
    unseen = newest_of(evaluations, release.name, "unseen")
    try:
        figures = read_json(test.path / METRICS, BadEvaluation, "evaluation")
        strange = read_json(unseen.path / METRICS, BadEvaluation, "evaluation") if unseen else {}
        like = _like(examination, face, read_slices(test.path)) if face else None
    except BadEvaluation as problem:
        return {"dataset": DATASET, "track_record": "", "like_this": asdict(Like(say_unreadable(problem)))}
    note = caveat(release.sha256, *(one.run for one in (test, unseen) if one))
    above = figure_at(figures, "edits above their original", "all")
    return {
        "dataset": test.path.name,
        "track_record": f"{track_record(figures, strange)} {note}".strip(),
        "pointing_record": pointing_record(figures),
        "like_this": asdict(like) if like else None,
        "calibration": {stage: _calibration(figures, stage) for stage in DECISIVE},
        "above_original": above.as_dict() if above else None,
    }


def _like(examination: Examination, face: FaceExamination, slices: list[dict[str, Any]]) -> Like:
    return like_of(slices, known_of(face.face, examination.photo.data), face.verdict.label)


def _calibration(figures: dict[str, Any], stage: str) -> dict[str, Any]:
    error = figure_at(figures, *DECISIVE[stage], "ECE")
    return {"ece": error.as_dict() if error else None, "n": error.n if error else 0}


def _words(examination: Examination) -> dict[str, Any]:
    verdict, face = examination.verdict, examination.decisive
    heatmap = face.heatmaps[0] if face and face.heatmaps else None
    return {
        "headline": headline(verdict),
        "strength": verdict.strength,
        "reasons": reasons(verdict.reasons),
        "where": where(face) if face else "",
        "map_states": map_states(heatmap) if heatmap else [],
        "map": {
            "method": heatmap.method,
            "stage": heatmap.stage,
            "label": heatmap.label,
            "peak": heatmap.peak if np.isfinite(heatmap.peak) else None,
            "faithfulness": heatmap.faithfulness,
        }
        if heatmap
        else None,
    }


def _stored(finding: Finding) -> dict[str, Any]:
    stored = finding.as_dict()
    for exhibit, picture_facts in zip(finding.exhibits, stored["exhibits"], strict=True):
        picture_facts["sha256"] = _hash(exhibit.data)
    return stored


def _overlay(examination: Examination) -> bytes:
    """Return the decisive face with its map as a small JPEG; none where there is no map."""
    face = examination.decisive
    if face is None or not face.heatmaps:
        return b""
    part = picture(examination.photo, face.face.window, OVERLAY)
    painted = Image.fromarray(draw_map(part, face.heatmaps[0], 0.6))
    return jpeg(np.asarray(painted))


def card_hashes(release: Release) -> dict[str, str]:
    """Return stage → SHA-256 of the card of the weights that a release names; a card names all files by their hash."""
    return {stage: sha256_of(card_file(release.stage(stage).weights)) for stage in STAGES}
