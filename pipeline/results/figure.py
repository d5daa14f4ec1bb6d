"""`Figure`: a measured value with its interval and n, and where one stands in metrics.json.

How one is said stands in `pipeline.words.figures`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pipeline.errors import BadEvaluation


@dataclass(frozen=True)
class Figure:
    """A measured value with its 95 % interval.

    Attributes:
        value: None where it could not be measured.
        low, high: the ends of the interval; None where there is none.
        n: the photos that it was measured on.
        chance: what guessing reaches; None where that was not measured.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    chance: float | None = None

    @classmethod
    def read(cls, stored: Any, place: str = "A figure") -> Self:
        """Read a stored figure: {"value", "low", "high", "n"}, perhaps "chance"; what else stands in it is passed over.

        Args:
            stored: the object, as it stands in a JSON file or in a row of a table. NaN is read as None.
            place: where it stands, as an error names it.

        Raises:
            BadEvaluation: it lacks a part, or holds something else than numbers.
        """
        if not isinstance(stored, Mapping):
            raise BadEvaluation(f"{place} is no figure: it is a {type(stored).__name__}.")
        if lacking := [name for name in ("value", "low", "high", "n") if name not in stored]:
            raise BadEvaluation(f"{place} is no figure: it lacks {', '.join(lacking)}.")
        value, low, high, chance = (_number(stored, name, place) for name in ("value", "low", "high", "chance"))
        n = _number(stored, "n", place)
        if n is None or n != int(n) or n < 0:
            raise BadEvaluation(f"{place} is no figure: its n is {stored['n']!r}.")
        return cls(value, low, high, int(n), chance)

    def as_dict(self) -> dict[str, Any]:
        """Return the figure as it is stored; "chance" only where it is known."""
        stored: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high, "n": self.n}
        return stored if self.chance is None else stored | {"chance": self.chance}

    @property
    def alike(self) -> bool:
        """Whether all photos came out alike: resampled they are alike again, so that the interval is one point."""
        return self.low is not None and self.low == self.high

    @property
    def one_less(self) -> Self:
        """1 less the figure: of the share found, the share missed."""
        value, low, high = (None if part is None else 1 - part for part in (self.value, self.high, self.low))
        return type(self)(value, low, high, self.n)


def _number(stored: Mapping[str, Any], name: str, place: str) -> float | None:
    """Return a part of a stored figure; None for None, for NaN, and for a part that it lacks."""
    part = stored.get(name)
    if part is None:
        return None
    if isinstance(part, bool) or not hasattr(part, "__float__"):
        raise BadEvaluation(f"{place} is no figure: its {name} is {part!r}.")
    number = float(part)
    if math.isinf(number):
        raise BadEvaluation(f"{place} is no figure: its {name} is infinite.")
    return None if math.isnan(number) else number


def figure_at(metrics: Mapping[str, Any], *names: str) -> Figure | None:
    """Return the figure at a place in metrics.json; None where it was not measured, or had too few photos.

    Raises:
        BadEvaluation: what stands there is no figure.
    """
    part: Any = metrics
    for name in names:
        part = part.get(name) if isinstance(part, Mapping) else None
    if part is None:
        return None
    stored = Figure.read(part, " · ".join(names))
    return None if stored.value is None else stored
