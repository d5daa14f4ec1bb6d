"""Made-up evaluations whose edited parts are known, and maps measured by method, to try pages without a network."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.files import write_json
from models.release import read_release
from pipeline.figures.maps import by_kind
from pipeline.figures.mean_maps import mean_maps
from pipeline.figures.pointing import faithful, pointing
from pipeline.figures.slices import slices
from pipeline.results.evaluation import FORMAT
from pipeline.results.maps import AP, BASELINES, BEATS, OUTPUTS, PEAK, RESTORES, RIGHT
from tests.made_up_evaluation import THRESHOLDS, predictions

METHODS = ("gradcam", "mask", *BASELINES)
REVISION = "0123456789"


def composites(count: int = 240) -> pd.DataFrame:
    """Made-up predictions whose facetunes are part composites with known parts."""
    table, rng = predictions(count), np.random.default_rng(3)
    mine = table.label == "facetune"
    regions = np.where(mine, rng.choice(["1000", "0010", "0101"], count), "")
    return table.assign(kind=table.kind.where(~mine, "part composite"), regions=regions)


def write_mapped(home: Path, table: pd.DataFrame | None = None, **changed: Any) -> Path:
    """Write an evaluation with the figures about maps and slices; `changed` replaces sections, None leaves one out."""
    table, name = composites() if table is None else table, read_release().name
    path = home / name / f"test@{REVISION}"
    path.mkdir(parents=True)
    table.to_csv(path / "predictions.csv", index=False)
    edited = table.assign(positive=table.label != "real", score=table.p_edited, said=table.says_edited)
    found = {"pointing": pointing(table), "faithful maps": faithful(table), "mean maps": mean_maps(table),
             "slices": slices(edited)} | changed  # fmt: skip
    write_json(path / "metrics.json", {key: value for key, value in found.items() if value is not None})
    run = {"format": FORMAT, "release": name, "dataset": "test", "split": "test", "revision": REVISION, "n": len(table),
           "date": "2026-11-22T10:00:00Z", "thresholds": THRESHOLDS, "release_sha256": read_release().sha256,
           "notes": {"faithful maps": "*blur* itself raises the score"}}  # fmt: skip
    write_json(path / "run.json", run)
    return path


def pictures(count: int = 24, seed: int = 0) -> pd.DataFrame:
    """Made-up rows of maps.csv, of both splits and two sets."""
    rng, rows = np.random.default_rng(seed), []
    for split in ("val", "test"):
        for number in range(count):
            name = ("composites", "forged")[number % 2]
            for method in (*METHODS, *((OUTPUTS,) if name == "composites" else ())):
                scored = method != OUTPUTS
                rows.append({
                    "restored": rng.normal() if scored and name == "forged" else np.nan,
                    "faithfulness": rng.normal() if scored and number < count // 2 else np.nan, "deletion": np.nan,
                    "insertion": np.nan, "set": name, "sha256": f"{number:064x}", "source": name,
                    "kind": "part composite" if name == "composites" else ("retouch", "face swap")[number // 2 % 2],
                    "group": f"g{number // 2}", "regions": "0101" if name == "composites" else "", "row": number,
                    "method": method, "state": "clear" if scored else "", "area": 0.1, "peak_x": 9.0, "peak_y": 9.0,
                    "parts": "0100", "names": True, "hit": bool(rng.random() < 0.6),
                    "ap": rng.random() if scored and name == "forged" else np.nan, "iou": np.nan, "split": split,
                })  # fmt: skip
    return pd.DataFrame(rows)


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """Return "set: measure" → method → figure of one split's pictures."""
    found = {}
    for name, part in table.assign(kind="any").groupby("set"):
        for measure in (PEAK, RIGHT, RESTORES, BEATS, AP):
            if by_method := by_kind(part, measure).get("any"):
                chance = {"chance": 0.4} if measure == PEAK else {}
                found[f"{name}: {measure}"] = {method: figure | chance for method, figure in by_method.items()}
    return found


def write_maps(home: Path, release: str = "", **changed: Any) -> Path:
    """Write a folder as `maps` does; `changed` replaces what run.json says."""
    table, name = pictures(), release or read_release().name
    path = home / name / f"maps@{REVISION}"
    path.mkdir(parents=True)
    table.to_csv(path / "maps.csv", index=False)
    write_json(path / "metrics.json", {str(split): figures(part) for split, part in table.groupby("split")})
    run = {"release": name, "stage": "edited", "split": "test", "n": 24, "pictures": {"composites": 12, "forged": 12},
           "best": "gradcam"} | changed  # fmt: skip
    write_json(path / "run.json", run)
    return path
