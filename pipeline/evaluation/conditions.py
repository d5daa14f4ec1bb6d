"""run.json: what was measured, on what, with what, and what a reader must know before believing the figures."""

import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from models import eight_bit
from models.release import STAGES
from pipeline.evaluation.targets import Target, hash_of
from pipeline.examining.loaded import PREPROCESSING, Cascade
from pipeline.figures import bootstrap
from pipeline.results.evaluation import FORMAT

DAY, MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Kind:
    """A kind of measurement: the packages whose versions it records, and how exactly it is dated."""

    packages: tuple[str, ...]
    date: str = MOMENT


OF_RELEASE = Kind(
    ("onnxruntime", "torch", "numpy", "pandas", "pillow", "opencv-python-headless", "scikit-learn", "ai-edge-litert")
)
OF_MAPS = Kind(("grad-cam", "torch", "onnxruntime", "numpy", "opencv-python-headless", "scikit-learn"))
OF_BASELINE = Kind(
    ("torch", "onnxruntime", "numpy", "scipy", "scikit-learn", "pandas", "opencv-python-headless", "pillow"), DAY
)
OF_AUDIT = Kind(("scikit-learn", "torch", "numpy", "pandas", "opencv-python-headless"), DAY)

NOTES = {
    "interval": "95 % percentile bootstrap; whole groups are drawn: photos of one person, or near duplicates",
    "recall at 95 % passed": "its threshold is set on these very photos' negatives (in stage 1 the real ones): it says "
    "what the scores could do; recall and false alarms are at the release's own threshold",
    "slices": "by what only edits have: with the real photos of the same collections beside them. Under 20 photos of a "
    "class no figure is given. Thirds are those of these very photos",
    "skin tone": "ITA° of the pixels of cheeks and forehead under unknown light, camera and editing: how a photo shows "
    "a skin, not an attribute of a person",
    "same originals": "edits of originals of which there are edits of both kinds: nothing but the edit tells the kind",
    "tiers": "a photo in which no face is found any more counts as not said to be edited",
}
VALIDATION = "thresholds and calibration were set on the split val: figures measured on it flatter"


def release_of(cascade: Cascade) -> dict[str, Any]:
    """Return which release was measured: its hash, its weights' and its thresholds."""
    release = cascade.release
    stages = {name: release.stage(name) for name in STAGES}
    return {
        "release": release.name,
        "release_sha256": release.sha256,
        "weights": {card.weights: card.sha256 for card in cascade.cards.values()},
        "thresholds": {
            name: {"threshold": stage.threshold, "abstain": list(stage.abstain)} for name, stage in stages.items()
        },
        "preprocessing": PREPROCESSING,
    }


def served_by(cascade: Cascade, kind: Kind) -> dict[str, Any]:
    """Return what a release's answers about given photos depend on, beside the code."""
    weights = {stage: card.sha256 for stage, card in cascade.cards.items()}
    head = {"release": cascade.release.sha256, "weights": weights}
    return head | {"versions": versions_of(kind), "signed products saturate": eight_bit.saturates()}


def target_facts(target: Target, left_out: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Return what it was measured on, and which photos were left out: reason → source → how many."""
    return {
        "dataset": target.dataset,
        "split": target.split,
        "revision": target.revision,
        "manifest": target.manifest.name,
        "manifest_sha256": hash_of(target),
        "left_out": {reason: sources for reason, sources in left_out.items() if sources},
    }


def versions_of(kind: Kind) -> dict[str, str]:
    """Return package → version of what a kind of measurement is made with."""
    return {name: version(name) for name in kind.packages}


def surroundings(kind: Kind, since: float, seed: int | None = None) -> dict[str, Any]:
    """Return with what a measurement was made, and when.

    Args:
        kind: of measurement.
        since: `time.monotonic()` as it began.
        seed: of its samples; None where it draws none of its own.
    """
    own = {} if seed is None else {"seed": seed}
    return {
        "bootstrap": {"draws": bootstrap.DRAWS, "seed": 1, "by": "group"},
        **own,
        "seconds": round(time.monotonic() - since),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": versions_of(kind),
        "date": time.strftime(kind.date, time.gmtime()),
    }


def conditions(
    cascade: Cascade, target: Target, left_out: dict[str, dict[str, int]], more: dict[str, Any]
) -> dict[str, Any]:
    """Return all of an evaluation's run.json; `more` holds n, the sample, contamination and `surroundings`."""
    notes = NOTES | ({"validation": VALIDATION} if target.split == "val" else {})
    return {"format": FORMAT} | release_of(cascade) | target_facts(target, left_out) | more | {"notes": notes}
