"""`audit`: all four parts on a prepared folder, written to one file."""

import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from models.files import ROOT, sha256_of, write_json
from pipeline.crops.crops import read_store
from pipeline.evaluation.audit import file_facts
from pipeline.evaluation.audit.consequences import consequences
from pipeline.evaluation.audit.leakage import leakage
from pipeline.evaluation.audit.metadata import as_published, before_and_after, source_known
from pipeline.evaluation.audit.networks import Frozen, embedded, networks
from pipeline.evaluation.audit.pictures import around_the_face, sources
from pipeline.evaluation.audit.pictures_shown import Views
from pipeline.evaluation.audit.probes import FOLDS
from pipeline.evaluation.audit.tasks import Task, sampled, tasks_of, usable
from pipeline.evaluation.audit.wording import comparisons
from pipeline.figures import bootstrap
from pipeline.manifest.table import NAME as MANIFEST
from pipeline.manifest.table import read_manifest

HOME = ROOT / "evaluations" / "audits"
SCHEMA = 1


def audit(folder: Path, out: Path = HOME, most: int = 400, seed: int = 1) -> dict[str, Any]:
    """Audit a prepared folder; write `<first digits of its manifest's sha256>.json` and return what it holds.

    Args:
        folder: what `prepare` wrote, with its crops.
        out: folder to write to.
        most: photos of a source and label that are looked at; half as many for forged edits and for the sources.
        seed: of the samples, the folds and the models.

    Raises:
        BadDataset: the folder has no manifest or no crops.
    """
    since = time.monotonic()
    manifest, store = read_manifest(folder), read_store(folder)
    frozen, missing = networks()
    found = audited(manifest, store, folder, frozen, most, seed)
    digest = sha256_of(folder / MANIFEST)
    known = conditions(manifest, digest, frozen, missing, most, seed)
    known |= {"audited": found.pop("audited"), "seconds": round(time.monotonic() - since)}
    done = {"schema": SCHEMA, "conditions": known} | found
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / f"{digest[:12]}.json", done)
    return done


def audited(
    manifest: pd.DataFrame, store: pd.DataFrame, folder: Path, frozen: Sequence[Frozen], most: int, seed: int
) -> dict[str, Any]:
    """Carry out the audit on tables that were read.

    Args:
        manifest: one row a photo.
        store: one row a crop; row i is row i of the arrays in `folder`.
        folder: where `crops.npy` and `landmarks.npy` are.
        frozen: the networks; the first also looks around the face and for twins.
        most, seed: see `audit`.
    """
    rows = usable(store)
    few = sampled(rows, most, seed)
    views, tasks = Views(folder, rows), tasks_of(few)
    entries = [
        *_metadata(manifest, few, tasks, views, seed),
        *around_the_face(tasks, few, views, frozen[0], seed),
        *sources(rows, most // 2, views, frozen, seed),
        *source_known(tasks, seed),
    ]
    own = rows[rows.recipe == ""]
    twins = embedded(frozen[:1], own.index.tolist(), views.small, "twins")[frozen[0].name]
    return {
        "audited": {str(source): int(count) for source, count in few.source.value_counts().sort_index().items()},
        "entries": entries,
        "comparisons": comparisons(entries),
        "leakage": leakage(own, twins, seed),
        "consequences": consequences(entries),
    }


def _metadata(
    manifest: pd.DataFrame, few: pd.DataFrame, tasks: list[Task], views: Views, seed: int
) -> list[dict[str, Any]]:
    published = as_published(manifest, seed)
    crops = (views.settled(row) for row in tqdm(few.index, desc="facts of crops", unit="crop"))
    before, after = file_facts.before(few[few.recipe == ""]), file_facts.after(crops, few.index)
    ruled = {entry["scope"] for entry in published}
    return published + before_and_after(tasks, before, after, ruled, seed)


def conditions(
    manifest: pd.DataFrame, digest: str, frozen: Sequence[Frozen], missing: dict[str, str], most: int, seed: int
) -> dict[str, Any]:
    """Return what the audit was made under."""
    counts = manifest[manifest.quarantine == ""].source.value_counts().sort_index()
    packages = ("scikit-learn", "torch", "numpy", "pandas", "opencv-python-headless")
    return {
        "manifest_sha256": digest,
        "n": {str(source): int(count) for source, count in counts.items()},
        "most": most,
        "seed": seed,
        "folds": FOLDS,
        "bootstrap": {"draws": bootstrap.DRAWS, "seed": 1, "by": "group"},
        "networks": [network.name for network in frozen],
        "missing": missing,
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in packages},
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
