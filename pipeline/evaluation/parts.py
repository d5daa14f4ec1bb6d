"""`Parts`: what of a long evaluation is measured, so that a killed call goes on where it was."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.storage.whole import write_whole

HEAD = "measured.json"
"""What the parts in a folder depend on."""


@dataclass(frozen=True, eq=False)
class Part:
    """What was measured of some photos.

    Attributes:
        lines: rows of a CSV file, each ended.
        features: (B, C) float32 of the photos in these rows; None where no network told any.
    """

    lines: str
    features: np.ndarray | None = None


class Parts:
    """Measured parts by name, a file each, under a head: what they depend on.

    Attributes:
        found: names of parts that an earlier call had measured.
    """

    def __init__(self, folder: Path, head: Mapping[str, Any]) -> None:
        """Find those of an earlier call; where it had another head, forget them."""
        self._folder, self.found = folder, set[str]()
        told = json.dumps(head, sort_keys=True).encode()
        if not (folder / HEAD).is_file() or (folder / HEAD).read_bytes() != told:
            self.forget()
            write_whole(folder / HEAD, told)

    def get(self, what: str, photos: Iterable[str], measure: Callable[[], Part]) -> Part:
        """Return a part: as an earlier call kept it, or measured now and kept.

        Args:
            what: is measured.
            photos: their ids.
            measure: does it.
        """
        name = f"{what}-{hashlib.sha256(' '.join(photos).encode()).hexdigest()[:16]}"
        lines, features = self._folder / f"{name}.csv", self._folder / f"{name}.npy"
        if lines.is_file():
            self.found.add(name)
            text = lines.read_bytes().decode()
            return Part(text, np.load(features) if features.is_file() else None)
        part = measure()
        if part.features is not None:
            np.save(features, part.features)
        write_whole(lines, part.lines.encode())  # the last: with it the part is whole
        return part

    def forget(self) -> None:
        """Remove all that was kept."""
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def kept_parts(folder: Path, head: Mapping[str, Any]) -> Iterator[Parts]:
    """Give the parts kept in a folder; they stay after an error or a kill, and go when all is done."""
    parts = Parts(folder, head)
    yield parts
    parts.forget()
