"""Parts of larger collections that published weights were trained and validated on: an index with each photo's split.

The splits are those of the weights and are kept: a photo that they saw can never become a test photo.
"""

from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from pipeline.datasets import Record
from pipeline.datasets.index import Row, has_columns, read_index, rows

COLUMNS = ("file", "sha256", "original_sha256", "source", "label", "kind", "split")
SEEN_SPLITS = ("train", "val")


def read_published(folder: Path, sources: Collection[str], kinds: dict[str, str]) -> Iterator[Record]:
    """Read a folder's index.csv.

    Args:
        folder: with one subfolder a source, and index.csv, whose `file` starts with the folder's first name.
        sources: those that it may name.
        kinds: source → the kind of its photos where the index leaves it empty.

    Raises:
        BadDataset: a row names another source, label or split, or files are absent.
    """
    return read_index(folder / "index.csv", COLUMNS, lambda row: [_record(folder, row, sources, kinds)])


def _record(folder: Path, row: Row, sources: Collection[str], kinds: dict[str, str]) -> Record:
    source, label = row.one_of("source", sources), row.one_of("label", ("real", "deepfake"))
    return Record(
        path=folder.joinpath(*PurePosixPath(row.need("file")).parts[1:]),
        label=label,
        kind=row["kind"] or kinds.get(source, "camera"),
        source=source,
        group=f"{source}-{row.need('original_sha256')[:16]}",
        regions="0000" if label == "real" else "",
        split=row.one_of("split", SEEN_SPLITS),
    )


def first_source(folder: Path) -> str:
    """Return the source that the first row of a published part's index names; "" where it is none."""
    index = folder / "index.csv"
    row = next(rows(index, COLUMNS), None) if has_columns(index, COLUMNS) else None
    return row["source"].lower() if row else ""
