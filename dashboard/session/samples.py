"""The sample photos and what is known of each."""

import csv
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import PROJECT

FOLDER = PROJECT / "sample_data"
SOURCES = "originals/"
"""What the samples were made from: not offered a second time."""


@dataclass(frozen=True)
class Sample:
    """One photo to try: where it lies, its known label, what was done to it, and its licence."""

    path: Path
    label: str
    kind: str
    licence: str

    @property
    def name(self) -> str:
        """What it is called on the page, from its file's name."""
        return self.path.stem.replace("_", " ").capitalize()


def samples(folder: Path = FOLDER) -> list[Sample]:
    """Return the samples that the manifest lists and that are there."""
    manifest = folder / "manifest.csv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if not line["file"].startswith(SOURCES)]
    every = [Sample(folder / line["file"], line["label"], line["kind"], line["licence"]) for line in lines]
    return [sample for sample in every if sample.path.is_file()]
