"""What `python -m pipeline forge` or `benchmark` made: originals and edits through one encoder, with masks."""

import csv
from collections.abc import Iterator
from pathlib import Path

from models.card import PREFIX
from pipeline.datasets import LABELS, Dataset, Record
from pipeline.datasets.sources import forged_name
from pipeline.errors import BadDataset
from pipeline.splits import SPLITS, UNSEEN

MANIFEST = "manifest.csv"
NEEDED = {"file", "mask", "label", "kind", "group", "split", "source", "regions", "original_sha256", "error"}


def records(folder: Path) -> Iterator[Record]:
    """Read manifest.csv; its lines of refusals and of photos without a face are passed over.

    Raises:
        BadDataset: there is no manifest or no picture in it, files are absent, or a label is unknown.
    """
    _refuse_if_not_whole(folder)
    yield from (_record(folder, row) for row in _rows(folder))


def _refuse_if_not_whole(folder: Path) -> None:
    path, pictures, absent, first = folder / MANIFEST, 0, 0, ""
    for row in _rows(folder):
        pictures += 1
        if row["label"] not in LABELS:
            raise BadDataset(f"{path} labels {row['file']} {row['label']!r}; known labels: {', '.join(LABELS)}.")
        for file in (row["file"], row["mask"]):
            if file and not (folder / file).is_file():
                absent, first = absent + 1, first or file
    if not pictures:
        raise BadDataset(f"{path} lists no picture; run forge again with other originals.")
    if absent:
        raise BadDataset(
            f"{absent} files that {path} names are absent, the first is {first}; run forge again with the same "
            "originals, it makes what is missing."
        )


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the manifest's lines that name a picture."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BadDataset(f"There is no {MANIFEST} in {folder}; name a folder that forge or benchmark wrote.")
    with path.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        if lacking := NEEDED - set(table.fieldnames or ()):
            raise BadDataset(f"{path} has no column {', '.join(sorted(lacking))}; forge did not write it.")
        yield from (row for row in table if row["file"] and not row["error"])


def _looks_like(folder: Path) -> bool:
    path = folder / MANIFEST
    if not path.is_file() or not (folder / "recipes").is_dir():
        return False
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return set(next(csv.reader(file), ())) >= NEEDED


def _record(folder: Path, row: dict[str, str]) -> Record:
    """Turn a line into a record; originals and edits share source, group and pair, so that none tells the class."""
    return Record(
        path=folder / row["file"],
        label=row["label"],
        kind=row["kind"],
        source=forged_name(row["source"]),
        group=row["group"],
        regions=row["regions"],
        pair=forged_name(row["original_sha256"][:16]),
        held_out=row["split"] == UNSEEN,
        split=row["split"] if row["split"] in SPLITS else "",
        mask=str(folder / row["mask"]) if row["mask"] else "",
        told_sha256=row.get("sha256") or "",
        donor=(row.get("donor_sha256") or "")[:PREFIX],
    )


DATASET = Dataset(
    name="forged",
    revision="1",
    licence="that of the originals",
    citation="made by python -m pipeline forge, see pipeline/forge",
    obtain="python -m pipeline forge ORIGINALS --out FOLDER, or python -m pipeline benchmark",
    labels={"real": "real: camera", "facetune": "facetune: as listed", "deepfake": "deepfake: as listed"},
    records=records,
    looks_like=_looks_like,
)
