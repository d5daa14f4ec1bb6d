"""`Parts`: what of a long evaluation is measured, so that a killed call goes on where it was."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.crops.journal import Journal


@dataclass(frozen=True, eq=False)
class Part:
    """What was measured of some photos.

    Attributes:
        lines: rows of a CSV file, each ended.
        features: (B, C) float32 of the photos in these rows; None where no network told any.
    """

    lines: str
    features: np.ndarray | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, every bit of the features kept."""
        if self.features is None:
            return {"lines": self.lines}
        return {
            "lines": self.lines,
            "shape": self.features.shape,
            "features": b64encode(self.features.tobytes()).decode(),
        }

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> "Part":
        """Return what `as_dict` wrote."""
        if "features" not in known:
            return cls(known["lines"])
        return cls(known["lines"], np.frombuffer(b64decode(known["features"]), np.float32).reshape(known["shape"]))


class Parts:
    """Measured parts by their photos, in a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def get(self, what: str, photos: Iterable[str], measure: Callable[[], Part]) -> Part:
        """Return a part: as an earlier call kept it, or measured now and kept.

        Args:
            what: is measured.
            photos: their ids.
            measure: does it.
        """
        return Part.from_dict(self._journal.once(part_name(what, photos), lambda: measure().as_dict()))


def part_name(what: str, photos: Iterable[str]) -> str:
    """Return what a part is called in a journal: by what is measured, and of which photos, by their ids."""
    return f"{what}-{hashlib.sha256(' '.join(photos).encode()).hexdigest()[:16]}"


def hash_rows(rows: pd.DataFrame) -> str:
    """Return 16 hex digits that change with what is known of photos: parts hold it beside what was measured."""
    return hashlib.sha256(rows.to_csv().encode()).hexdigest()[:16]
