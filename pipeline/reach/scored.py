"""`Scored`: a photo and what was found in it; read from a case, a past run, or results of the command line."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.casebook.search import PhotoQuery, PhotoRow, search
from pipeline.errors import AlteredObject, BadResults, UnreadablePhoto
from pipeline.verdict import LABELS
from pipeline.words.warnings import CHECKED

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.runs import Run

Md5s = Callable[[Sequence[str]], Mapping[str, str]]
"""Gives MD5 → SHA-256 of photos, from their SHA-256."""
AT_ONCE = 1000


@dataclass(frozen=True)
class Scored:
    """A photo and its verdict.

    Attributes:
        name: of its file, as handed over; text from outside.
        sha256: of its bytes; "" where it was refused.
        label: of its verdict, one of `LABELS`; "" where it has none, or where that is hidden.
        p_edited: calibrated probability that it was edited; None where no face was scored, or hidden.
        p_deepfake: calibrated probability of a deepfake, given that it was edited; None where stage 2 did not run.
        reasons: codes of an inconclusive verdict, where they are known.
        release: name of the release that said so.
        error: why it could not be examined; text.
        hidden: its case is blind, and the person who asks did not give an opinion yet.
        number: of the photo in its case, or its place in its run.
        thumbnail: hash of a kept thumbnail; "" without one.
        names: every name under which the same bytes were handed over.
    """

    name: str
    sha256: str = ""
    label: str = ""
    p_edited: float | None = None
    p_deepfake: float | None = None
    reasons: tuple[str, ...] = ()
    release: str = ""
    error: str = ""
    hidden: bool = False
    number: int = -1
    thumbnail: str = ""
    names: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from other photos: its hash, or, of what was refused, its name."""
        return self.sha256 or f"name {self.name}"


@dataclass(frozen=True)
class ScoredPhotos:
    """The photos of a case, a run or a file.

    Attributes:
        source: what they are of, in words; text from outside is in it.
        photos: each once, by its bytes.
        md5s: looks their MD5 up, where the original bytes are at hand; None where they are not.
    """

    source: str
    photos: tuple[Scored, ...]
    md5s: Md5s | None = None


def scored_of_case(casebook: "Casebook", name: str) -> ScoredPhotos:
    """Return the photos of a case as the person who asks may see them: of hidden ones no verdict.

    Args:
        casebook: the cases, and who asks.
        name: of the case, or its id.

    Raises:
        UnknownName, BadCase: see `Casebook.open`.
        DamagedDatabase: the casebook cannot be read.
    """
    case = casebook.open(name)
    photos: list[Scored] = []
    query = PhotoQuery(case.id, sort="In the order of adding", most=AT_ONCE)
    while rows := search(casebook, replace(query, first=len(photos))).rows:
        photos += [_of_case(row, casebook) for row in rows]
    md5s = _md5s(casebook.keeping.originals.read)
    return ScoredPhotos(f"case “{case.name}”", _once(photos), md5s)


def _of_case(row: PhotoRow, casebook: "Casebook") -> Scored:
    photo = Scored(row.name, row.sha256, error=row.error, number=row.number, thumbnail=row.thumbnail)
    if row.hidden:
        return replace(photo, hidden=True)
    reasons: tuple[str, ...] = ()
    if row.verdict == "inconclusive" and row.p_deepfake is not None:  # only then may the kind alone be unclear
        with suppress(AlteredObject, KeyError, ValueError):  # then they are not known, and verifying the case says so
            reasons = casebook.keeping.reasons(row.dossier)
    return replace(
        photo,
        label=row.verdict,
        p_edited=row.p_edited,
        p_deepfake=row.p_deepfake,
        reasons=reasons,
        release=row.release,
    )


def scored_of_run(run: "Run") -> ScoredPhotos:
    """Return the photos of a past run, as far as they are examined."""
    photos = [_of_record(record, record["name"], record["index"]) for record in run.results()]
    by_hash = {entry.sha256: entry for entry in run.inputs() if entry.sha256}
    return ScoredPhotos(f"run {run.id}", _once(photos), _md5s(lambda sha256: run.original(by_hash[sha256])))


def scored_of_results(path: Path) -> ScoredPhotos:
    """Return the photos of a file that `examine --out` wrote, as jsonl or csv.

    Raises:
        BadResults: it cannot be read, or is no such file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadResults(f"{path.name} cannot be read: {problem}.") from problem
    photos = _json_lines(path, text) if text.lstrip().startswith("{") else _csv(path, text)
    if not photos:
        raise BadResults(f"{path.name} holds no results.")
    return ScoredPhotos(f"results in {path.name}", _once(photos))


def _json_lines(path: Path, text: str) -> list[Scored]:
    photos = []
    for number, line in enumerate(text.split("\n"), 1):  # JSON may hold what else Python takes for an end of a line
        if line.strip():
            try:
                record = json.loads(line)
                photos.append(_of_record(record, record["path"], number - 1))
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                raise BadResults(f"{path.name}, line {number}: it is no result of `examine`.") from problem
    return photos


def _csv(path: Path, text: str) -> list[Scored]:
    photos = []
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not {"path", "sha256", "verdict", "p_edited"} <= set(reader.fieldnames or ()):
        raise BadResults(f"{path.name} lacks columns path, sha256, verdict and p_edited: it is no result of `examine`.")
    try:
        for number, row in enumerate(reader):
            record: dict[str, Any] = dict(row) | {"reasons": (row.get("reasons") or "").split()}
            record |= {name: float(row[name]) if row.get(name) else None for name in ("p_edited", "p_deepfake")}
            if row.get("error_message"):
                record["error"] = {"message": row["error_message"]}
            photos.append(_of_record(record, _as_it_was(row["path"]), number))
    except (csv.Error, ValueError, TypeError, AttributeError) as problem:
        raise BadResults(f"{path.name}, line {reader.line_num}: it is no result of `examine`.") from problem
    return photos


def _as_it_was(cell: str) -> str:
    """Return a name without the mark that kept a spreadsheet from running it, see `pipeline.records.defuse`."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _of_record(record: Mapping[str, Any], name: str, number: int) -> Scored:
    """Return the photo of a record, of a run or of the command line.

    Raises:
        KeyError, ValueError, TypeError: the record lacks something, or holds what cannot be.
    """
    photo = Scored(str(name), str(record.get("sha256") or ""), number=number)
    if "error" in record:
        return replace(photo, error=str(record["error"]["message"]))
    label, chances = record["verdict"], (record["p_edited"], record.get("p_deepfake"))
    if label not in LABELS or any(chance is not None and not 0 <= chance <= 1 for chance in chances):
        raise ValueError(label)
    return replace(
        photo,
        label=label,
        p_edited=chances[0],
        p_deepfake=chances[1],
        reasons=tuple(record.get("reasons") or ()),
        release=str(record.get("release") or ""),
    )


def _once(photos: Iterable[Scored]) -> tuple[Scored, ...]:
    """Return each photo once, with all its names: of the same bytes examined twice the more suspicious verdict."""
    kept: dict[str, Scored] = {}
    for photo in photos:
        other = kept.get(photo.key)
        names = dict.fromkeys((*(other.names if other else ()), photo.name))
        if other is not None and _suspicion(other) >= _suspicion(photo):
            photo = other
        kept[photo.key] = replace(photo, names=tuple(names))
    return tuple(kept.values())


def _suspicion(photo: Scored) -> tuple[bool, bool, float]:
    """Return what sorts verdicts of one photo; a hidden one comes first, so that another copy does not tell it."""
    return photo.hidden, photo.label in CHECKED, -1.0 if photo.p_edited is None else photo.p_edited


def _md5s(read: Callable[[str], bytes]) -> Md5s:
    def look_up(hashes: Sequence[str]) -> dict[str, str]:
        found = {}
        for sha256 in hashes:
            with suppress(UnreadablePhoto):  # it is gone or altered: then it has no MD5 that could be known
                found[hashlib.md5(read(sha256), usedforsecurity=False).hexdigest()] = sha256
        return found

    return look_up
