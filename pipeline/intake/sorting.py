"""What is taken, to be examined or refused, and what is left out: one rule for folders and archives alike."""

import re
from pathlib import PurePosixPath

from pipeline.errors import UnreadablePhoto
from pipeline.photo import SUFFIXES
from pipeline.reading.kinds import VIDEO, ZIP, Kind, is_picture, kind_of
from pipeline.reading.refusals import refusal

SYSTEM_FILE, LINK, BROKEN_LINK, DEVICE = "system file", "link", "broken link", "device or pipe"
SUBFOLDERS = "in subfolders"
SYSTEM_NAMES = frozenset((".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".picasa.ini", ".nomedia"))
SYSTEM_FOLDERS = frozenset(("__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information"))
PACKED = frozenset(("a 7z archive", "a RAR archive", "a tar archive"))
"""Kinds in which photos are sent, and which are not opened."""

PACKED_TWICE = re.compile(r"\.(tar\.\w{1,4}|tgz|tbz2?|txz|tzst)$", re.I)
LONGEST_SUFFIX = 16


def is_system(name: str) -> bool:
    """Tell whether a path, with slashes of either kind, names a system's own note and no file of the user's."""
    *folders, last = name.replace("\\", "/").lower().split("/")
    return last.startswith("._") or last in SYSTEM_NAMES or not SYSTEM_FOLDERS.isdisjoint(folders)


def is_made_up(path: str) -> bool:
    """Tell whether a file, by its real path, is made up by the system while it is read: some of these never end."""
    return path.startswith(("/proc/", "/sys/"))


def like_photo(name: str) -> bool:
    """Tell whether a file is named like a photo."""
    return name.lower().endswith(SUFFIXES)


def like_archive(name: str) -> bool:
    """Tell whether a file that is a zip by its bytes is meant as one: letters and programs are packed as zip too."""
    return suffix_of(name) in ("", ".zip")


def suffix_of(name: str) -> str:
    """Return the ending of a path's last name, in lower case with its dot; "" where there is none."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def kind_left_out(name: str, head: bytes) -> str:
    """Return the kind as which a file is left out; "" where it is taken, to be examined or refused.

    Taken is what is a photo by its bytes, whatever it is called, and what is named like one, whatever it is. A picture
    of a kind that is not read is taken too, and an archive that is not opened: the photo is in there, and the refusal
    says how to get at it.

    Args:
        name: with or without folders.
        head: its first `HEAD` bytes, or all there are.
    """
    if is_system(name):
        return SYSTEM_FILE
    if like_photo(name) or suffix_of(name) == ".zip" or is_picture(head):
        return ""
    kind = kind_of(head)
    if kind and (kind.picture or _is_packed(kind, name)):
        return ""
    if kind is VIDEO:
        return _short_name(kind)
    suffix = suffix_of(name)
    ending = suffix if len(suffix) <= LONGEST_SUFFIX and suffix.isprintable() else ""
    return ending or (_short_name(kind) if kind else "of an unknown kind")


def _is_packed(kind: Kind, name: str) -> bool:
    return kind.name in PACKED or bool(PACKED_TWICE.search(name)) or (kind is ZIP and like_archive(name))


def _short_name(kind: Kind) -> str:
    return re.sub(r"^an? ", "", kind.name)


def refusal_of(head: bytes) -> UnreadablePhoto | None:
    """Return what is said of a file of a kind that is not read, however large it is; None where it may be read."""
    kind = kind_of(head)
    return UnreadablePhoto(refusal(kind)) if kind else None
