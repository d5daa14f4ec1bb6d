"""Walking the folders of a collection: in a stable order, one file at a time, past what unpacking leaves behind."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BadDataset
from pipeline.photo import SUFFIXES


def pictures(folder: Path) -> Iterator[Path]:
    """Yield the picture files below a folder, sorted by name; hidden ones and those of __MACOSX are passed over.

    Links to folders are followed, each folder once and never back to one that holds the link. Only names are held, of
    the folders that are being walked. A link to nothing is yielded: what is wrong with a file is told of that file.

    Raises:
        BadDataset: a folder cannot be read.
    """
    seen = {_identity(folder)}
    waiting = [(folder, iter(visible(folder)))]
    while waiting:
        home, names = waiting[-1]
        path = home / name if (name := next(names, None)) is not None else None
        if path is None:
            waiting.pop()
        elif path.is_dir():
            if _identity(path) not in seen and not _leads_back(path):
                seen.add(_identity(path))
                waiting.append((path, iter(visible(path))))
        elif is_picture_name(path) and (path.is_file() or path.is_symlink()):
            yield path


def _identity(folder: Path) -> tuple[int, int]:
    """Return what two paths to the same folder have in common.

    Raises:
        BadDataset: there is no such folder.
    """
    try:
        status = folder.stat()
    except OSError as problem:
        raise BadDataset(f"{say_path(folder)} cannot be read as a folder: {problem.strerror}.") from problem
    return status.st_dev, status.st_ino


def is_picture_name(path: Path) -> bool:
    """Tell by its name whether a file is a picture."""
    return path.suffix.lower() in SUFFIXES


def visible(folder: Path) -> list[str]:
    """Return the names in a folder, sorted, without hidden ones and what macOS adds to archives.

    Raises:
        BadDataset: the folder cannot be read.
    """
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as problem:
        raise BadDataset(f"{say_path(folder)} cannot be read as a folder: {problem.strerror}.") from problem
    names = [name for name in names if not name.startswith(".") and name != "__MACOSX"]
    names.sort()
    return names


def subfolders(folder: Path) -> list[Path]:
    """Return the visible folders in a folder, sorted by name."""
    paths = (folder / name for name in visible(folder))
    return [path for path in paths if path.is_dir() and not _leads_back(path)]


def _leads_back(path: Path) -> bool:
    """Tell whether a path is a link to a folder that holds it: following it would find everything again."""
    return path.is_symlink() and path.is_dir() and path.parent.resolve().is_relative_to(path.resolve())


def subfolder_named(folder: Path, name: str) -> Path | None:
    """Return the subfolder of a name, however it is capitalised; None where there is none."""
    if not folder.is_dir():
        return None
    return next((path for path in subfolders(folder) if path.name.lower() == name.lower()), None)


def require_subfolders(folder: Path, *names: str) -> list[Path]:
    """Return subfolders by name, however they are capitalised; each of them holds a picture.

    Raises:
        BadDataset: one is absent or empty; the message names it.
    """
    folders = []
    for name in names:
        path = subfolder_named(folder, name)
        if path is None or next(pictures(path), None) is None:
            what = "has no folder" if path is None else "has no picture in"
            raise BadDataset(f"{say_path(folder)} {what} {name}/: the collection is empty or half there. {TAKE_A_PART}")
        folders.append(path)
    return folders


TAKE_A_PART = "Get it whole, or list the photos that you have in a CSV and give that as table=FILE."


def say_path(path: Path) -> str:
    """Return a path as messages show it: on one line, whatever its name holds."""
    text = str(path)
    return text if text.isprintable() else ascii(text)
