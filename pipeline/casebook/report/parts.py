"""JSON that may lack parts or hold others than expected: what fits is read, all else counts as not there."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pipeline.casebook.report.harmless import one_line
from pipeline.errors import AlteredObject, BadEvaluation
from pipeline.results.figure import Figure

MOST = 2_000
"""Parts of a list that are read."""
WORDS = 3_000
"""Characters that are taken of a text, unless fewer are asked for."""


@dataclass(frozen=True)
class Part:
    """A JSON object, read part by part; text that it gives is harmless.

    Attributes:
        data: as it was stored.
    """

    data: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a JSON object.

        Raises:
            AlteredObject: it is none.
        """
        try:
            parsed = json.loads(data)
        except (ValueError, RecursionError) as problem:
            raise AlteredObject(f"It is no JSON: {type(problem).__name__}.") from problem
        if not isinstance(parsed, dict):
            raise AlteredObject("It is no JSON object.")
        return cls(parsed)

    def part(self, name: str) -> "Part":
        """Return a part that is an object; an empty one where there is none."""
        value = self.data.get(name)
        return Part(value) if isinstance(value, dict) else Part()

    def parts(self, name: str) -> list["Part"]:
        """Return the objects of a list."""
        return [Part(value) for value in self._list(name) if isinstance(value, dict)]

    def text(self, name: str, most: int = WORDS) -> str:
        """Return text on one line; "" where there is none."""
        value = self.data.get(name)
        return one_line(value, most) if isinstance(value, str) else ""

    def texts(self, name: str, most: int = WORDS) -> list[str]:
        """Return the texts of a list, each on one line."""
        return [one_line(value, most) for value in self._list(name) if isinstance(value, str)]

    def number(self, name: str) -> float | None:
        """Return a finite number; None where there is none."""
        return _finite(self.data.get(name))

    def count(self, name: str) -> int:
        """Return a whole number from 0; 0 where there is none."""
        number = self.number(name)
        return int(number) if number is not None and number > 0 else 0

    def flag(self, name: str) -> bool:
        """Tell whether a part is true."""
        return self.data.get(name) is True

    def figure(self, name: str) -> Figure | None:
        """Return a stored figure, also one that could not be measured; None where there is none."""
        try:
            return Figure.read(self.data.get(name))
        except (BadEvaluation, OverflowError):
            return None

    def numbers(self, name: str) -> list[float]:
        """Return a list of finite numbers; an empty one where a member is something else."""
        numbers = [_finite(value) for value in self._list(name)]
        return [number for number in numbers if number is not None] if None not in numbers else []

    def names(self) -> list[str]:
        """Return the names of all parts, each on one line, as they were stored."""
        return [one_line(str(name)) for name in list(self.data)[:MOST]]

    def _list(self, name: str) -> list[Any]:
        value = self.data.get(name)
        return value[:MOST] if isinstance(value, list) else []


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def flat(value: Any, most: int = 1_500, depth: int = 4) -> str:
    """Say a stored value on one line: an object as its parts, a list as its members."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict) and depth:
        inner = ((one_line(str(key)), flat(part, most, depth - 1)) for key, part in list(value.items())[:MOST])
        return one_line(", ".join(f"{key}: {part}" if part else key for key, part in inner), most)
    if isinstance(value, list) and depth:
        return one_line(", ".join(flat(part, most, depth - 1) for part in value[:MOST]), most)
    return "–" if value is None else one_line(str(value), most)
