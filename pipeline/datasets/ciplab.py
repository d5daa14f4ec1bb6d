"""CIPLAB "Real and Fake Face Detection": parts of other people pasted in by experts, graded and with region bits."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import FACTS, Dataset, Record
from pipeline.datasets.index import Row, has_columns, read_index
from pipeline.regions import region_bits

COLUMNS = ("file", "class", "difficulty", "regions", "group", *FACTS)


def records(folder: Path) -> Iterator[Record]:
    """Read index.csv beside real/ and fake/; fakes carry the edited regions and the grade."""
    return read_index(folder / "index.csv", COLUMNS, lambda row: [_record(folder, row)])


def _record(folder: Path, row: Row) -> Record:
    fake = row.one_of("class", ("real", "fake")) == "fake"
    return Record(
        path=folder / row.need("file"),
        label="facetune" if fake else "real",
        kind="part composite" if fake else "camera",
        source="ciplab",
        group=f"ciplab-{row.need('group')}",
        regions=known_bits(row["regions"]) if fake else "0000",
        difficulty=row["difficulty"],
        facts={name: row.number(name) for name in FACTS if row[name]},
    )


def known_bits(text: str) -> str:
    """Return the four region bits; one file's name has only three, and which is missing nobody can tell."""
    return "" if region_bits(text) is None else text


DATASET = Dataset(
    name="ciplab",
    revision="600px-q85-1735",
    licence="research use",
    citation="Yonsei CIPLAB, Real and Fake Face Detection, 2019",
    obtain="kaggle.com/datasets/ciplab/real-and-fake-face-detection; here re-encoded at 600 px, with index.csv",
    labels={"real": "real: camera", "fake": "facetune: part composite"},
    records=records,
    looks_like=lambda folder: has_columns(folder / "index.csv", COLUMNS),
)
