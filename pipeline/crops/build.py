"""From a manifest to a store of face crops, and forged edits of the same originals: what training reads.

The files are those of `pipeline.crops.crops`, beside the manifest. A killed call goes on where it was: finished rows
stand in `crops.journal-originals` and `crops.journal-forgeries`. The table is written last: it says that all is there.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.crops.crops import LANDMARKS, PIXELS, STORE_SIDE, TABLE, Crops, stored_crop
from pipeline.crops.journal import Journal
from pipeline.crops.masks import drop_masks
from pipeline.datasets.sources import forged_name
from pipeline.errors import NoFace, NothingToEdit, TriageError, UnreadablePhoto
from pipeline.examining.find_faces import faces_in
from pipeline.face import Face
from pipeline.forge import Subject, operation, pick_donor
from pipeline.forge.casting import draw_number
from pipeline.manifest.table import COLUMNS as MANIFEST_COLUMNS
from pipeline.manifest.table import read_manifest, write_table
from pipeline.photo import Photo
from pipeline.processes import in_order
from pipeline.storage.whole import room

COLUMNS = (*MANIFEST_COLUMNS, "origin", "recipe", "face_size", "error")

EDITS_A_PHOTO: dict[str, dict[str, float]] = {
    "ciplab": {"part_composite": 1.2, "retouch": 0.8, "face_swap": 0.5, "self_blend": 0.5, "resynthesis": 0.3},
    "unsplash": {"part_composite": 1.0, "retouch": 0.8, "face_swap": 0.5, "self_blend": 0.5, "resynthesis": 0.3},
    "ffhq": {"part_composite": 2.0, "retouch": 1.5, "face_swap": 0.8, "self_blend": 0.8, "resynthesis": 0.4},
    "congress": {"part_composite": 1.5, "retouch": 1.0, "face_swap": 0.7, "self_blend": 0.6, "resynthesis": 0.3},
    "dfdc": {"part_composite": 0.2, "retouch": 0.2, "self_blend": 0.05, "resynthesis": 0.05},
}
"""How many edits of each kind are forged from a real photo on average, so that every source has both kinds of edit."""

ORIGINALS, FORGERIES = "originals", "forgeries"
"""What the rows of a store are, for progress bars and the journals' names."""

RETOUCHES = ("smooth_skin", "reshape", "makeup", "blemish", "skin_tone")
"""What stored retouches are drawn from."""
NEWER_RETOUCHES = (*RETOUCHES, "clone_stamp", "detail_levels", "recolour")
"""The same for edits that are forged while a network trains, by the forge's second generation."""
PASSING = f"{UnreadablePhoto.code}: [Errno "
"""How the error of a photo begins that could not be opened: another call tries again."""
DONOR_POOL = 40
STRENGTH = (0.4, 1.0)
"""How strong an edit is drawn."""


def main_face(photo: Photo) -> Face:
    """Return the largest face of a labelled photo.

    Raises:
        NoFace: there is none.
    """
    faces = faces_in(photo.rgb)
    if not faces:
        raise NoFace("no face found")
    return faces[0]


def forgeries(crops: Crops, seed: int) -> Iterator[dict[str, Any]]:
    """Plan the edits: for each real photo of a known source, what is made of it, from whom, with which seed.

    Donors come from the same source and split, so that no person crosses a split; where these hold one person only,
    what needs no donor is made. Held-out sources are left alone.

    Every photo draws for itself, from the seed and its own hash, and looks for a donor among the next ones on a ring of
    hashes. So a photo more or less changes the edits of few others, as where another processor's last bits find no face
    in it; and order changes nothing.

    Args:
        crops: of the originals.
        seed: of every choice made here.
    """
    table = crops.table
    usable = table[(table.label == "real") & table.source.isin(EDITS_A_PHOTO) & (table.error == "")]
    for _, pool in usable.groupby(["source", "split"], sort=True):
        places = [draw_number(seed, "lends", sha256) for sha256 in pool.sha256]
        ring = pool.assign(place=places).sort_values(["place", "sha256"])
        for index in pool.index:
            yield from _edits_of(crops, int(index), ring, seed)


def _edits_of(crops: Crops, index: int, ring: pd.DataFrame, seed: int) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] = {str(name): value for name, value in crops.table.loc[index].items()}
    rng = np.random.default_rng(draw_number(seed, "edits", row["sha256"]))
    wanted = {kind: int(mean + rng.random()) for kind, mean in EDITS_A_PHOTO[row["source"]].items()}
    if not any(wanted.values()):
        return
    others, donor = ring[ring.group != row["group"]], ""
    if others.empty:  # all are one person's: nobody can lend
        wanted = {kind: count for kind, count in wanted.items() if not _borrows(kind)}
    else:
        first = np.searchsorted(others.place, draw_number(seed, "borrows", row["sha256"]))
        drawn = others.index[(first + np.arange(DONOR_POOL)) % len(others)]
        subjects = [Subject(crops.stored[other], crops.landmarks[other]) for other in drawn]
        chosen = pick_donor(Subject(crops.stored[index], crops.landmarks[index]), subjects, rng)
        donor = str(crops.table.sha256[drawn[next(i for i, one in enumerate(subjects) if one is chosen)]])
    for kind, count in wanted.items():
        yield from (_plan(row, kind, donor, rng) for _ in range(count))


def _borrows(kind: str) -> bool:
    """Tell whether an edit of this kind may need another person's face."""
    return any(operation(name).needs_donor for name in (RETOUCHES if kind == "retouch" else (kind,)))


def operations_of(kind: str, rng: np.random.Generator) -> tuple[str, ...]:
    """Draw the operations of an edit: for "retouch" one or two of them, else the one of that name."""
    if kind != "retouch":
        return (kind,)
    return tuple(str(name) for name in rng.choice(RETOUCHES, size=rng.integers(1, 3), replace=False))


def strength_of(rng: np.random.Generator) -> float:
    """Draw how strong an edit is."""
    return round(float(rng.uniform(*STRENGTH)), 3)


def _plan(row: dict[str, Any], kind: str, donor: str, rng: np.random.Generator) -> dict[str, Any]:
    names = operations_of(kind, rng)
    first = operation(names[0])
    recipe = {
        "operations": list(names),
        "seed": int(rng.integers(2**31)),
        "strength": strength_of(rng),
        "donor": donor,
    }
    return row | {
        "label": first.label,
        "kind": first.kind,
        "source": forged_name(row["source"]),
        "regions": "",
        "difficulty": "",
        "pair": forged_name(row["sha256"][:16]),
        "mask": "",
        "recipe": json.dumps(recipe),
    }


def _subject(path: str) -> Subject:
    photo = Photo.read(Path(path).read_bytes())
    return Subject(photo.rgb, main_face(photo).landmarks)


def forge_row(row: dict[str, Any]) -> tuple[Subject, str]:
    """Carry out a row's recipe; return the edited subject and its region bits.

    Args:
        row: of the store, with the `donor_path` of the photo whose hash its recipe names: a recipe tells no folder, so
            that an edit has the same id wherever the photos lie.

    Raises:
        NoFace: no face in the photo.
        NothingToEdit: nothing in it that the operation could edit.
    """
    recipe = json.loads(row["recipe"])
    rng = np.random.default_rng(recipe["seed"])
    subject, bits = _subject(row["path"]), np.zeros(4, bool)
    for name in recipe["operations"]:
        chosen = operation(name)
        donor = _subject(row["donor_path"]) if chosen.needs_donor else None
        edit = chosen.run(subject, donor, rng, recipe["strength"])
        if not edit.mask.any():
            raise NothingToEdit(f"{name} found nothing to edit")
        subject, bits = Subject(edit.rgb, subject.landmarks), bits | np.array(edit.region_bits)
    return subject, "".join("1" if bit else "0" for bit in bits)


def _store(out: Path, task: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    """Fill row `index` of the store; return its face's size and region bits, or why it could not be filled."""
    index, row = task
    try:
        subject, regions = forge_row(row) if row["recipe"] else (_subject(row["path"]), row["regions"])
    except (TriageError, OSError) as problem:
        code = problem.code if isinstance(problem, TriageError) else UnreadablePhoto.code
        return {"index": index, "error": f"{code}: {problem}", "face_size": 0.0, "regions": row["regions"]}
    crop, points = stored_crop(subject.rgb, subject.landmarks)
    np.load(out / PIXELS, mmap_mode="r+")[index] = crop
    np.load(out / LANDMARKS, mmap_mode="r+")[index] = points
    size = round(float(np.ptp(subject.landmarks, axis=0).max()), 1)
    return {"index": index, "error": "", "face_size": size, "regions": regions}


def build_store(out: Path, seed: int = 1, forge: bool = True, workers: int = 0) -> pd.DataFrame:
    """Write the crops of a prepared folder's photos, and of edits forged from its real ones; return their table.

    Args:
        out: a folder with a manifest; the store is written beside it.
        seed: of the forge.
        forge: also make edits of the same originals.
        workers: processes; 0 for one a core.

    Raises:
        BadDataset: there is no manifest.
        DiskFull: there is no room; what was finished is kept.
    """
    manifest = read_manifest(out)
    twice = manifest.left_out.str.startswith("the same bytes as ")
    usable = manifest[(manifest.quarantine == "") & ~twice].reset_index(drop=True)
    planned = usable.assign(origin=usable.source, recipe="", face_size=0.0, error="")
    if not all((out / name).is_file() for name in (PIXELS, LANDMARKS)):
        _forget(out, ORIGINALS, FORGERIES)  # what they know as done lay in files that are gone
    with room(out, out / "crops.grown.npy"):
        table = _fill(out, planned, 0, ORIGINALS, workers, {})
        if forge:
            edits = pd.DataFrame(forgeries(Crops.under(out, table), seed), columns=list(COLUMNS))
            paths = dict(zip(table.sha256, table.path, strict=True))
            edits = _fill(out, edits, len(table), FORGERIES, workers, paths)
            table = pd.concat([table, edits], ignore_index=True)
    drop_masks(out, table)
    write_table(table[list(COLUMNS)], out / TABLE)
    return table


def _journal_path(out: Path, what: str) -> Path:
    return out / f"crops.journal-{what}"


def _forget(out: Path, *whats: str) -> None:
    for what in whats:
        _journal_path(out, what).unlink(missing_ok=True)


def _fill(out: Path, rows: pd.DataFrame, start: int, what: str, workers: int, paths: dict[str, str]) -> pd.DataFrame:
    """Grow the store to hold rows from `start` on and fill those that the journal does not know as finished.

    Args:
        out: folder of the store.
        rows: what it is to hold.
        start: row of the first of them in the store.
        what: they are, `ORIGINALS` or `FORGERIES`.
        workers: processes; 0 for one a core.
        paths: of the donors' photos, by their hashes.
    """
    _grow(out / PIXELS, np.uint8, (start + len(rows), STORE_SIDE, STORE_SIDE, 3))
    _grow(out / LANDMARKS, np.float32, (start + len(rows), 468, 2))
    plan = rows[["path", "sha256", "recipe"]].to_csv(index=False)
    journal = Journal(_journal_path(out, what), {"plan": hashlib.sha256(plan.encode()).hexdigest()})
    if what == ORIGINALS and not journal.known:
        _forget(out, FORGERIES)  # other originals are cut now, perhaps more of them, into the rows of the edits
    donors = [json.loads(recipe)["donor"] if recipe else "" for recipe in rows.recipe]
    planned = rows.assign(donor_path=[paths.get(donor, "") for donor in donors]).to_dict("records")
    finished = {index for index, done in journal.known.items() if not done["error"].startswith(PASSING)}
    tasks = [(start + i, row) for i, row in enumerate(planned) if start + i not in finished]
    if any(index not in journal.known for index, _ in tasks):
        (out / TABLE).unlink(missing_ok=True)  # it tells of other pixels from now on; of one that failed, of none
    work = in_order(partial(_store, out), tasks, workers)
    for entry in tqdm(work, total=len(rows), initial=len(rows) - len(tasks), desc=what, unit="photo", disable=None):
        journal.add(entry)
    filled = pd.DataFrame([journal.known[start + i] for i in range(len(rows))], rows.index)
    if rows.empty:
        return rows
    regions = rows.regions.where(rows.recipe == "", filled.regions)  # a manifest's labels may be put right meanwhile
    return rows.assign(error=filled.error, face_size=filled.face_size, regions=regions)


def _grow(path: Path, dtype: Any, shape: tuple[int, ...]) -> None:
    """Make an array file of at least this many rows, keeping those that an earlier call wrote."""
    old = np.load(path, mmap_mode="r") if path.exists() else None
    if old is not None and len(old) >= shape[0]:
        return
    if old is None:
        np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape).flush()
        return
    grown = path.with_suffix(".grown.npy")
    fresh = np.lib.format.open_memmap(grown, mode="w+", dtype=dtype, shape=shape)
    for first in range(0, len(old), 512):
        rows = old[first : first + 512]
        fresh[first : first + len(rows)] = rows
    fresh.flush()
    grown.replace(path)


def summary(table: pd.DataFrame) -> str:
    """Return counts by source, kind and split, and what was left out and why."""
    used = table[table.error == ""]
    counts = used.groupby(["source", "label", "kind", "split"]).size().unstack(fill_value=0)
    reasons = table[table.error != ""].groupby(["source", "kind", "error"]).size()
    left_out = "nothing" if reasons.empty else reasons.rename("photos").to_string()
    return f"{len(used)} photos used of {len(table)}\n\n{counts.to_string()}\n\nleft out:\n{left_out}"
