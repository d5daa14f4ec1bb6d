"""Turn labelled collections into one manifest and one store of face crops, and forge edits of the same originals.

Written to a folder: `manifest.csv`, one row a photo; `crops.npy`, (N, 300, 300, 3) uint8 RGB, the window a detector
sees with a margin for jitter; `landmarks.npy`, (N, 468, 2) float32 in crop pixels. Row i of each is the same photo.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.datasets import Record, dataset
from pipeline.errors import NoFace, TriageError
from pipeline.face import CROP_SCALE, Face, cut, faces_in, window_of
from pipeline.forge import Subject, operation, pick_donor
from pipeline.photo import Photo
from pipeline.splits import split_of

INPUT_SIDE = 256
STORE_SIDE = 300
STORE_SCALE = CROP_SCALE * STORE_SIDE / INPUT_SIDE
"""The store's window is wider than a detector's, at the same pixels a face."""

COLUMNS = ("path", "sha256", "label", "kind", "source", "origin", "group", "split", "regions", "difficulty", "pair",
           "recipe", "width", "height", "face_size", "error")  # fmt: skip

FORGED: dict[str, dict[str, float]] = {
    "ciplab": {"part_composite": 1.2, "retouch": 0.5, "face_swap": 0.5, "self_blend": 0.5, "resynthesis": 0.3},
    "unsplash": {"part_composite": 1.0, "retouch": 0.4, "face_swap": 0.4, "self_blend": 0.4},
    "ffhq": {"part_composite": 2.0, "retouch": 0.7, "face_swap": 0.7, "self_blend": 0.7},
    "congress": {"part_composite": 1.5, "retouch": 0.6, "face_swap": 0.6, "self_blend": 0.5},
    "dfdc": {"part_composite": 0.2, "retouch": 0.1},
}
"""How many edits of each kind are forged from a real photo on average, so that every source has both kinds of edit."""

RETOUCHES = ("smooth_skin", "reshape", "makeup")
DONOR_POOL = 40


def main_face(photo: Photo) -> Face:
    """Return the largest face of a labelled photo.

    Raises:
        NoFace: there is none.
    """
    faces = faces_in(photo.rgb)
    if not faces:
        raise NoFace("no face found")
    return faces[0]


def stored_crop(rgb: np.ndarray, landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut the store's window: (300, 300, 3) uint8 and the landmarks, (468, 2) float32, in its pixels."""
    window = window_of(landmarks, STORE_SCALE)
    scale = STORE_SIDE / (window[2] - window[0])
    return cut(rgb, window, STORE_SIDE), ((landmarks - np.array(window[:2])) * scale).astype(np.float32)


def rows_of(sources: Iterable[tuple[str, Path]], seed: int) -> list[dict[str, Any]]:
    """List all labelled photos of named collections, as manifest rows with their splits."""
    rows = []
    for name, folder in sources:
        for record in dataset(name).records(folder):
            rows.append(_row(record, seed))
    return rows


def _row(record: Record, seed: int) -> dict[str, Any]:
    known = asdict(record)
    held_out = known.pop("held_out")
    known["path"] = str(record.path)
    return known | {"origin": record.source, "split": split_of(record.group, seed, held_out), "recipe": ""}


def forgeries(table: pd.DataFrame, store: Path, seed: int) -> Iterator[dict[str, Any]]:
    """Plan the edits: for each real photo of a known source, what is made of it, from whom, with which seed.

    Donors come from the same source and split, so that no person crosses a split. Held-out sources are left alone.

    Args:
        table: manifest of the originals, row i of it being row i of the store.
        store: folder of `crops.npy` and `landmarks.npy`.
        seed: of every choice made here.
    """
    rng = np.random.default_rng(seed)
    crops, points = np.load(store / "crops.npy", mmap_mode="r"), np.load(store / "landmarks.npy", mmap_mode="r")
    usable = table[(table.label == "real") & table.source.isin(FORGED) & (table.error == "")]
    for (source, _), pool in usable.groupby(["source", "split"], sort=True):
        for index in pool.index:
            wanted = {kind: int(mean + rng.random()) for kind, mean in FORGED[str(source)].items()}
            if not any(wanted.values()):
                continue
            others = rng.choice(pool.index[pool.group != pool.group[index]], DONOR_POOL)
            subjects = [Subject(crops[other], points[other]) for other in others]
            chosen = pick_donor(Subject(crops[index], points[index]), subjects, rng)
            donor = others[next(i for i, subject in enumerate(subjects) if subject is chosen)]
            row = table.loc[index].to_dict()
            for kind, count in wanted.items():
                yield from (_planned(row, kind, str(table.path[donor]), rng) for _ in range(count))


def _planned(row: dict[str, Any], kind: str, donor: str, rng: np.random.Generator) -> dict[str, Any]:
    names = list(rng.choice(RETOUCHES, size=rng.integers(1, 3), replace=False)) if kind == "retouch" else [kind]
    made = operation(str(names[0]))
    recipe = {
        "operations": [str(name) for name in names],
        "seed": int(rng.integers(2**31)),
        "strength": round(float(rng.uniform(0.4, 1.0)), 3),
        "donor": donor,
    }
    return row | {
        "label": made.label,
        "kind": made.kind,
        "source": f"forge-{row['source']}",
        "regions": "",
        "difficulty": "",
        "pair": f"forge-{Path(row['path']).stem}",
        "recipe": json.dumps(recipe),
    }


def _subject(path: str) -> Subject:
    photo = Photo.read(Path(path).read_bytes())
    return Subject(photo.rgb, main_face(photo).landmarks)


def forged(row: dict[str, Any]) -> tuple[Subject, str]:
    """Carry out a row's recipe; return the edited subject and its region bits.

    Raises:
        NoFace: no face in the photo, or nothing in it that the operation could edit.
    """
    recipe = json.loads(row["recipe"])
    rng = np.random.default_rng(recipe["seed"])
    subject, bits = _subject(row["path"]), np.zeros(4, bool)
    for name in recipe["operations"]:
        made = operation(name)
        donor = _subject(recipe["donor"]) if made.needs_donor else None
        edit = made.run(subject, donor, rng, recipe["strength"])
        if not edit.mask.any():
            raise NoFace(f"{name} found nothing to edit")
        subject, bits = Subject(edit.rgb, subject.landmarks), bits | np.array(edit.region_bits)
    return subject, "".join("1" if bit else "0" for bit in bits)


def _store(out: Path, task: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    """Fill row `index` of the store; return the finished manifest row, with `error` where it could not be made."""
    index, row = task
    data = Path(row["path"]).read_bytes()
    row = row | {"sha256": hashlib.sha256(data).hexdigest(), "width": 0, "height": 0, "face_size": 0.0, "error": ""}
    try:
        if row["recipe"]:
            subject, row["regions"] = forged(row)
        else:
            photo = Photo.read(data)
            subject = Subject(photo.rgb, main_face(photo).landmarks)
    except TriageError as problem:
        return row | {"error": f"{problem.code}: {problem}"}
    crop, points = stored_crop(subject.rgb, subject.landmarks)
    np.load(out / "crops.npy", mmap_mode="r+")[index] = crop
    np.load(out / "landmarks.npy", mmap_mode="r+")[index] = points
    size = round(float(np.ptp(subject.landmarks, axis=0).max()), 1)
    return row | {"height": subject.rgb.shape[0], "width": subject.rgb.shape[1], "face_size": size}


def prepare(sources: Iterable[tuple[str, Path]], out: Path, seed: int = 1, workers: int = 2) -> pd.DataFrame:
    """Write the manifest, the crops and the landmarks of named collections; return the manifest.

    Args:
        sources: pairs of a dataset's name and its folder.
        out: folder to write to.
        seed: of the splits and the forge.
        workers: processes.
    """
    out.mkdir(parents=True, exist_ok=True)
    originals = _filled(out, rows_of(sources, seed), 0, "originals", workers)
    planned = list(forgeries(originals, out, seed))
    table = pd.concat([originals, _filled(out, planned, len(originals), "forgeries", workers)], ignore_index=True)
    table.to_csv(out / "manifest.csv", index=False)
    return table


def _filled(out: Path, rows: list[dict[str, Any]], start: int, what: str, workers: int) -> pd.DataFrame:
    """Grow the store to hold rows from `start` on, fill them in parallel, return their manifest."""
    _grow(out / "crops.npy", np.uint8, (start + len(rows), STORE_SIDE, STORE_SIDE, 3))
    _grow(out / "landmarks.npy", np.float32, (start + len(rows), 468, 2))
    with ProcessPoolExecutor(workers, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        work = pool.map(partial(_store, out), enumerate(rows, start), chunksize=8)
        done = list(tqdm(work, total=len(rows), desc=what, unit="photo"))
    return pd.DataFrame(done)[list(COLUMNS)]


def _grow(path: Path, dtype: Any, shape: tuple[int, ...]) -> None:
    """Make an array file of this shape, keeping the rows that an earlier call wrote."""
    if not path.exists() or len(old := np.load(path, mmap_mode="r")) > shape[0]:
        np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape).flush()
        return
    grown = path.with_suffix(".grown.npy")
    fresh = np.lib.format.open_memmap(grown, mode="w+", dtype=dtype, shape=shape)
    for first in range(0, len(old), 512):
        rows = old[first : first + 512]
        fresh[first : first + len(rows)] = rows
    fresh.flush()
    grown.replace(path)
