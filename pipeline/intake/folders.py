"""The files that a path names: itself, or those of a folder, with what is not looked into counted and said."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.errors import TriageError, UnreadablePhoto
from pipeline.intake.sorting import BROKEN_LINK, DEVICE, LINK, SUBFOLDERS, SYSTEM_FILE, is_system

ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+://|data:|www\.)", re.I)
COUNTED = 100_000
"""Files in subfolders that are counted where these are not looked into."""


@dataclass(frozen=True)
class Named:
    """A file to be read, or something that a path names and that is not.

    Attributes:
        path: where it is.
        outright: whether the user named this very file: then it is examined or refused, never left out.
        left_out: its kind, where it is left out unread.
        count: how many files it stands for.
        error: why it could not be looked into.
    """

    path: str
    outright: bool = True
    left_out: str = ""
    count: int = 1
    error: TriageError | None = None

    @property
    def shown(self) -> str:
        """The path as text that can be printed, also where it is no UTF-8."""
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")


def named_in(path: str, recursive: bool) -> list[Named]:
    """Return what a path names, sorted: itself, or everything in a folder.

    Args:
        path: as the user wrote it.
        recursive: whether to look into folders of folders; links to folders are never followed.
    """
    if path == "-":
        message = "Standard input is not read: save the photo and name the file."
        return [Named(path, error=UnreadablePhoto(message))]
    if ADDRESS.match(path) and not os.path.lexists(path):
        message = "Addresses are not fetched: save the photo and name the file."
        return [Named(path, error=UnreadablePhoto(message))]
    if not os.path.isdir(path):  # noqa: PTH112  # raises for no path at all
        return [Named(path)]
    return sorted(_in_folder(path, recursive), key=lambda named: Path(named.path))


def _in_folder(folder: str, recursive: bool) -> Iterator[Named]:
    """Yield everything in a folder, in no order; folders wait in a list, as they may lie deeper than calls may."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = list(listing)
        except OSError as problem:
            yield Named(here, error=UnreadablePhoto(f"The folder could not be opened: {problem.strerror or problem}."))
            continue
        for entry in entries:
            if not is_folder(entry):
                yield named_of(entry)
            elif recursive and not is_system(f"{entry.name}/"):
                waiting.append(entry.path)
            elif count := sum(1 for _ in islice(_files_under(entry.path), COUNTED)):
                yield Named(entry.path, False, SYSTEM_FILE if is_system(f"{entry.name}/") else SUBFOLDERS, count)


def _files_under(folder: str) -> Iterator["os.DirEntry[str]"]:
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:  # what may not be looked into is not counted
            for entry in entries:
                if is_folder(entry):
                    waiting.append(entry.path)
                else:
                    yield entry


def is_folder(entry: "os.DirEntry[str]") -> bool:
    """Tell whether an entry of a folder is a folder itself; a link to one is none."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # the reason is told when it is opened
        return False


def named_of(entry: "os.DirEntry[str]") -> Named:
    """Return an entry of a folder that is none itself, with why it is left out, where it is."""
    if is_system(entry.name):
        return Named(entry.path, False, SYSTEM_FILE)
    try:
        mode = entry.stat().st_mode
    except OSError:
        return Named(entry.path, False, BROKEN_LINK if Path(entry.path).is_symlink() else "")
    if stat.S_ISDIR(mode):
        return Named(entry.path, False, LINK)
    return Named(entry.path, False, "" if stat.S_ISREG(mode) else DEVICE)
