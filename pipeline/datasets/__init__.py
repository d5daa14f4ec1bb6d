"""Labelled photo collections, one a file, found by scanning. Each turns a folder into `Record`s.

A dataset file defines `DATASET`; its name is what `prepare --source NAME=FOLDER` takes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pipeline.errors import UnknownName

LABELS = ("real", "deepfake", "facetune")


@dataclass(frozen=True)
class Record:
    """One labelled photo.

    Attributes:
        path: the file.
        label: "real", "deepfake" or "facetune".
        kind: the finer kind: "camera", "face swap", "GAN", "part composite", ….
        source: the collection it is from; errors are told per source.
        group: photos of one group (a person, near duplicates) never part in two splits.
        regions: four characters 0 or 1 (left eye, right eye, nose, mouth of the picture) naming edited parts,
            or "" where that is unknown.
        difficulty: as the collection grades it, or "".
        pair: what an original and its edit share, or "".
        held_out: never trained or tuned on: kept to tell how an unseen source fares.
    """

    path: Path
    label: str
    kind: str
    source: str
    group: str
    regions: str = ""
    difficulty: str = ""
    pair: str = ""
    held_out: bool = False


@dataclass(frozen=True)
class Dataset:
    """A collection and how its folder is read.

    Attributes:
        name: what the command line calls it.
        revision: which copy of the collection this reads; figures are told with it.
        licence: terms of use.
        citation: where it is described.
        records: turns the collection's folder into records, in a stable order.
    """

    name: str
    revision: str
    licence: str
    citation: str
    records: Callable[[Path], Iterator[Record]]


def datasets() -> dict[str, Dataset]:
    """Return every dataset of this package by name."""
    found = (import_module(f"{__name__}.{module.name}").DATASET for module in iter_modules(__path__))
    return {dataset.name: dataset for dataset in found}


def dataset(name: str) -> Dataset:
    """Return the dataset of that name.

    Raises:
        UnknownName: with the nearest known names.
    """
    known = datasets()
    if name not in known:
        raise UnknownName.among("dataset", name, known)
    return known[name]


def pictures(folder: Path) -> list[Path]:
    """Return the picture files below a folder, sorted by name."""
    suffixes = {".jpg", ".jpeg", ".png", ".webp"}
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
