"""A case as one file that another installation takes over and verifies: its log, its originals, what was found.

A zip with `case.json`, `log.jsonl` (an entry a line, canonical JSON), `originals/<sha256>`, `objects/<sha256>` and a
`README.txt` for people who have no Telltale.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from models.files import sha256_of
from pipeline.casebook.case import Case
from pipeline.casebook.case_record import CaseRecord
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.dossier import versions
from pipeline.casebook.keeping import Keeping, exhibits_of
from pipeline.casebook.log import Entry, canonical, faults
from pipeline.casebook.log_table import append, write_entry
from pipeline.casebook.projection import project
from pipeline.casebook.replay import replay
from pipeline.casebook.schema import CASES
from pipeline.errors import AlteredObject, BadArchive, BadCase, NewerCasebook
from pipeline.reading.kinds import refuse_evidence
from pipeline.settings import settings
from pipeline.storage.whole import room, whole_file

FORM = 1
HEAD_NAME, NAME_AT = "case.json", 30
"""The first of an archive's files, and where a zip says its name."""
MEMBER = re.compile(r"(case\.json|log\.jsonl|README\.txt|(?:originals|objects)/[0-9a-f]{64})")
LARGEST_LOG = 2_000_000_000
LARGEST_OBJECT = 100_000_000
"""Bytes to which a log and an object are unpacked; originals have the settings' own limit."""
DAMAGES = zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, RuntimeError, EOFError
"""What a damaged zip makes the library raise."""
READ_ME = """This is the archive of a case of Telltale.

log.jsonl    the case's log: an entry a line. Each holds the SHA-256 of the one before ("before") and its own
             ("sha256"), which is that of the line without "sha256", as canonical JSON (RFC 8785).
originals/   the photos as they were handed over, each named by its SHA-256
objects/     what was found in them: dossiers (JSON), maps (numpy), small pictures; each named by its SHA-256

To check it:    python -m pipeline verify FILE
To take it in:  python -m pipeline case import FILE
"""


def needed_hashes(record: CaseRecord, read: Callable[[str], bytes]) -> tuple[set[str], set[str]]:
    """Return the hashes of originals, and of objects, that a case tells of and that were not deleted.

    Args:
        record: the case.
        read: returns an object's bytes by its hash; of a dossier that it cannot, the pictures are not known.
    """
    originals: set[str] = set()
    objects: set[str] = set()
    for photo in record.photos:
        if photo.deleted is not None:
            continue
        originals.add(photo.sha256)
        for each in photo.examinations:
            objects |= {each.dossier, each.arrays, each.thumbnail, each.overlay}
            objects |= exhibits_of(each.dossier, read)
    return originals - {""}, objects - {""}


def export_case(case: Case, path: Path, progress: Callable[[int, int], None] | None = None) -> str:
    """Write a case's archive and log it; return the file's SHA-256.

    Args:
        case: the case.
        path: file to write, whole or not at all.
        progress: is told how many files of how many are written.

    Raises:
        AlteredObject, UnreadablePhoto: something that belongs to the case is gone or altered.
        WouldOverwrite: the file is a photo, or an archive of something else than a case.
        DiskFull: there is no room.
        OSError: the file cannot be written.
    """
    if not _begins_a_case(path):
        refuse_evidence(path, "case")
    entries, keeping = case.entries(), case.keeping
    record = replay(entries)
    originals, objects = needed_hashes(record, keeping.objects.read)
    total = len(originals) + len(objects)
    path.parent.mkdir(parents=True, exist_ok=True)
    with room(path.parent), whole_file(path) as part:
        with zipfile.ZipFile(part, "w") as archive:
            _write(archive, HEAD_NAME, canonical(_head_of(record, entries)))
            _write(archive, "log.jsonl", b"".join(canonical(entry.as_dict()) + b"\n" for entry in entries))
            _write(archive, "README.txt", READ_ME.encode())
            names = [
                *(("originals", name) for name in sorted(originals)),
                *(("objects", name) for name in sorted(objects)),
            ]
            for count, (folder, name) in enumerate(names, 1):
                store = keeping.originals if folder == "originals" else keeping.objects
                _write(archive, f"{folder}/{name}", store.read(name), zipfile.ZIP_STORED)
                if progress:
                    progress(count, total)
        digest = sha256_of(part)
    case.act(("exported", {"what": "archive", "sha256": digest, "entries": len(entries), "head": entries[-1].sha256}))
    return digest


def _begins_a_case(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(NAME_AT + len(HEAD_NAME))[NAME_AT:] == HEAD_NAME.encode()
    except OSError:  # whoever may not read it may still put another in its place
        return False


def _head_of(record: CaseRecord, entries: list[Entry]) -> dict[str, Any]:
    return {
        "form": FORM,
        "case": record.id,
        "name": record.name,
        "entries": len(entries),
        "head": entries[-1].sha256,
        "telltale": versions()["telltale"],
    }


def _write(archive: zipfile.ZipFile, name: str, data: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
    """Write a member without a time of its own, so that the same case gives the same bytes."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.external_attr = 0o644 << 16
    archive.writestr(member, data, how)


class Archive:
    """An archive of a case, opened for reading. Its parts are read one by one, each checked against its name."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            BadArchive: it is none, or is damaged.
            NewerCasebook: a newer version wrote it.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self._names = self._zip.namelist()
            self.head = json.loads(self._read(HEAD_NAME, LARGEST_OBJECT))
            form = self.head["form"]
        except DAMAGES as problem:
            raise BadArchive(f"{path} is no archive of a case, or is damaged: {problem}.") from problem
        if len(set(self._names)) != len(self._names) or (odd := [n for n in self._names if not MEMBER.fullmatch(n)]):
            raise BadArchive(f"{path} holds what no archive of a case holds: {(odd or ['a name twice'])[0]!r}.")
        if form != FORM:
            raise NewerCasebook(f"{path} was written in form {form!r}; this version of Telltale reads form {FORM}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _read(self, name: str, most: int) -> bytes:
        with self._zip.open(name) as member:
            data = member.read(most + 1)
        if len(data) > most:
            raise BadArchive(f"{name} in {self.path} unpacks to more than {most / 1e6:.0f} MB.")
        return data

    def entries(self) -> list[Entry]:
        """Return the log.

        Raises:
            BadArchive: it cannot be read; what was changed in it but can be read is for `faults` to tell.
        """
        try:
            lines = self._read("log.jsonl", LARGEST_LOG).splitlines()
            return [Entry(**json.loads(line)) for line in lines]
        except (*DAMAGES, TypeError) as problem:
            raise BadArchive(f"The log in {self.path} cannot be read: {problem}.") from problem

    def original(self, name: str) -> bytes:
        """Return an original's bytes by their hash.

        Raises:
            AlteredObject: they are not there, or others.
        """
        return self._checked("originals", name, settings().max_megabytes * 1_000_000)

    def object(self, name: str) -> bytes:
        """Return an object's bytes by their hash.

        Raises:
            AlteredObject: they are not there, or others.
        """
        return self._checked("objects", name, LARGEST_OBJECT)

    def has(self, folder: str, name: str) -> bool:
        """Tell whether something is there under a hash, in `originals` or `objects`."""
        return f"{folder}/{name}" in self._names

    def extra(self, originals: Iterable[str], objects: Iterable[str]) -> Iterator[str]:
        """Yield the names of members that a case does not tell of."""
        expected = {f"originals/{name}" for name in originals} | {f"objects/{name}" for name in objects}
        yield from sorted(n for n in self._names if "/" in n and n not in expected)

    def _checked(self, folder: str, name: str, most: int) -> bytes:
        try:
            data = self._read(f"{folder}/{name}", most)
        except DAMAGES as problem:
            raise AlteredObject(f"{folder}/{name[:12]}… in {self.path} is gone or damaged: {problem}.") from problem
        if sha256(data).hexdigest() != name:
            raise AlteredObject(f"{folder}/{name[:12]}… in {self.path} was altered: its hash no longer fits.")
        return data


def import_case(casebook: Casebook, path: Path, progress: Callable[[int, int], None] | None = None) -> Case:
    """Take a case over from an archive, with its whole log, and log that; return it.

    Args:
        casebook: to take it into.
        path: the archive.
        progress: is told how many files of how many are taken in.

    Raises:
        BadArchive: something in it does not hold; nothing was taken in.
        AlteredObject: one of its files is gone or altered; nothing was taken in.
        BadCase: the case is here already.
        NewerCasebook: a newer version wrote it.
        DiskFull, DamagedDatabase, NotAllowed: it cannot be kept.
    """
    casebook.person.need("imported", casebook.person.role, path.name)
    with Archive(path) as archive:
        entries = archive.entries()
        case_id = str(archive.head.get("case"))
        for fault in faults(entries, case_id):
            raise BadArchive(f"The log in {path} does not hold. {fault}")
        if not entries or entries[-1].sha256 != archive.head.get("head"):
            raise BadArchive(f"The log in {path} does not end where case.json says: entries are missing.")
        case = Case(casebook.keeping, case_id, casebook.person)
        _refuse_known(casebook.keeping, case_id)
        try:
            record = replay(entries)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise BadArchive(f"The log in {path} tells of acts in a form that is not known: {problem!r}.") from problem
        _take_in(archive, record, casebook.keeping, progress)
    digest = sha256_of(path)
    with casebook.keeping.database.writing() as connection:
        _refuse_known(casebook.keeping, case_id)
        for entry in entries:
            write_entry(connection, entry)
            project(connection, entry)
        facts = {"sha256": digest, "entries": len(entries), "head": entries[-1].sha256}
        admin = type(casebook.person)(casebook.person.name)  # whoever takes a case over is responsible for it here
        append(connection, case_id, admin, [("imported", facts), ("shared", {"person": admin.name, "role": "admin"})])
    return case


def _refuse_known(keeping: Keeping, case_id: str) -> None:
    with keeping.database.reading() as connection:
        row = connection.execute(select(CASES.c.name).where(CASES.c.id == case_id)).first()
    if row:
        raise BadCase(f"The case {row.name!r} ({case_id[:8]}) is here already; it is left as it is.")


def _take_in(
    archive: Archive, record: CaseRecord, keeping: Keeping, progress: Callable[[int, int], None] | None
) -> None:
    """Keep the archive's files; first look at all of them, so that nothing is taken in of a damaged one."""
    originals, objects = needed_hashes(record, archive.object)
    for name in originals:
        archive.original(name)
    for name in objects:
        archive.object(name)
    for count, name in enumerate([*sorted(originals), *sorted(objects)], 1):
        if name in originals:
            keeping.originals.keep(archive.original(name))
        else:
            keeping.objects.keep(archive.object(name))
        if progress:
            progress(count, len(originals) + len(objects))
