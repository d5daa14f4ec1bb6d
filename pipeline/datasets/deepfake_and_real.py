"""Deepfake and Real Images, 256 px faces cut from OpenForensics (Le et al., 2021), in the collection's own splits."""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record, pictures
from pipeline.datasets.files import require_subfolders, subfolder_named
from pipeline.storage.names import as_text

PARTS = {"Train": "train", "Validation": "val", "Test": "test"}
CLASSES = {"Real": ("real", "camera", "0000"), "Fake": ("deepfake", "face swap", "")}
COPY = re.compile(r"( ?\(\d+\)| - copy| copy)+$", re.IGNORECASE)
FACE_OF = re.compile(r"((?:real|fake)_\d+)_\d+", re.IGNORECASE)


def records(folder: Path) -> Iterator[Record]:
    """Read {Train,Validation,Test}/{Real,Fake}, in Dataset/ or not.

    Every picture is its own group, but for copies ("fake_7 (1)") and several faces of one photo ("fake_7_2"). The
    numbers start anew in each folder, so they join nothing across folders.
    """
    homes = [require_subfolders(part, *CLASSES) for part in require_subfolders(_home(folder), *PARTS)]
    for split, classes in zip(PARTS.values(), homes, strict=True):
        for home, (label, kind, regions) in zip(classes, CLASSES.values(), strict=True):
            for path in pictures(home):
                group = f"deepfake_and_real-{split}-{label}-{as_text(_photo(path.stem))}"
                yield Record(path, label, kind, "deepfake_and_real", group, regions, split=split)


def _photo(stem: str) -> str:
    """Return what the names of copies of a picture, and of the faces in one photo, have in common."""
    stem = COPY.sub("", stem)
    face = FACE_OF.fullmatch(stem)
    return face[1] if face else stem


def _home(folder: Path) -> Path:
    return subfolder_named(folder, "Dataset") or folder


def looks_like(folder: Path) -> bool:
    """Tell by the three splits with the two classes each, spelt as the archive does."""
    home = _home(folder)
    return all((home / part / name).is_dir() for part in PARTS for name in CLASSES)


DATASET = Dataset(
    name="deepfake_and_real",
    revision="256px-190335",
    licence="unstated; made from OpenForensics",
    citation="Le et al., OpenForensics, ICCV 2021; Karki, Deepfake and Real Images, 2022",
    obtain="kaggle.com/datasets/manjilkarki/deepfake-and-real-images, unpacked: Dataset/{Train,Validation,Test}",
    labels={"Real": "real: camera", "Fake": "deepfake: face swap"},
    records=records,
    looks_like=looks_like,
)
