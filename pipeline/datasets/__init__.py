"""Labelled photo collections, one a file, found by scanning. Each turns a folder into `Record`s.

A dataset file defines `DATASET`; its name is what `prepare NAME=FOLDER` takes. The other files are what they share:

- `files` walks folders,
- `index` reads tables of photos,
- `class_words` knows what people call their classes,
- `pair_masks` tells where a photo was edited,
- `sources` tells what a source's name says: its collection, and whether its photos were forged,
- `photo_index` finds a photo's file again by its hash.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from pipeline.datasets.files import pictures
from pipeline.errors import BadDataset, UnknownName
from pipeline.splits import SPLITS

__all__ = ["FACTS", "LABELS", "SPLITS", "Dataset", "Record", "dataset", "datasets", "pictures", "recognise"]

LABELS = ("real", "deepfake", "facetune")
FACTS = ("original_jpeg_quality", "original_subsampling", "original_bytes")


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
        split: the split that the collection itself gives ("train", "val" or "test"), or "".
        mask: where it was edited: "" unknown; "pair": where it differs from the real photo of the same `pair`; else the
            path of a mask picture as large as the photo, edited above 127.
        facts: what the collection tells of the file that this one was made from; keys of `FACTS`.
        told_sha256: the hash of the file's bytes as the collection tells it, or "".
        donor: the first digits of the hash of the photo that lent its face, as `original_prefixes` tells photos; or "".
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
    split: str = ""
    mask: str = ""
    facts: Mapping[str, int] = field(default_factory=dict)
    told_sha256: str = ""
    donor: str = ""


def _never(folder: Path) -> bool:
    return False


@dataclass(frozen=True)
class Dataset:
    """A collection and how its folder is read.

    Attributes:
        name: what the command line calls it.
        revision: which copy of the collection this reads; figures are told with it.
        licence: terms of use.
        citation: where it is described.
        obtain: how to get it, in words.
        labels: the collection's own words to "label: kind".
        records: turns the collection's folder (or file) into records, in a stable order and one at a time. Where the
            folder is empty, half there or does not fit the labels, BadDataset is raised before the first record.
        looks_like: tells whether a folder (or file) is this collection, quickly and without raising.
        generic: reads anybody's collection, so one that is recognised as something particular is not this.
        published: its splits are those of published weights: kept, whatever its near duplicates say.
    """

    name: str
    revision: str
    licence: str
    citation: str
    obtain: str
    labels: Mapping[str, str]
    records: Callable[[Path], Iterator[Record]]
    looks_like: Callable[[Path], bool] = _never
    generic: bool = False
    published: bool = False


def datasets() -> dict[str, Dataset]:
    """Return every dataset of this package by name."""
    known: dict[str, Dataset] = {}
    for module in iter_modules(__path__):
        one = getattr(import_module(f"{__name__}.{module.name}"), "DATASET", None)
        if one is not None and known.setdefault(one.name, one) is not one:
            raise ValueError(f"two datasets are named {one.name!r}")
    return known


def dataset(name: str) -> Dataset:
    """Return the dataset of that name.

    Raises:
        UnknownName: with the nearest known names.
    """
    known = datasets()
    if name not in known:
        raise UnknownName.among("dataset", name, known)
    return known[name]


def _claims(one: Dataset, folder: Path) -> bool:
    try:
        return one.looks_like(folder)
    except BadDataset:  # a folder that cannot be read is said when it is asked for by name
        return False


def recognise(folder: Path) -> str | None:
    """Return the name of the dataset that a folder, or a table of photos, seems to be; None where that is not plain."""
    claims = [one for one in datasets().values() if _claims(one, folder)]
    claims = [one for one in claims if not one.generic] or claims
    return claims[0].name if len(claims) == 1 else None
