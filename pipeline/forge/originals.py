"""The originals of a run: what lies in a folder, who is who, and on which side of the split."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pipeline.errors import BadDataset, TriageError
from pipeline.forge.encoding import digest, full_disk
from pipeline.forge.faces import read_face
from pipeline.forge.geometry.donors import Look, look_of
from pipeline.forge.orders import Original
from pipeline.photo import SUFFIXES
from pipeline.processes import in_order
from pipeline.splits import split_of

PERSON = re.compile(r"(person|people|subject|actor|identity|id|group)[ _.-]*\w+", re.IGNORECASE)
"""How a folder is called whose photos are of one person, or belong together: `person_12`, `id-0034`, `Group 7`."""
NOTES = ".originals.jsonl"
"""What was seen in each original, so that a run that goes on need not look for faces again."""


@dataclass(frozen=True)
class UnreadPhoto:
    """A photo before it is read.

    Attributes:
        path: where it lies.
        file: how the tables name it: its path below the folder.
        group, split, source: as in a manifest; a group of "" is a photo that stands for itself.
    """

    path: Path
    file: str
    group: str
    split: str
    source: str


@dataclass(frozen=True)
class Portrait(Original):
    """An original that was looked at: its face's look, or why it cannot be used (`error`, `reason`)."""

    look: Look | None = None
    error: str = ""
    reason: str = ""


def places_in(originals: Path, out: Path | None = None) -> list[UnreadPhoto]:
    """List the photos of a folder, or the usable real ones of a prepared folder, in a stable order.

    Args:
        originals: any folder of photos, or one that `prepare` wrote.
        out: a folder that is left out, should it lie inside.

    Raises:
        BadDataset: it is no folder, or there are no photos in it.
    """
    if not originals.is_dir():
        raise BadDataset(f"{originals} is no folder; name a folder of photos, or one that prepare wrote.")
    prepared = (originals / "manifest.parquet").is_file()
    places = list(_places_of_manifest(originals) if prepared else _places_of_folder(originals, out))
    if not places:
        what = "real photos that are not quarantined" if prepared else f"photos ({', '.join(SUFFIXES)})"
        raise BadDataset(f"There are no {what} in {originals}.")
    return places


def _places_of_folder(originals: Path, out: Path | None) -> Iterator[UnreadPhoto]:
    left_out = out.resolve() if out else None
    source = originals.resolve().name
    for path in sorted(originals.rglob("*"), key=os.fsencode):
        if not path.name.lower().endswith(SUFFIXES) or not path.is_file() or path.name.startswith("."):
            continue
        if left_out and path.resolve().is_relative_to(left_out):
            continue
        file = path.relative_to(originals)
        yield UnreadPhoto(path, file.as_posix(), _person(file), "", source)


def _person(file: Path) -> str:
    """Return the group that the name of a photo's own folder tells, or ""."""
    return file.parent.as_posix() if PERSON.fullmatch(file.parent.name) else ""


def _places_of_manifest(originals: Path) -> Iterator[UnreadPhoto]:
    from pipeline.manifest.table import read_manifest

    table = read_manifest(originals)
    table = table[(table.label == "real") & (table.quarantine == "")].sort_values(["path", "sha256"])
    for row in table.itertuples():
        path = originals / str(row.path)  # an absolute path stays as it is
        yield UnreadPhoto(path, str(row.path), str(row.group), str(row.split), str(row.source))


def look_at(places: list[UnreadPhoto], out: Path, seed: int, workers: int = 0) -> list[Portrait]:
    """Read each photo once: its hash, its group and split, and its face's look. What was seen is noted in `out`.

    A photo that is there twice counts once; the second is refused with the code "duplicate".
    """
    notes, path = _read_notes(out / NOTES), out / NOTES
    portraits: list[Portrait] = []
    seen: dict[str, UnreadPhoto] = {}
    work = in_order(_look_at_photo, ((place, notes.get(place.file)) for place in places), workers)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" * bool(notes))  # a kill may have cut the last line short
            for place, note in tqdm(zip(places, work, strict=True), total=len(places), desc="originals", disable=None):
                if notes.get(place.file) != note:
                    file.write(json.dumps({"file": place.file} | note) + "\n")
                portraits.append(_portrait(place, note, seed, seen))
    except OSError as problem:
        raise full_disk(problem, path) from problem
    return portraits


def _read_notes(path: Path) -> dict[str, dict[str, Any]]:
    """Read the notes of an earlier run; a line that a kill cut short is passed over."""
    notes: dict[str, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            note = json.loads(line)
            notes[note.pop("file")] = note
        except (ValueError, AttributeError, KeyError):
            continue
    return notes


def _look_at_photo(task: tuple[UnreadPhoto, dict[str, Any] | None]) -> dict[str, Any]:
    """Look at one photo, unless it was looked at and has the same size and time since."""
    place, note = task
    try:
        facts = place.path.stat()
        stamp: dict[str, Any] = {"bytes": facts.st_size, "time": facts.st_mtime_ns}
        if note and stamp.items() <= note.items():
            return note
        stamp["sha256"] = digest(place.path.read_bytes())
    except OSError as problem:
        return {"sha256": "", "error": "unreadable_photo", "reason": f"the file could not be read: {problem.strerror}"}
    try:
        return stamp | {"look": asdict(look_of(read_face(place.path)))}
    except TriageError as problem:
        return stamp | {"error": problem.code, "reason": str(problem)}


def _portrait(place: UnreadPhoto, note: dict[str, Any], seed: int, seen: dict[str, UnreadPhoto]) -> Portrait:
    """Put together what a place and a note say; `seen` holds the first place of each hash."""
    sha256 = note["sha256"]
    group = place.group or f"photo-{sha256[:16]}"
    split = place.split or split_of(group, seed)
    known = Portrait(place.path, place.file, sha256, group, split, place.source)
    if "error" in note:
        return replace(known, error=note["error"], reason=note["reason"])
    if (first := seen.setdefault(sha256, place)) != place:
        return replace(known, error="duplicate", reason=f"the same file as {first.file}")
    look = note["look"]
    return replace(known, look=Look(tuple(look["pose"]), tuple(look["skin"]), look["unit"], look["glasses"]))
