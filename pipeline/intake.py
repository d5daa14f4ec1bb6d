"""From what a user hands over (files, folders, zip archives) to named bytes, safely and one at a time."""

import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.errors import PhotoTooLarge, TriageError, UnreadablePhoto, UnsafeArchive
from pipeline.photo import SUFFIXES
from pipeline.settings import settings

CHUNK = 1 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Ways of packing that unpack a piece at a time; Python's bzip2 and LZMA return all that a megabyte grows to."""


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
    if is_zip(name, data):
        yield from _unzipped(name, io.BytesIO(data))
    else:
        yield Item(name, data)


def _unzipped(name: str, source: Path | io.BytesIO) -> Iterator[Item]:
    try:
        archive = zipfile.ZipFile(source)
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _clutter(entry.filename)]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
        yield Item(name, error=UnsafeArchive(f"The zip archive is damaged: {problem}. Pack it again."))
        return
    with archive:
        yield from _entries(name, archive, entries)


def _entries(name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Item]:
    most, taken = settings().max_zip_files, 0
    budget = _Budget(settings().max_zip_megabytes * 1_000_000)
    if not entries:
        yield Item(name, error=UnsafeArchive("The zip archive holds no files."))
    for entry in entries[:most]:
        if budget.left <= 0:
            break
        yield _item(f"{name} › {entry.filename}", archive, entry, budget)
        taken += 1
    if taken < len(entries):
        why = f"at most {most} files and {settings().max_zip_megabytes} MB are taken from one archive"
        left_out = f"{len(entries) - taken} files after the first {taken} were left out: {why}."
        yield Item(name, error=UnsafeArchive(left_out))


@dataclass
class _Budget:
    """Bytes that may still be unpacked from an archive; refused ones count too, they cost the same time."""

    left: int


def _item(shown: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> Item:
    try:
        return Item(shown, _entry(archive, entry, budget))
    except TriageError as problem:
        return Item(shown, error=problem.bare())


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> bytes:
    """Unpack one entry, stopping as soon as it grows over the limits."""
    if entry.compress_type not in METHODS:
        raise UnsafeArchive("It is packed by an unusual method, which cannot be stopped in time: pack it by deflate.")
    limit = min(budget.left, settings().max_megabytes * 1_000_000)
    parts, size = [], 0
    try:
        with archive.open(entry) as file:
            while part := file.read(CHUNK):
                size += len(part)
                budget.left -= len(part)
                if size > limit:
                    raise UnsafeArchive(f"It unpacks to more than {limit / 1e6:.0f} MB, the most that is taken.")
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
    if not os.path.isdir(path) or not os.access(path, os.R_OK | os.X_OK):  # noqa: PTH112  # never raises
        return [path]
    found = path.rglob("*") if recursive else path.glob("*")
    return sorted(entry for entry in found if entry.suffix.lower() in (*SUFFIXES, ".zip") and entry.is_file())


def read_path(path: Path) -> Iterator[Item]:
    """Yield what a file holds; a file that cannot be read or is too large is an item with its error."""
    name = os.fsencode(path).decode("utf-8", "backslashreplace")  # a name that is no UTF-8 can still be printed
    if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
        yield from _unzipped(name, path)
        return
    try:
        data = _bytes_of(path)
    except TriageError as problem:
        yield Item(name, error=problem.bare())
        return
    yield from unpacked(name, data)


def _bytes_of(path: Path) -> bytes:
    """Read a file, but never more than the limit: a device has no size and no end."""
    limit = settings().max_megabytes * 1_000_000
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as problem:
        raise UnreadablePhoto(f"The file could not be opened: {problem.strerror or problem}.") from problem
    if len(data) > limit:
        raise PhotoTooLarge(f"The file has more than {limit / 1e6:.0f} MB, the most that is read.")
    return data
