"""A CSV of photos: the columns path and label, and what else is known of each (`OPTIONAL`)."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from pipeline.datasets import LABELS, Dataset, Record
from pipeline.datasets.class_words import SPLIT_WORDS, UNSAID
from pipeline.datasets.files import is_picture_name, say_path
from pipeline.datasets.index import Row, has_columns, header_of, read_index
from pipeline.errors import BadDataset

REQUIRED = ("path", "label")
OPTIONAL = ("kind", "source", "group", "split", "regions", "difficulty", "pair", "mask")


def records(index: Path) -> Iterator[Record]:
    """Read a table of photos. Paths, of photos and masks, are relative to the table; other columns are passed over.

    Without a source it is the table's name; without a group every photo is its own. Groups are the same in every
    table, so that a person named in two of them is still one.
    """
    if index.is_dir():
        raise BadDataset(f"{say_path(index)} is a folder; table= takes a CSV file with the columns path and label.")
    _refuse_misspelt(index)
    part = "Paths are relative to the table; put the files there or remove the lines."
    yield from read_index(index, REQUIRED, partial(_records, index), part)


def ignored_columns(index: Path) -> list[str]:
    """Return the columns of a table that are not read, in their order."""
    return [column for column in header_of(index) if column not in REQUIRED + OPTIONAL]


def _refuse_misspelt(index: Path) -> None:
    """A column that nearly has a known name would be passed over without a word."""
    columns = header_of(index)
    for column in ignored_columns(index):
        near = get_close_matches(column, [name for name in REQUIRED + OPTIONAL if name not in columns], 1, cutoff=0.8)
        if near:
            raise BadDataset(f"{say_path(index)} has a column {column!r}. Did you mean {near[0]!r}? Rename it.")


def _records(index: Path, row: Row) -> list[Record]:
    label = row.one_of("label", LABELS)
    path = row.need("path")
    if not is_picture_name(Path(path)):
        raise row.wrong(f"path is {path!r}, which is not named as a picture.")
    source = row["source"] or index.stem
    record = Record(
        path=index.parent / path,
        label=label,
        kind=row["kind"] or UNSAID[label],
        source=source,
        group=f"table-{row['group']}" if row["group"] else f"{source}-{path}",
        regions=_regions(row, label),
        difficulty=row["difficulty"],
        pair=f"{index.stem}-{row['pair']}" if row["pair"] else "",
        split=SPLIT_WORDS.get(row.one_of("split", ("", *SPLIT_WORDS)), ""),
        mask=_mask(row, label),
    )
    return [record]


def _regions(row: Row, label: str) -> str:
    bits = row["regions"] or ("0000" if label == "real" else "")
    if bits and (len(bits) != 4 or not set(bits) <= {"0", "1"}):
        raise row.wrong(f"regions is {bits!r}; it must be four of 0 and 1: left eye, right eye, nose, mouth.")
    if label == "real" and bits != "0000":
        raise row.wrong(f"regions is {bits!r}, but the photo is real.")
    return bits


def _mask(row: Row, label: str) -> str:
    mask = row["mask"]
    if mask and label == "real":
        raise row.wrong("there is a mask, but the photo is real.")
    if mask == "pair" and not row["pair"]:
        raise row.wrong('mask is "pair", but the column pair does not say with which real photo.')
    return str(row.index.parent / mask) if mask not in ("", "pair") else mask


DATASET = Dataset(
    name="table",
    revision="as given",
    licence="the owner's",
    citation="none: the owner's own collection",
    obtain="a CSV file with the columns path and label: table=photos.csv",
    labels={label: f"{label}: {kind}" for label, kind in UNSAID.items()},
    records=records,
    looks_like=lambda index: has_columns(index, REQUIRED),
    generic=True,
)
