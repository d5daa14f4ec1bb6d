"""From what a user hands over (files, folders, zip archives) to named bytes, safely and one at a time."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.errors import TriageError, UnreadablePhoto, UnsafeArchive
from pipeline.photo import SUFFIXES
from pipeline.settings import settings

CHUNK = 1 << 20


@dataclass(frozen=True)
class Item:
    """One thing handed over: its bytes, or why there are none.

    Attributes:
        name: as the user knows it, for showing only: never used as a path.
        data: the bytes; empty where `error` is set.
        error: why it could not be taken.
    """

    name: str
    data: bytes = b""
    error: TriageError | None = None


def is_zip(name: str, data: bytes) -> bool:
    """Tell whether a file is a zip archive, by its first bytes and not by its name alone."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06") and not name.lower().endswith(SUFFIXES)


def unpacked(name: str, data: bytes) -> Iterator[Item]:
    """Yield what a handed-over file holds: itself, or the photos in it where it is a zip archive.

    Nothing is written to disk under an archive's names, so `../` in them leads nowhere. Sizes are counted while
    unpacking, whatever the archive claims. Every refusal is an item with its error; the rest goes on.
    """
    if not is_zip(name, data):
        yield Item(name, data)
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _clutter(entry.filename)]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
        yield Item(name, error=UnsafeArchive(f"The zip archive is damaged: {problem}. Pack it again."))
        return
    with archive:
        yield from _entries(name, archive, entries)


def _entries(name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Item]:
    most = settings().max_zip_files
    left = settings().max_zip_megabytes * 1_000_000
    if not entries:
        yield Item(name, error=UnsafeArchive("The zip archive holds no files."))
    for entry in entries[:most]:
        shown = f"{name} › {entry.filename}"
        try:
            data = _entry(archive, entry, left)
        except TriageError as problem:
            yield Item(shown, error=problem)
            if left <= 0:
                return
            continue
        left -= len(data)
        yield Item(shown, data)
    if len(entries) > most:
        yield Item(name, error=UnsafeArchive(f"{len(entries) - most} files beyond the first {most} were left out."))


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Unpack one entry, stopping as soon as it grows over the limits."""
    limit = min(left, settings().max_megabytes * 1_000_000)
    parts, size = [], 0
    try:
        with archive.open(entry) as file:
            while part := file.read(CHUNK):
                size += len(part)
                if size > limit:
                    raise UnsafeArchive(
                        f"It unpacks to more than {limit / 1e6:.0f} MB, the limit for what is left of this archive."
                    )
                parts.append(part)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as problem:
        why = "it is encrypted" if entry.flag_bits & 1 else str(problem) or "it is damaged"
        raise UnsafeArchive(f"It could not be unpacked: {why}.") from problem
    data = b"".join(parts)
    if is_zip(entry.filename, data):
        raise UnsafeArchive("It is a zip archive inside a zip archive: unpack it first.")
    return data


def _clutter(filename: str) -> bool:
    """Tell whether an entry is an operating system's own note and no file of the user's."""
    path = PurePosixPath(filename)
    return path.name in (".DS_Store", "Thumbs.db", "desktop.ini") or "__MACOSX" in path.parts


def paths_in(path: Path, recursive: bool) -> list[Path]:
    """Return the files that a path names, sorted: itself, or the pictures and zips of a folder.

    Files named outright are taken whatever they are called; in a folder, those named like pictures.
    """
    if not path.is_dir():
        return [path]
    found = path.rglob("*") if recursive else path.glob("*")
    return sorted(entry for entry in found if entry.suffix.lower() in (*SUFFIXES, ".zip") and entry.is_file())


def read_path(path: Path) -> Iterator[Item]:
    """Yield what a file holds; a file that cannot be read or is too large is an item with its error."""
    limit = settings().max_megabytes * 1_000_000
    try:
        archive = zipfile.is_zipfile(path) and path.suffix.lower() == ".zip"
        size = path.stat().st_size
        if not archive and size > limit:
            message = f"The file has {size / 1e6:.0f} MB; at most {limit / 1e6:.0f} MB are read."
            yield Item(str(path), error=UnreadablePhoto(message))
            return
        data = path.read_bytes()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        yield Item(str(path), error=UnreadablePhoto(f"The file could not be opened: {reason}."))
        return
    yield from unpacked(str(path), data)
