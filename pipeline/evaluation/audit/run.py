"""`audit`: all four parts on a prepared folder, written to one file."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from models.files import sha256_of
from pipeline.crops.crops import Crops
from pipeline.evaluation.audit import file_facts
from pipeline.evaluation.audit.consequences import consequences
from pipeline.evaluation.audit.leakage import leakage
from pipeline.evaluation.audit.metadata import as_published, before_and_after, source_known
from pipeline.evaluation.audit.networks import Frozen, embed_pictures, networks
from pipeline.evaluation.audit.pictures import around_the_face, sources
from pipeline.evaluation.audit.pictures_shown import Views
from pipeline.evaluation.audit.probes import FOLDS
from pipeline.evaluation.audit.tasks import Task, paired_tasks_of, sample_originals_and_edits, with_crop
from pipeline.evaluation.audit.wording import comparisons
from pipeline.evaluation.conditions import OF_AUDIT, surroundings
from pipeline.evaluation.whole_json import write_json_whole
from pipeline.manifest.table import NAME as MANIFEST
from pipeline.manifest.table import read_manifest
from pipeline.results.audit import HOME as AUDITS
from pipeline.results.audit import SCHEMA
from pipeline.results.evaluation import HOME


def audit(folder: Path, out: Path = HOME / AUDITS, most: int = 400, seed: int = 1) -> dict[str, Any]:
    """Audit a prepared folder; write `<first digits of its manifest's sha256>.json` and return what it holds.

    Args:
        folder: what `prepare` wrote, with its crops.
        out: folder to write to.
        most: photos of a source and label that are looked at, those with forged edits first; half as many for forged
            edits and for the sources.
        seed: of the samples, the folds and the models.

    Raises:
        BadDataset: the folder has no manifest or no crops.
        DiskFull: there is no room; an older audit stays as it was.
    """
    since = time.monotonic()
    manifest, crops = read_manifest(folder), Crops.read(folder)
    frozen, missing = networks()
    parts = carry_out(manifest, crops, frozen, most, seed)
    digest = sha256_of(folder / MANIFEST)
    conditions = {
        "manifest_sha256": digest,
        "n": _by_source(manifest[manifest.quarantine == ""]),
        "audited": parts.pop("audited"),
        "most": most,
        "folds": FOLDS,
        "networks": [network.name for network in frozen],
        "missing": missing,
        **surroundings(OF_AUDIT, since, seed),
    }
    stored = {"schema": SCHEMA, "conditions": conditions} | parts
    write_json_whole(out / f"{digest[:12]}.json", stored)
    return stored


def carry_out(manifest: pd.DataFrame, crops: Crops, frozen: Sequence[Frozen], most: int, seed: int) -> dict[str, Any]:
    """Carry out the audit on tables that were read; return its parts, see the package's docstring.

    Args:
        manifest: one row a photo.
        crops: the store.
        frozen: the networks; the first also looks around the face and for twins.
        most, seed: see `audit`.
    """
    rows = with_crop(crops.table)
    few = sample_originals_and_edits(rows, most, seed)
    views, tasks = Views(crops), paired_tasks_of(few)
    entries = [
        *_metadata(manifest, few, tasks, views, seed),
        *around_the_face(tasks, few, views, frozen[0], seed),
        *sources(rows, most // 2, views, frozen, seed),
        *source_known(tasks, seed),
    ]
    own = rows[rows.recipe == ""]
    twins = embed_pictures(frozen[:1], own.index.tolist(), views.small, "twins")[frozen[0].name]
    return {
        "audited": _by_source(few),
        "entries": entries,
        "comparisons": comparisons(entries),
        "leakage": leakage(own, twins, seed),
        "consequences": consequences(entries),
    }


def _by_source(rows: pd.DataFrame) -> dict[str, int]:
    return {str(source): int(count) for source, count in rows.source.value_counts().sort_index().items()}


def _metadata(
    manifest: pd.DataFrame, few: pd.DataFrame, tasks: list[Task], views: Views, seed: int
) -> list[dict[str, Any]]:
    published = as_published(manifest, seed)
    crops = (views.in_container(row) for row in tqdm(few.index, desc="facts of crops", unit="crop"))
    before, after = file_facts.facts_of_files(few[few.recipe == ""]), file_facts.facts_of_crops(crops, few.index)
    ruled = {entry["scope"] for entry in published}
    return published + before_and_after(tasks, before, after, ruled, seed)
