"""A made-up case: a record and the objects that it names, without a network and without anybody's photo."""

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from models.card import read_card
from models.release import STAGES, Release, read_release
from pipeline.casebook.case_record import CasePhoto, CaseRecord, Examined, Match, Opinion
from pipeline.casebook.stored import pack
from pipeline.errors import AlteredObject
from pipeline.evidence.finding import Exhibit, Fact, Finding
from pipeline.examination import Examination, FaceExamination
from pipeline.face import Face, window_of
from pipeline.figures.like_this import Fit
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.pictures.overlay import overlay
from pipeline.results.canonical import canonical_face
from pipeline.results.figure import Figure
from pipeline.verdict import Verdict, decide, score
from pipeline.words import verdicts
from pipeline.words.like_this import say_errors

AT = "2026-11-28T09:{:02d}:{:02d}Z"
LOGITS = {"real": (-3.0, None), "deepfake": (6.0, 5.0), "facetune": (6.0, -5.0), "inconclusive": (0.9, None)}
"""Label → logits of both stages that bring it about."""
CYCLE = ("deepfake", "real", "facetune", "inconclusive")
WIDTH, HEIGHT = 360, 420


@dataclass
class MadeUpObjects:
    """Bytes in memory under their hashes."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def keep(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.kept[sha256] = data
        return sha256

    def read(self, sha256: str) -> bytes:
        data = self.kept.get(sha256)
        if data is None or hashlib.sha256(data).hexdigest() != sha256:
            raise AlteredObject(f"The object {sha256[:12]}… is no longer there, or was altered.")
        return data


def picture(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Draw something that a face could be: light, an oval, eyes and a mouth."""
    rng = np.random.default_rng(seed)
    tone, ground = rng.integers(90, 220, 3), rng.integers(30, 200, 3)
    ramp = np.linspace(0.6, 1.2, height)[:, None, None]
    image = Image.fromarray(np.clip(ramp * ground + rng.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8))
    pen, points = ImageDraw.Draw(image), landmarks(width, height)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    pen.ellipse((x0, y0, x1, y1), fill=tuple(int(part) for part in tone))
    middle, side = (x0 + x1) / 2, x1 - x0
    for x in (middle - side * 0.2, middle + side * 0.2):
        pen.ellipse((x - side * 0.08, y0 + side * 0.4, x + side * 0.08, y0 + side * 0.5), fill=(40, 40, 50))
    pen.chord((middle - side * 0.2, y1 - side * 0.4, middle + side * 0.2, y1 - side * 0.2), 0, 180, fill=(150, 60, 60))
    return image


def landmarks(width: int, height: int) -> np.ndarray:
    """Return the canonical face's points in the middle of a picture, (468, 2) float32."""
    side = 0.75 * min(width, height)
    return (canonical_face() * side + ((width - side) / 2, (height - side) / 2)).astype(np.float32)


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@cache
def release() -> Release:
    return read_release("2026.12-1")


def examination(label: str, seed: int) -> Examination:
    """Return an examination with one face that gets a verdict, or, of "no face", without one."""
    image = picture(seed)
    data = jpeg(image, 92)
    photo = Photo(np.asarray(image), hashlib.sha256(data).hexdigest(), data, "JPEG", ("turned upright by its EXIF",))
    if label == "no face":
        return Examination(photo, (), release())
    points, (first, second) = landmarks(*image.size), LOGITS[label]
    window = window_of(points)
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    face = Face((x0, y0, x1, y1), points, window, np.zeros((256, 256, 3), np.uint8), 0.99)
    edited = score(release().edited, first, (0.2, 0.1, 0.4, 0.8))
    deepfake = None if second is None else score(release().deepfake, second)
    verdict = decide(release(), face.size, edited, deepfake)
    grid = np.random.default_rng(seed).normal(0, 0.2, (16, 16)).astype(np.float32)
    grid[10:13, 6:10] += 1.5
    stage = "edited" if deepfake is None else "deepfake"
    heatmap = Heatmap(grid, window, stage, verdict.label if deepfake else "edited", "gradcam", 0.31)
    return Examination(photo, (FaceExamination(face, verdict, (heatmap,)),), release())


def findings(seed: int) -> tuple[Finding, ...]:
    """Return what signals beside the networks could show."""
    noise = picture(seed + 1).resize((180, 210))
    exhibits = tuple(
        Exhibit(title, "Bright is where saving again changes most.", data, 180, 210)
        for title, data in (("Error levels", jpeg(noise)), ("Noise left over", png(noise.convert("L"))))
    )
    facts = (Fact("Camera", "Exampla X100"), Fact("Software", "Photo Editor 5"), Fact("GPS", "52.1 N, 13.4 E", True))
    how = "Programs write their name into the file when they save it; cameras and telephones do so too."
    return (
        Finding("exif", "EXIF", "look", "An editing program saved this file.", how, facts),
        Finding(
            "ela", "Error level analysis", "ordinary", "Levels are even.", "Edges are always bright.", (), exhibits
        ),
        Finding("c2pa", "Content credentials", "nothing", "There are none.", "Most photos have none."),
    )


def figure(value: float, n: int, width: float = 0.03) -> Figure:
    return Figure(value, max(0.0, value - width), min(1.0, value + width), n)


def measured() -> dict[str, Any]:
    fits = [
        Fit("face size", "high (180 to 900)", 240.0, 555, figure(0.05, 290), figure(0.2, 265)),
        Fit("JPEG quality", "low (under 80)", 74.0, 555, figure(0.08, 300), figure(0.31, 255)),
        Fit("brightness", "high (150 to 220)", 171.2, 12, Figure(None, None, None, 9), Figure(None, None, None, 3)),
    ]
    return {
        "track_record": "On held-out photos this release called 5 % (3–8) of 872 real ones edited, and found 78 % "
        "(74–82) of 791 edited ones (95 % intervals).",
        "pointing_record": "On 120 held-out composites the map's peak lay in an edited part in 61 % (52–70).",
        "like_this": {
            "sentence": say_errors(fits[1]),
            "remarks": ["Too few held-out photos are like this one in brightness."],
            "fits": [
                {
                    **{name: getattr(fit, name) for name in ("name", "value", "measured", "n")},
                    "false_alarms": fit.false_alarms.as_dict(),
                    "missed": fit.missed.as_dict(),
                }
                for fit in fits
            ],
        },
        "calibration": {
            "edited": {"ece": figure(0.031, 1663, 0.01).as_dict(), "n": 1663},
            "deepfake": {"ece": figure(0.03, 1875, 0.01).as_dict(), "n": 1875},
        },
        "dataset": "test",
        "above_original": figure(0.92, 812).as_dict(),
    }


@cache
def _release_parts() -> dict[str, Any]:
    cards = {stage: read_card(release().stage(stage).weights) for stage in STAGES}
    return {
        "release": release().as_dict(),
        "release_sha256": release().sha256,
        "weights": {stage: {"id": card.weights, "sha256": card.sha256} for stage, card in cards.items()},
        "cards": {stage: card.as_dict() | {"training": {}} for stage, card in cards.items()},
        "measured": measured(),
        "versions": {"telltale": "0.2.0", "torch": "2.9.1", "numpy": "2.3.5"},
        "machine": "x86_64, Linux, 2 processors",
    }


def words_of(result: Examination, verdict: Verdict) -> dict[str, Any]:
    face = result.decisive
    heatmap = face.heatmaps[0] if face and face.heatmaps else None
    return {
        "headline": verdicts.headline(verdict),
        "strength": verdict.strength,
        "where": verdicts.where(face) if face else "",
        "map_states": verdicts.map_states(heatmap) if heatmap else [],
        "reasons": verdicts.reasons(verdict.reasons),
        "map": {
            "method": heatmap.method,
            "stage": heatmap.stage,
            "label": heatmap.label,
            "peak": heatmap.peak,
            "faithfulness": heatmap.faithfulness,
        }
        if heatmap
        else None,
    }


def keep_examined(
    objects: MadeUpObjects, result: Examination, entry: int, changes: Callable[[dict[str, Any]], None] | None = None
) -> Examined:
    """Keep all that an examination leaves, and return what the log tells of it.

    Args:
        objects: where to.
        result: the examination.
        entry: number of the log's entry.
        changes: alters the dossier before it is kept.
    """
    record, arrays = pack(result)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    parts = []
    for finding in findings(entry):
        part = finding.as_dict()
        for kept, exhibit in zip(part["exhibits"], finding.exhibits, strict=True):
            kept["sha256"] = objects.keep(exhibit.data)
        parts.append(part)
    verdict = result.verdict
    dossier = {"record": record, **_release_parts(), "words": words_of(result, verdict), "findings": parts}
    dossier = json.loads(json.dumps(dossier))
    if changes is not None:
        changes(dossier)
    small = Image.fromarray(result.photo.rgb)
    small.thumbnail((320, 320))
    laid = overlay(result.photo, result.decisive.heatmaps[0], longest=480) if result.decisive else None
    return Examined(
        entry,
        AT.format(entry // 60 % 60, entry % 60),
        "anna",
        result.release.name,
        result.release.sha256,
        verdict.label,
        verdict.edited.probability if verdict.edited else None,
        verdict.deepfake.probability if verdict.deepfake else None,
        objects.keep(json.dumps(dossier, ensure_ascii=True).encode()),
        objects.keep(stream.getvalue()),
        objects.keep(jpeg(small)),
        "" if laid is None else objects.keep(jpeg(Image.fromarray(laid))),
    )


def case_photo(objects: MadeUpObjects, number: int, label: str = "") -> CasePhoto:
    """Return an examined photo of a case, without opinions."""
    result = examination(label or CYCLE[number % len(CYCLE)], number)
    sha256, entry = result.photo.sha256, 3 * number
    photo = CasePhoto(number, f"IMG_{number:04d}.jpg", sha256, len(result.photo.data), AT.format(1, 2), "anna", "files")
    return replace(photo, examinations=(keep_examined(objects, result, entry),))


def case_record(photos: Sequence[CasePhoto], **changes: Any) -> CaseRecord:
    """Return a case of these photos."""
    facts: dict[str, Any] = {
        "id": "6f1c2a9e-5d1b-4a77-9a52-0c6e8f3b7d11",
        "name": "Harbour portraits",
        "description": "Photos handed over on a stick.\nTwo of them came by chat.",
        "created": "2026-11-28T08:59:00Z",
        "created_by": "anna",
        "tags": ("harbour", "portraits"),
        "members": {"anna": "admin", "ben": "reviewer"},
        "entries": 3 * len(photos) + 4,
        "head": hashlib.sha256(b"head").hexdigest(),
        "at": "2026-11-28T10:15:00Z",
        "acts": {"created": 1, "added": len(photos), "examined": len(photos), "opinion": 3},
    }
    return CaseRecord(photos=tuple(photos), **(facts | changes))


def made_up_case() -> tuple[CaseRecord, MadeUpObjects]:
    """Return a case that has some of everything: each verdict, opinions, a failure, a photo that waits, a deletion."""
    objects = MadeUpObjects()
    first, second, third, fourth = (case_photo(objects, number, CYCLE[number - 1]) for number in (1, 2, 3, 4))
    opinions = (
        Opinion(
            30, AT.format(20, 1), "anna", "facetune", "The skin is too even.\nNo pores.", (100, 90, 210, 200), True
        ),
        Opinion(31, AT.format(21, 1), "ben", "deepfake", "Left ear does not fit.", None, True),
        Opinion(32, AT.format(22, 1), "anna", "deepfake", "After the second look."),
    )
    match = Match("Known pictures of the agency", "near", "first seen 2025")
    faceless = replace(case_photo(objects, 5, "no face"), name="harbour.jpg")
    waiting = CasePhoto(6, "later.jpg", "ab" * 32, 1_234_567, AT.format(2, 1), "ben", "run 2026-11-28")
    failed = replace(
        waiting, number=7, name="broken.jpg", error={"code": "unreadable_photo", "message": "It is empty."}
    )
    deleted = replace(waiting, number=8, name="private.jpg", sha256="cd" * 32, deleted="The owner asked for it.")
    photos = (
        replace(first, opinions=opinions, matches=(match,), tags=("suspect",)),
        replace(second, opinions=(Opinion(33, AT.format(23, 1), "ben", "cannot tell"),)),
        replace(
            third, examinations=(replace(third.examinations[0], entry=8, release="2026.11-5"), *third.examinations)
        ),
        fourth,
        faceless,
        waiting,
        failed,
        deleted,
    )
    return case_record(photos, blind=True), objects
