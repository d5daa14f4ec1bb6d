"""Bytes kept once each under their own SHA-256: in a folder, or in a bucket that fsspec reaches."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import fsspec
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from pipeline.errors import AlteredObject, TriageError, UnreadablePhoto
from pipeline.storage.whole import room, write_whole

GONE = (FileNotFoundError, NotADirectoryError)


class Objects:
    """A store of bytes named by their SHA-256, as `ab/abcd…`; nothing in it is ever altered."""

    refusal: ClassVar[type[TriageError]] = AlteredObject
    noun: ClassVar[str] = "object"

    def __init__(self, place: Path | str) -> None:
        """Keep where the bytes lie.

        Args:
            place: a folder, or an address that fsspec knows: "s3://bucket/prefix".
        """
        self._files: fsspec.AbstractFileSystem
        if isinstance(place, Path):
            self._files, self._root = LocalFileSystem(), str(place)
        else:
            self._files, self._root = url_to_fs(place)
        self._local = isinstance(self._files, LocalFileSystem)

    @property
    def place(self) -> str:
        """Where the bytes lie, for saying."""
        return self._root

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def keep(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256; the same bytes are kept once. A kill in the middle leaves none of them.

        Raises:
            DiskFull: there is no room.
            OSError: the store cannot be written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not self._files.exists(path):
            if self._local:
                with room(Path(self._root)):
                    write_whole(Path(path), data, durable=True)
            else:  # such stores show an object when all of it is there
                self._files.pipe_file(path, data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes kept under a hash.

        Raises:
            AlteredObject: they are gone, or no longer those that were kept; of originals it is an UnreadablePhoto.
        """
        try:
            data: bytes = self._files.cat_file(self._path(sha256))
        except OSError as problem:
            why = "is no longer" if isinstance(problem, GONE) else "cannot be read"
            raise self.refusal(f"The {self.noun} {sha256[:12]}… {why} in {self._root}.") from problem
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self.refusal(f"The {self.noun} {sha256[:12]}… was altered on disk: its hash no longer fits.")
        return data

    def has(self, sha256: str) -> bool:
        """Tell whether something is kept under a hash, without looking at it."""
        return bool(self._files.exists(self._path(sha256)))

    def remove(self, sha256: str) -> None:
        """Remove what is kept under a hash, if anything is."""
        with suppress(*GONE):
            self._files.rm_file(self._path(sha256))

    def hashes(self) -> Iterator[str]:
        """Yield the hashes under which something is kept, in no order."""
        with suppress(*GONE):
            for path in self._files.find(self._root):
                name = path.rsplit("/", 1)[-1]
                if len(name) == 64:
                    yield name


class Originals(Objects):
    """Original bytes of photos."""

    refusal = UnreadablePhoto
    noun = "original"
