"""Evaluations whose scores are made up, so that pages can be tried without a network: small, or as large as asked.

`python tests/made_up_evaluation.py FOLDER N` writes one with N photos; point TELLTALE_EVALUATIONS at FOLDER.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from models.files import write_json
from models.release import read_release
from pipeline.evaluation.tiers import tier_figures
from pipeline.figures.everything import figures
from pipeline.results.canonical import pack_grid
from pipeline.results.evaluation import COLUMNS, FORMAT, NUMBERS, TIER_COLUMNS, TRUTHS

THRESHOLDS = {"edited": {"threshold": 0.7, "abstain": [0.6, 0.7]}, "deepfake": {"threshold": 0.5, "abstain": [0, 0]}}


def predictions(count: int = 300, seed: int = 0) -> pd.DataFrame:
    """Made-up predictions of three sources: a good stage 1, a middling stage 2, some abstentions."""
    rng = np.random.default_rng(seed)
    label = rng.choice(["real", "deepfake", "facetune"], count, p=[0.5, 0.25, 0.25])
    edited = label != "real"
    p1 = np.clip(0.25 + 0.5 * edited + rng.normal(0, 0.2, count), 0.001, 0.999)
    p2 = np.clip(0.3 + 0.4 * (label == "deepfake") + rng.normal(0, 0.2, count), 0.001, 0.999)
    source = np.where(rng.random(count) < 0.5, "ciplab", "dfdc").astype(object)
    forged = edited & (rng.random(count) < 0.5)
    kind = np.where(label == "real", "camera", np.where(label == "deepfake", "face swap", "retouch"))
    forced = np.where(p1 < 0.7, "real", np.where(p2 >= 0.5, "deepfake", "facetune"))
    near = (p1 >= 0.6) & (p1 < 0.7)
    table = pd.DataFrame({name: [0.0] * count if name in NUMBERS else [""] * count for name in COLUMNS})
    table = table.assign(
        id=[f"{i:016x}" for i in range(count)], sha256=[f"{i:064x}" for i in range(count)], label=label, kind=kind,
        source=np.where(forged, "forge-" + source, source),
        group=[f"g{i % max(120, count // 4)}" for i in range(count)], split="test",
        pair=np.where(forged, [f"forge-{i % 40}" for i in range(count)], ""), difficulty=np.where(forged, "", "mid"),
        p_edited=p1, p_deepfake=p2, says_edited=p1 >= 0.7, says_deepfake=p2 >= 0.5, forced=forced,
        verdict=np.where(near, "inconclusive", forced), reasons=np.where(near, "near_threshold", ""),
        decided_by=np.where(p1 >= 0.7, "deepfake", "edited"), face_size=rng.uniform(80, 400, count),
        edited_regions=np.where(forged, rng.integers(1, 5, count), np.where(edited, np.nan, 0)),
        regions="", sharpness=rng.uniform(10, 500, count), brightness=rng.uniform(50, 200, count),
        contrast=rng.uniform(20, 70, count), ita=rng.uniform(-50, 80, count),
        jpeg_quality=rng.choice([75, 85, -1], count), width=600.0, height=800.0, bytes=62_044.0, format="JPEG",
        subsampling="4:2:0", faithfulness=rng.normal(0.2, 0.3, count), map_method="gradcam",
        peak=rng.uniform(0, 0.3, count), peak_region=rng.choice(["mouth", "nose", "left eye", ""], count),
        heatmap=[pack_grid(grid) for grid in rng.normal(0.02, 0.05, (count, 16, 16))],
    )  # fmt: skip
    kinds = {name: "float64" if name in NUMBERS else "bool" if name in TRUTHS else "str" for name in COLUMNS}
    return table[list(COLUMNS)].astype(kinds)


def tiers(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Make up what became of the first photos in three tiers: scores that wander a little."""
    rng, some, found = np.random.default_rng(seed), table.head(120), []
    for tier, noise in (("clean", 0.0), ("web", 0.08), ("hard", 0.15)):
        first = np.clip(some.p_edited + rng.normal(0, 1, len(some)) * noise, 0, 1)
        verdict = np.where(first < 0.6, "real", np.where(first < 0.7, "inconclusive", some.forced))
        found.append(pd.DataFrame({"id": some.id, "tier": tier, "p_edited": first, "p_deepfake": some.p_deepfake,
                                   "verdict": verdict}))  # fmt: skip
    return pd.concat(found, ignore_index=True)[list(TIER_COLUMNS)]


def write_evaluation(
    home: Path, count: int = 300, release: str = "", dataset: str = "test", seed: int = 0, date: str = "2026-11-22"
) -> Path:
    """Write a whole evaluation under the folder of all evaluations; return its own folder."""
    table, name = predictions(count, seed), release or read_release().name
    path = home / name / f"{dataset}@0123456789"
    path.mkdir(parents=True)
    table.to_csv(path / "predictions.csv", index=False)
    robust = tiers(table, seed)
    robust.to_csv(path / "tiers.csv", index=False)
    write_json(path / "metrics.json", figures(table) | {"tiers": tier_figures(robust, table, 0.7)})
    run = {"format": FORMAT, "release": name, "dataset": dataset, "split": dataset, "revision": "0123456789",
           "n": count, "date": f"{date}T10:00:00Z", "thresholds": THRESHOLDS, "machine": "made up",
           "notes": {"interval": "by group"}}  # fmt: skip
    write_json(path / "run.json", run)
    return path


def copy_evaluation(made: Path, home: Path, release: str = "", **changed: object) -> Path:
    """Copy an evaluation under the folder of all evaluations, as its figures take a while; return the copy.

    Args:
        made: what is copied.
        home: the folder of all evaluations.
        release: whose it is to be; its own, if none is named.
        changed: other conditions, such as `dataset` and `revision`; None leaves one out.
    """
    run = json.loads((made / "run.json").read_text())
    run |= {"release": release or run["release"], **changed}
    path = home / str(run["release"]) / f"{run['dataset']}@{run['revision']}"
    shutil.copytree(made, path)
    write_json(path / "run.json", {name: value for name, value in run.items() if value is not None})
    return path


if __name__ == "__main__":
    print(write_evaluation(Path(sys.argv[1]), int(sys.argv[2])))
