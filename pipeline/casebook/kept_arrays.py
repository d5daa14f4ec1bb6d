"""What is kept of a run's photos beside their records: landmarks and maps as arrays, and a thumbnail."""

import io
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.casebook.stored import Arrays
from pipeline.photo import Photo
from pipeline.storage.whole import write_whole

THUMBNAIL = 320


class KeptArrays:
    """A folder of `<n>.npz`, of `<n>-<revision>.npz` where a photo was examined again, and of `<n>.jpg`."""

    def __init__(self, folder: Path) -> None:
        """Keep where the folder is: it is made with the first photo."""
        self._folder = folder

    def write(self, index: int, arrays: Arrays, photo: Photo) -> int:
        """Keep the arrays of an examination beside earlier ones of the same photo; return its revision, from 0.

        Raises:
            OSError: there is no room.
        """
        self._folder.mkdir(exist_ok=True)
        revision = next(n for n in count() if not self._path(index, n).exists())
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        write_whole(self._path(index, revision), buffer.getvalue())
        write_whole(self._folder / f"{index}.jpg", thumbnail(photo))
        return revision

    def read(self, index: int, revision: int) -> Arrays:
        """Return the arrays of an examination."""
        with np.load(self._path(index, revision)) as file:
            return dict(file)

    def thumbnail(self, index: int) -> Path | None:
        """Return a thumbnail's file; None where there is none."""
        path = self._folder / f"{index}.jpg"
        return path if path.is_file() else None

    def remove(self, index: int) -> None:
        """Remove all that is kept of a photo."""
        (self._folder / f"{index}.jpg").unlink(missing_ok=True)
        for path in (*self._folder.glob(f"{index}.npz"), *self._folder.glob(f"{index}-*.npz")):
            path.unlink(missing_ok=True)

    def _path(self, index: int, revision: int) -> Path:
        return self._folder / (f"{index}-{revision}.npz" if revision else f"{index}.npz")


def thumbnail(photo: Photo) -> bytes:
    """Return a small JPEG of a photo, without any of its metadata."""
    small = Image.fromarray(photo.rgb)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
