"""DFDC face crops: one real and one face-swapped fake of the same video, by person (Dolhansky et al., 2020)."""

import csv
from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record


def records(folder: Path) -> Iterator[Record]:
    """Read index.csv beside real/ and fake/; both pictures of a row share `pair` and the person's group."""
    with (folder / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            group, pair = f"dfdc-{row['person']}", f"dfdc-{row['real']}-{row['fake']}"
            real, fake = folder / "real" / f"{row['real']}.jpg", folder / "fake" / f"{row['fake']}.jpg"
            yield Record(real, "real", "camera", "dfdc", group, regions="0000", pair=pair)
            yield Record(fake, "deepfake", "face swap", "dfdc", group, regions="1111", pair=pair)


DATASET = Dataset(
    name="dfdc",
    revision="224px-q75-4000pairs",
    licence="research use (DFDC terms)",
    citation="Dolhansky et al., The DeepFake Detection Challenge Dataset, arXiv 2006.07397",
    records=records,
)
