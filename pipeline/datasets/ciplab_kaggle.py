"""CIPLAB "Real and Fake Face Detection" as it is downloaded: grade, number and region bits are in the files' names.

The files are as their makers saved them, so the container gives much of the label away: compare with `ciplab`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record, pictures
from pipeline.datasets.ciplab import known_bits
from pipeline.datasets.files import require_subfolders, say_path, subfolder_named
from pipeline.errors import BadDataset
from pipeline.storage.names import as_text

FAKE = re.compile(r"(easy|mid|hard)_(\d+)_([01]{3,4})")
WRAPPERS = (".", "real_and_fake_face", "real_and_fake_face_detection/real_and_fake_face")
"""Where the archive puts the two folders; it holds them twice, and one of the copies is enough."""


def records(folder: Path) -> Iterator[Record]:
    """Read training_real/ and training_fake/; every picture is its own group until near duplicates are looked for."""
    real, fake = require_subfolders(_home(folder), "training_real", "training_fake")
    fakes = list(pictures(fake))
    for path in fakes:
        if not FAKE.fullmatch(path.stem):
            raise BadDataset(f"{say_path(path)} is not named as fakes here are, like mid_12_0110.jpg. {USE_FOLDERS}")
    for path in pictures(real):
        yield Record(path, "real", "camera", "ciplab", f"ciplab-{as_text(path.stem)}", regions="0000")
    for path in fakes:
        yield _fake(path)


USE_FOLDERS = "Rename or remove it, or read the folder as folders=, without grades and regions."


def _fake(path: Path) -> Record:
    grade, _, bits = path.stem.split("_")
    group = f"ciplab-{path.stem}"
    return Record(path, "facetune", "part composite", "ciplab", group, known_bits(bits), difficulty=grade)


def _home(folder: Path) -> Path:
    """Return the folder that holds training_fake/, inside the wrappers of the archive."""
    homes = (folder / wrapper for wrapper in WRAPPERS)
    return next((home for home in homes if subfolder_named(home, "training_fake")), folder)


def looks_like(folder: Path) -> bool:
    """Tell by the two folders' names."""
    home = _home(folder)
    return bool(subfolder_named(home, "training_real") and subfolder_named(home, "training_fake"))


DATASET = Dataset(
    name="ciplab_kaggle",
    revision="kaggle-2041",
    licence="research use",
    citation="Yonsei CIPLAB, Real and Fake Face Detection, 2019",
    obtain="kaggle.com/datasets/ciplab/real-and-fake-face-detection, unpacked: real_and_fake_face/",
    labels={"training_real": "real: camera", "training_fake": "facetune: part composite"},
    records=records,
    looks_like=looks_like,
)
