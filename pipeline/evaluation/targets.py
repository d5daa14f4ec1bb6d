"""`Target`: what a release is evaluated on, whether a prepared folder's crops or a built benchmark's pictures.

Both come as one table of `COLUMNS`, so that nothing after this file needs to know which it was.
"""

import csv
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from models.card import PREFIX
from models.files import sha256_of
from pipeline.crops.crops import INPUT_SIDE, STORE_SCALE, STORE_SIDE, TABLE, Crops
from pipeline.crops.identity import id_of
from pipeline.crops.sampling import count_names
from pipeline.datasets import forged
from pipeline.datasets.sources import FORGED, original_prefixes
from pipeline.errors import BadDataset, TriageError, UnknownName
from pipeline.examining.find_faces import find_faces
from pipeline.examining.lanes import cores
from pipeline.face import CROP_SCALE, Face
from pipeline.forge.benchmark.build import VERIFICATION
from pipeline.forge.encoding import Container
from pipeline.photo import Photo
from pipeline.results.evaluation import CONTAINER
from pipeline.storage.read_json import read_json

SPLITS = ("test", "unseen", "val")
STRENGTHS = ((0.8, "strong edit"), (0.5, "middle edit"), (0.0, "weak edit"))  # from which one an edit is called so
COLUMNS = ("id", "sha256", "original", "label", "kind", "source", "group", "split", "difficulty", "regions", "pair",
           *CONTAINER, "path")  # fmt: skip
"""`original` is the hash, or its first digits, of the photo that a row was made from, itself or edited; `path` its own
file, "" without."""

REMEDY = "Bring the photo back as it was; of a benchmark, build it again."

Faces = Callable[[pd.DataFrame], list[Face | None]]


@dataclass(frozen=True, eq=False)
class Target:
    """What a release is evaluated on.

    Attributes:
        folder: where it lies.
        dataset: what it is called: a prepared folder's split, or a benchmark's name.
        split: the part of it that was asked for; "" for all.
        revision: ten hex digits that change when its content does.
        manifest: the file that lists it.
        rows: one a photo, `COLUMNS`; unique ids.
        left_out: reason → source → how many photos could not be used.
        faces: gives the face of each of some of these rows, at its photo's scale; None where none is found.
    """

    folder: Path
    dataset: str
    split: str
    revision: str
    manifest: Path
    rows: pd.DataFrame
    left_out: dict[str, dict[str, int]]
    faces: Faces

    @property
    def name(self) -> str:
        """How its evaluation's folder is called."""
        return f"{self.dataset}@{self.revision}"


def target_of(folder: Path, split: str = "") -> Target:
    """Open what a release is to be evaluated on, told apart by what lies in the folder.

    Args:
        folder: one that `prepare --crops` or `benchmark` wrote.
        split: part of it; "" is the test split of a prepared folder, or all of a benchmark.

    Raises:
        BadDataset: the folder is neither of the two, was never finished, holds crops of another cut, or lacks the
            split.
        UnknownName: no such split.
    """
    if split and split not in SPLITS:
        raise UnknownName.among("split", split, SPLITS)
    if (folder / forged.MANIFEST).is_file():
        return _refuse_unusable(_open_benchmark(folder, split))
    if not (folder / TABLE).is_file():
        raise BadDataset(
            f"{folder} is neither a folder that `prepare --crops` wrote nor a built benchmark: there is neither a "
            f"{TABLE} nor a {forged.MANIFEST} in it."
        )
    return _refuse_unusable(_open_prepared(folder, split or "test"))


def _refuse_unusable(target: Target) -> Target:
    if target.rows.empty:
        raise BadDataset(f"There is no usable photo of split {target.split or 'any'!r} in {target.folder}.")
    twice = target.rows.id[target.rows.id.duplicated()]
    if len(twice):
        raise BadDataset(f"{target.folder} lists {len(twice)} photos twice, for example {twice.iloc[0]}.")
    return target


def _open_prepared(folder: Path, split: str) -> Target:
    crops = Crops.read(folder)
    mine = crops.table[crops.table.split == split]
    rows = mine[mine.error == ""]
    _refuse_other_crops(crops, rows)

    def faces(part: pd.DataFrame) -> list[Face | None]:
        return [crops.face(row) for row in part.index]

    ids = [id_of(*row) for row in zip(rows.sha256, rows.recipe, strict=True)]
    listed = rows.assign(
        id=ids,
        original=rows.sha256.where(rows.sha256.str[:PREFIX] == (told := original_prefixes(rows)), told),
        path=rows.path.where(rows.recipe == "", ""),
        difficulty=[_strength(recipe) or graded for recipe, graded in zip(rows.recipe, rows.difficulty, strict=True)],
    )
    return Target(
        folder, split, split, crops.revision, folder / TABLE, listed[list(COLUMNS)], count_by_reason(mine), faces
    )


def strength_in_words(strength: str | float | None) -> str:
    """Say how strong a forged edit is, a number in (0, 1]: weak, middle from 0.5, strong from 0.8; "" of nothing."""
    if strength is None or strength == "":
        return ""
    return next(word for least, word in STRENGTHS if float(strength) >= least)


def _strength(recipe: str) -> str:
    return strength_in_words(json.loads(recipe).get("strength")) if recipe else ""


def count_by_reason(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Count the rows that could not be used: reason → source → photos.

    Args:
        rows: with `source` and `error`, a reason and what there is to say of it behind a colon; "" where there is none.
    """
    failed = rows[rows.error != ""]
    why = failed.error.str.split(":").str[0]
    return {str(reason): count_names(part.source) for reason, part in failed.groupby(why)}


def _refuse_other_crops(crops: Crops, rows: pd.DataFrame) -> None:
    """Compare the room around the first faces with that of this version's crops: another would be scored wrongly."""
    spans = [float(np.ptp(crops.landmarks[index], axis=0).max()) for index in rows.index[:10]]
    if any(abs(span * STORE_SCALE - STORE_SIDE) > 1 for span in spans):
        raise BadDataset(
            f"The crops in {crops.folder} are {INPUT_SIDE / spans[0]:.2f} times as wide as the faces, this version's "
            f"{CROP_SCALE} times: run `prepare --crops` again, into another folder."
        )


def _open_benchmark(folder: Path, split: str) -> Target:
    """Open a benchmark: the same originals in every class, through one container."""
    name, recipe, container = _read_verified(folder)
    list(forged.records(folder))  # refuses a folder that lacks pictures
    with (folder / forged.MANIFEST).open(newline="", encoding="utf-8") as file:
        listed = pd.DataFrame(list(csv.DictReader(file)), dtype=str)
    mine = listed[(listed.split == split) | (not split)]
    rows = mine[(mine.error == "") & (mine.file != "")].reset_index(drop=True)
    named = rows.assign(
        id=[id_of(sha256, "") for sha256 in rows.sha256],
        original=rows.original_sha256,
        difficulty=[strength_in_words(strength) for strength in rows.strength],
        pair=FORGED + rows.original_sha256.str[:16],
        path=[str(folder / file) for file in rows.file],
        **_container(container, [folder / file for file in rows.file]),
    )
    dataset, left_out = f"{name}-{split}" if split else name, count_by_reason(mine)
    return Target(
        folder, dataset, split, recipe[:10], folder / forged.MANIFEST, named[list(COLUMNS)], left_out, largest_faces
    )


def _container(container: Container, files: list[Path]) -> dict[str, Any]:
    """Return `CONTAINER` of a benchmark's pictures: all went through one encoder.

    Raises:
        BadDataset: one of them is no picture.
    """
    sizes = []
    for path in files:
        try:
            with Image.open(path) as picture:  # the header only
                sizes.append(picture.size)
        except OSError as problem:
            raise BadDataset(f"{path} cannot be read: {problem}. Build the benchmark again.") from problem
    lossy = container.format == "JPEG"
    return {
        "format": container.format,
        "width": [width for width, _ in sizes],
        "height": [height for _, height in sizes],
        "bytes": [path.stat().st_size for path in files],
        "jpeg_quality": container.quality if lossy else -1,
        "subsampling": container.chroma if lossy else "",
    }


def _read_verified(folder: Path) -> tuple[str, str, Container]:
    """Return a built benchmark's name, its recipe's hash and the container of all its pictures.

    Raises:
        BadDataset: it was not finished, or its pictures are not those of its recipe.
    """
    run, checked = (_facts(folder / name) for name in ("run.json", VERIFICATION))
    if wrong := checked.get("wrong"):
        raise BadDataset(
            f"{len(wrong)} pictures in {folder} are not those of the benchmark's recipe, the first is {wrong[0]}."
        )
    try:
        container = Container.parse(run["container"])
        return str(checked["recipe"]).replace("_", "-"), str(run["recipe"]), container
    except KeyError as problem:
        raise BadDataset(
            f"{folder} is no built benchmark: its run.json or {VERIFICATION} lacks {problem}."
        ) from problem


def _facts(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BadDataset(
            f"There is no {path.name} in {path.parent}: the benchmark was not finished there; run `benchmark` again."
        )
    return read_json(path, BadDataset, "built benchmark")


def read_photo(path: str) -> Photo:
    """Read a row's file.

    Raises:
        BadDataset: it is not there, or cannot be decoded: one photo of thousands, which must be named.
    """
    try:
        return Photo.read(Path(path).read_bytes())
    except OSError as problem:
        raise BadDataset(f"{path} cannot be opened: {problem.strerror}. {REMEDY}") from problem
    except TriageError as problem:
        raise BadDataset(f"{path} cannot be read: {problem} {REMEDY}") from problem


def largest_faces(rows: pd.DataFrame) -> list[Face | None]:
    """Read each row's file and find its largest face; None for a photo without.

    Raises:
        BadDataset: see `read_photo`.
    """
    with ThreadPoolExecutor(cores()) as lanes:
        return list(lanes.map(_largest_face, rows.path))


def _largest_face(path: str) -> Face | None:
    return next(iter(find_faces(read_photo(path))), None)


def hash_of(target: Target) -> str:
    """Return the SHA-256 of the file that lists a target's photos."""
    return sha256_of(target.manifest)
