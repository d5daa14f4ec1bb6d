"""Original bytes, kept once each under their own hash, never altered."""

import hashlib
from pathlib import Path

from pipeline.errors import UnreadablePhoto
from pipeline.storage.whole import write_whole


class Originals:
    """A folder of original bytes named by their SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def keep(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256; the same bytes are kept once. Safe against a kill in the middle."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            write_whole(path, data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return the bytes kept under a hash.

        Raises:
            UnreadablePhoto: they are gone, or no longer those that were kept.
        """
        try:
            data = self._path(sha256).read_bytes()
        except OSError as problem:
            raise UnreadablePhoto(f"The original {sha256[:12]}… is no longer in {self._folder}.") from problem
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UnreadablePhoto(f"The original {sha256[:12]}… was altered on disk: its hash no longer fits.")
        return data
