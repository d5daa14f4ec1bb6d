"""Runs whose faces, scores and maps are made up, so that pages can be tested without a network."""

import io

import numpy as np
from PIL import Image

from models.release import read_release
from pipeline.casebook.runs import Run, Runs
from pipeline.examination import Examination, FaceExamination
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.intake import Item
from pipeline.photo import Photo
from pipeline.verdict import StageScore, Verdict

HOSTILE = '<img src=x onerror=alert(1)> **b** [l](http://e.example) $x$ :smile: "q"\n\u202egpj.exe 🎭.jpg'


def png_bytes(shade=120, size=(160, 200)):
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, 100, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def edited(probability=0.93):
    return StageScore("edited-test", probability, 0.6, (0.45, 0.6), (0.1, 0.2, 0.3, 0.9))


def deepfake(probability=0.11):
    return StageScore("deepfake-test", probability, 0.5, (0.4, 0.5))


VERDICTS = {
    "facetune": Verdict("facetune", edited(), deepfake()),
    "deepfake": Verdict("deepfake", edited(0.97), deepfake(0.96)),
    "real": Verdict("real", edited(0.04)),
    "inconclusive": Verdict("inconclusive", edited(0.5), None, ("near_threshold",)),
}


def heatmap(grid=None, label="facetune", stage="deepfake", faithfulness=0.4):
    if grid is None:
        grid = np.full((8, 8), -0.1, np.float32)
        grid[6, 4] = 0.5
    return Heatmap(np.asarray(grid, np.float32), (20, 30, 140, 150), stage, label, "gradcam", faithfulness)


def face(verdict, maps=(), box=(40.0, 50.0, 120.0, 140.0)):
    rng = np.random.default_rng(1)
    landmarks = rng.uniform(box[:2], box[2:], (468, 2)).astype(np.float32)
    crop = np.zeros((256, 256, 3), np.uint8)
    return FaceExamination(Face(box, landmarks, (20, 30, 140, 150), crop, 0.99), verdict, tuple(maps))


def add(run: Run, name: str, faces, data: bytes | None = None):
    """Put one finished photo into a run."""
    data = data or png_bytes()
    entry = run.add(Item(name, data))
    run.finish(entry, Examination(Photo.read(data), tuple(faces), read_release()), 12.0)
    return entry


def mixed_run(home) -> Run:
    """Return a finished run with one photo of each verdict, one without a face, a hostile name and a duplicate."""
    run = Runs(home).create(read_release().name)
    for shade, (label, verdict) in enumerate(VERDICTS.items()):
        stage = verdict.stage
        said = {"edited": "real" if label == "real" else "edited", "deepfake": label}[stage]
        add(run, f"{label}.png", [face(verdict, [heatmap(label=said, stage=stage)])], png_bytes(shade))
    add(run, HOSTILE, [], png_bytes(50))
    add(run, "facetune again.png", [face(VERDICTS["facetune"], [heatmap()])], png_bytes(0))
    return run
