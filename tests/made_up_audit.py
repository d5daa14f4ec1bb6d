"""Shortcut audits as plain data whose figures are made up; and files of them."""

import json
from pathlib import Path
from typing import Any

from pipeline.results.audit import HOME, SCHEMA


def figure(value: Any, low: Any = None, high: Any = None, n: int = 100) -> dict[str, Any]:
    """A figure; its interval is narrow where none is given."""
    low, high = (value - 0.02 if low is None else low), (value + 0.02 if high is None else high)
    return {"value": value, "low": low, "high": high, "n": n}


def comparison(
    scope: str = "ciplab",
    stage: str = "edited",
    outcome: str = "gone",
    by: str = "all facts",
    kind: str = "metadata",
    chance: float = 0.5,
    **figures: Any,
) -> dict[str, Any]:
    """One question; figures by condition."""
    task = {"edited": "real or edited", "deepfake": "deepfake or facetune", "": "which source"}[stage]
    return {"audit": kind, "task": task, "scope": scope, "stage": stage, "by": by, "chance": chance,
            "outcome": outcome, "said": f"{by} tells", **figures}  # fmt: skip


def stored(**changed: Any) -> dict[str, Any]:
    """An audit as plain data."""
    entry = {"audit": "around the face", "stage": "edited", "scope": "ciplab", "by": "net", "condition": "after",
             "AUC": figure(0.6)}  # fmt: skip
    leak = {"split": "test", "against": "train", "measure": "phash", "threshold": "near", "n": 50, "groups": 40,
            "near": 2, "share": figure(0.04), "unrelated": figure(0.05), "same group": figure(0.6),
            "standing": "as unrelated photos", "verdict": "2 of 50", "examples": []}  # fmt: skip
    return {
        "schema": SCHEMA,
        "conditions": {"manifest_sha256": "ab" * 32, "n": {"ciplab": 100}, "date": "2026-11-22"},
        "entries": [entry],
        "comparisons": [
            comparison(before=figure(0.9), after=figure(0.5)),
            comparison("dfdc", outcome="still told", before=figure(0.8), after=figure(0.79)),
        ],
        "leakage": [leak],
        "consequences": {"edited": ["beware"], "deepfake": []},
    } | changed


def written(folder: Path, data: Any, name: str = "abababababab") -> Path:
    """Write an audit, or any text, where audits are kept under a folder of evaluations."""
    path = folder / HOME / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path
