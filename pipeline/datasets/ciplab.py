"""CIPLAB "Real and Fake Face Detection": parts of other people pasted in by experts, graded and with region bits."""

import csv
from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record


def records(folder: Path) -> Iterator[Record]:
    """Read index.csv beside real/ and fake/; fakes carry the edited regions and the grade."""
    with (folder / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            fake = row["class"] == "fake"
            yield Record(
                path=folder / row["file"],
                label="facetune" if fake else "real",
                kind="part composite" if fake else "camera",
                source="ciplab",
                group=f"ciplab-{row['group']}",
                regions=_bits(row["regions"]) if fake else "0000",
                difficulty=row["difficulty"],
            )


def _bits(text: str) -> str:
    """Return the four region bits; one file's name has only three, and which is missing nobody can tell."""
    return text if len(text) == 4 else ""


DATASET = Dataset(
    name="ciplab",
    revision="600px-q85-1735",
    licence="research use",
    citation="Yonsei CIPLAB, Real and Fake Face Detection, 2019",
    records=records,
)
