"""Evaluate a release on a held-out split of a prepared store; every figure is written to a file, then printed.

Written to models/evaluations/<release>/<split>@<revision>/: run.json (conditions), predictions.csv (one row a photo)
and metrics.json. The revision is the hash of the manifest's photos, labels and splits.
"""

import hashlib
import json
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.files import ROOT
from pipeline.cascade import PREPROCESSING, Cascade, explain, load_cascade, scores_of, tensor_of
from pipeline.errors import UnknownName
from pipeline.evaluation import metrics
from pipeline.face import REGIONS, Face, window_of
from pipeline.regions import region_of
from pipeline.training.prepare import INPUT_SIDE, STORE_SIDE
from pipeline.training.train import read_manifest
from pipeline.verdict import decide, passes_on

SPLITS = ("test", "unseen", "val")
BATCH = 16
HOMES = {"unsplash": "stylegan2", "forge-unsplash": "forge-stylegan2"}
"""Sources that are the other class of a collection: figures need both classes."""


def evaluate(name: str, store: Path, split: str) -> Path:
    """Evaluate a release; return the folder written.

    Raises:
        UnknownName: no such release or split.
    """
    if split not in SPLITS:
        raise UnknownName.among("split", split, SPLITS)
    cascade, table = load_cascade(name), read_manifest(store)
    rows = table[(table.split == split) & (table.error == "")]
    predicted = predictions(cascade, store, rows)
    folder = ROOT / "evaluations" / cascade.release.name / f"{split}@{revision(table)}"
    folder.mkdir(parents=True, exist_ok=True)
    predicted.to_csv(folder / "predictions.csv", index=False, float_format="%.5f")
    missed = table[(table.split == split) & (table.error != "")]
    _write(folder / "metrics.json", figures(predicted))
    _write(folder / "run.json", conditions(cascade, store, split, len(rows), missed))
    return folder


def run(name: str, store: Path, split: str) -> str:
    """Evaluate, and return the figures as text."""
    return as_text(evaluate(name, store, split))


def stored_figures(name: str) -> str:
    """Return all figures stored for a release as text.

    Raises:
        UnknownName: the release was never evaluated.
    """
    home = ROOT / "evaluations"
    folders = sorted((home / name).glob("*@*"))
    if not folders:
        raise UnknownName.among("evaluation", name, [path.name for path in home.glob("*") if path.is_dir()])
    return "\n\n".join(as_text(folder) for folder in folders)


def revision(table: pd.DataFrame) -> str:
    """Return ten hex digits that change when a photo, a label, a forged edit or a split changes."""
    lines = (table.sha256 + table.label + table.recipe + table.split).sort_values()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:10]


def stored_face(crop: np.ndarray, landmarks: np.ndarray, face_size: float) -> Face:
    """Rebuild the face that `examine` sees from a store's row: same crop, landmarks at the photo's scale."""
    edge = (STORE_SIDE - INPUT_SIDE) // 2
    points = landmarks * (face_size / np.ptp(landmarks, axis=0).max())
    low, high = points.min(axis=0), points.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    inner = np.ascontiguousarray(crop[edge : edge + INPUT_SIDE, edge : edge + INPUT_SIDE])
    return Face(box, points, window_of(points), inner, 1.0)


def predictions(cascade: Cascade, store: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Score every row with both stages and explain the edited ones' first stage; one row a photo."""
    crops, points = np.load(store / "crops.npy", mmap_mode="r"), np.load(store / "landmarks.npy", mmap_mode="r")
    done: list[dict[str, Any]] = []
    for first in tqdm(range(0, len(rows), BATCH), desc="evaluate", unit="batch"):
        part = rows.iloc[first : first + BATCH]
        faces = [stored_face(crops[i], points[i], size) for i, size in zip(part.index, part.face_size, strict=True)]
        done += _predicted(cascade, part, faces)
    return pd.DataFrame(done)


def _predicted(cascade: Cascade, part: pd.DataFrame, faces: list[Face]) -> list[dict[str, Any]]:
    pixels, release = tensor_of(faces), cascade.release
    first, second = scores_of(cascade, "edited", pixels), scores_of(cascade, "deepfake", pixels)
    maps = explain(cascade, faces, pixels, "edited", ["edited"] * len(faces))
    found = []
    for row, face, edited, deepfake, heatmap in zip(part.itertuples(), faces, first, second, maps, strict=True):
        ran = deepfake if passes_on(release, edited) else None
        verdict = decide(release, face.size, edited, ran)
        kind = "deepfake" if deepfake.positive else "facetune"
        point = heatmap.peak_point
        found.append(
            {
                "sha256": row.sha256,
                "label": row.label,
                "kind": row.kind,
                "source": row.source,
                "group": row.group,
                "difficulty": row.difficulty,
                "regions": row.regions,
                "face_size": row.face_size,
                "p_edited": edited.probability,
                "p_deepfake": deepfake.probability,
                "verdict": verdict.label,
                "reasons": " ".join(verdict.reasons),
                "forced": kind if edited.positive else "real",
                "peak_region": region_of(point, face.landmarks) if point else "",
                "peak": heatmap.peak,
                "faithfulness": heatmap.faithfulness,
            }
        )
    return found


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return all figures of a predictions table: both stages, joint, heatmaps; overall and by source."""
    edited = _stage(table, table.label != "real", table.p_edited, table.forced != "real")
    only = table[table.label != "real"]
    deepfake = _stage(only, only.label == "deepfake", only.p_deepfake, only.p_deepfake >= 0.5)
    camera = table[~table.source.str.startswith("forge-")]
    return {
        "edited": _by_source(edited),
        "deepfake": {"all": metrics.stage_figures(deepfake)} | _forged_stage(deepfake),
        "joint": {"collections": metrics.joint_figures(camera), "with forgeries": metrics.joint_figures(table)},
        "confusion": metrics.confusion(camera),
        "false alarms": _false_alarms(table),
        "recall by kind": _recalls(edited),
        "pointing": _pointing(table),
        "faithful maps": _faithful(table),
    }


def _stage(table: pd.DataFrame, positive: pd.Series, score: pd.Series, said: pd.Series) -> pd.DataFrame:
    return table.assign(positive=positive, score=score, said=said)


def _by_source(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 1's figures over all collections, and for each collection that has both classes."""
    camera = table[~table.source.str.startswith("forge-")]
    found: dict[str, Any] = {"collections": metrics.stage_figures(camera)}
    homes = table.source.replace(HOMES)
    for home in sorted(homes.unique()):
        mine = table[homes.isin([home, home.removeprefix("forge-")])]
        if home.startswith("forge-"):
            mine = mine[~mine.positive | mine.source.str.startswith("forge-")]
        if mine.positive.nunique() == 2:
            found[home] = metrics.stage_figures(mine)
    return found


def _forged_stage(table: pd.DataFrame) -> dict[str, Any]:
    """Return stage 2's figures on edits of both kinds made from the same originals: the ones that mean something."""
    forged = table[table.source.str.startswith("forge-")]
    found = {"same originals": metrics.stage_figures(forged)} if forged.positive.nunique() == 2 else {}
    for source, part in forged.groupby("source"):
        if part.positive.nunique() == 2:
            found[str(source)] = metrics.stage_figures(part)
    return found


def _false_alarms(table: pd.DataFrame) -> dict[str, Any]:
    """Return, by source, the share of real photos called edited, whichever kind."""
    reals = table[table.label == "real"]
    reals = reals.assign(positive=False, said=reals.verdict.isin(["deepfake", "facetune"]))
    return {str(source): metrics.interval(part, metrics.false_alarm) for source, part in reals.groupby("source")}


def _recalls(table: pd.DataFrame) -> dict[str, Any]:
    edits = table[table.positive]
    groups = edits.groupby(["source", "kind"])
    return {f"{source}: {kind}": metrics.interval(part, metrics.recall) for (source, kind), part in groups}


def _pointing(table: pd.DataFrame) -> dict[str, Any]:
    """Return how often the first stage's map peaks in an edited part (pointing game, Zhang et al., ECCV 2016).

    Chance is what the same peaks reach against other photos' region bits: it knows where maps like to peak.
    """
    known = table[(table.label != "real") & table.regions.str.fullmatch("[01]{4}") & (table.kind == "part composite")]
    found: dict[str, Any] = {}
    for source, part in known.groupby("source"):
        for what, mine in (("all", part), ("one region", part[part.regions.str.count("1") == 1])):
            if len(mine):
                hits = mine.assign(hit=_hits(mine.peak_region, mine.regions))
                chance = float(
                    np.mean([_hits(mine.peak_region, np.roll(mine.regions, k)).mean() for k in range(1, 20)])
                )
                found[f"{source}: {what}"] = metrics.interval(hits, _hit_rate) | {"chance": round(chance, 4)}
    return found


def _hit_rate(table: pd.DataFrame) -> float:
    return float(table.hit.mean())


def _hits(peaks: Any, bits: Any) -> np.ndarray:
    place = {name: number for number, name in enumerate(REGIONS)}
    return np.array([peak in place and text[place[peak]] == "1" for peak, text in zip(peaks, bits, strict=True)])


def _faithful(table: pd.DataFrame) -> dict[str, Any]:
    """Return the share of maps whose strongest fifth matters more to the logit than random fifths."""
    measured = table[table.faithfulness.notna()]
    measured = measured.assign(hit=measured.faithfulness > 0)
    return {str(label): metrics.interval(part, _hit_rate) for label, part in measured.groupby("label")}


def conditions(cascade: Cascade, store: Path, split: str, n: int, missed: pd.DataFrame) -> dict[str, Any]:
    """Return what the figures were measured under."""
    packages = ("torch", "numpy", "pillow", "opencv-python-headless", "scikit-learn", "ai-edge-litert")
    return {
        "release": cascade.release.name,
        "release_sha256": cascade.release.sha256,
        "split": split,
        "n": n,
        "without_face": {str(source): int(count) for source, count in missed.source.value_counts().items()},
        "manifest_sha256": hashlib.sha256((store / "manifest.csv").read_bytes()).hexdigest(),
        "preprocessing": PREPROCESSING,
        "bootstrap": {"draws": metrics.DRAWS, "seed": 1, "by": "group"},
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in packages},
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def as_text(folder: Path) -> str:
    """Return an evaluation's figures as a readable table."""
    run, found = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("run.json", "metrics.json"))
    lines = [f"{run['release']} on {folder.name}, n = {run['n']} (95 % bootstrap intervals by group)"]
    for section, content in found.items():
        if section == "confusion":
            lines += [f"\n{section} (rows: truth; columns: verdict)"]
            lines += [
                f"  {label:<10} " + "  ".join(f"{k} {v}" for k, v in row.items()) for label, row in content.items()
            ]
            continue
        lines.append(f"\n{section}")
        lines += [f"  {text}" for name, figure in content.items() for text in _described(name, figure)]
    return "\n".join(lines)


def _described(name: str, figure: dict[str, Any]) -> list[str]:
    if "value" in figure:
        chance = f", chance {figure['chance']:.3f}" if "chance" in figure else ""
        low, high = figure["low"], figure["high"]
        shown = "–" if figure["value"] is None else f"{figure['value']:.3f}"
        return [f"{name:<44} {shown}  [{low}, {high}]  n = {figure['n']}{chance}"]
    return [line for inner, value in figure.items() for line in _described(f"{name} · {inner}", value)]
