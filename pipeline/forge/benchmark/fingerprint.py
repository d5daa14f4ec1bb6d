"""Telling whether two pictures are the same, or nearly so, when only a few numbers of one are at hand.

A hash of decoded pixels says "the same" or "not", and another build of a library may round one pixel otherwise. So the
luma is also projected on random patterns of signs: the differences of a picture's few projections give the size of the
difference of the pixels (Johnson and Lindenstrauss, 1984; signs after Achlioptas, 2003), and show nothing of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

PATTERNS = 16
"""Projections; the difference that they tell is right within about a fifth."""
SEED = 20_261_123
REAL_TOLERANCE, EDIT_TOLERANCE, EDIT_SHARE = 0.5, 1.0, 0.35
"""Largest difference, root mean square in grey levels, that another build may make: of an original; of an edit; and
over what the edit itself changed, so that an edit left out is never taken for a near one."""


@dataclass(frozen=True)
class Fingerprint:
    """What is kept of a picture.

    Attributes:
        sha256: of its size and decoded pixels.
        projections: of its luma, over the root of the number of pixels.
        change: root mean square difference to the unedited picture in grey levels; 0 for that itself.
    """

    sha256: str
    projections: tuple[float, ...]
    change: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"sha256": self.sha256, "projections": list(self.projections), "change": self.change}

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> "Fingerprint":
        """Return what `as_dict` gave."""
        return cls(str(known["sha256"]), tuple(map(float, known["projections"])), float(known["change"]))

    def against(self, other: "Fingerprint") -> str:
        """Return "same", "near" or "different" for a picture that should be this one."""
        if other.sha256 == self.sha256:
            return "same"
        allowed = min(EDIT_TOLERANCE, EDIT_SHARE * self.change) if self.change else REAL_TOLERANCE
        return "near" if self.apart(other) <= allowed else "different"

    def apart(self, other: "Fingerprint") -> float:
        """Return about how far two pictures of the same size are apart: root mean square, in grey levels."""
        gap = np.array(self.projections) - other.projections
        return float(np.sqrt((gap**2).mean()))


def fingerprint(rgb: np.ndarray, real: np.ndarray | None = None) -> Fingerprint:
    """Return the fingerprint of (H, W, 3) uint8 RGB; `real`, of the same shape, is what it was edited from."""
    digest = sha256(np.array(rgb.shape, "<i8").tobytes() + np.ascontiguousarray(rgb).tobytes()).hexdigest()
    change = 0.0 if real is None else float(np.sqrt((((_luma(rgb) - _luma(real)) / 3) ** 2).mean()))
    return Fingerprint(digest, _project(_luma(rgb)), round(change, 4))


def _luma(rgb: np.ndarray) -> np.ndarray:
    """Return (H, W) int64: three times the grey level."""
    return rgb.sum(axis=2, dtype=np.int64)


def _project(luma: np.ndarray) -> tuple[float, ...]:
    """Return the projections of (H, W) int64, exact to the digits kept; row by row, so that memory stays small."""
    source, total = np.random.PCG64(SEED), np.zeros(PATTERNS, np.int64)
    for row in luma:
        words = source.random_raw(len(row))
        signs = ((words[:, None] >> np.arange(PATTERNS, dtype=np.uint64)) & np.uint64(1)).astype(np.int64) * 2 - 1
        total += row @ signs
    return tuple(round(float(value) / 3 / luma.size**0.5, 3) for value in total)
