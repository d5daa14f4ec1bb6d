"""The account of what was handed over: every file of it was examined, refused for a reason, or left out by its kind."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.intake.item import Item
from pipeline.intake.sorting import SUBFOLDERS

MOST_KINDS = 12
"""Kinds that a sentence names; the record has all."""

REFUSALS = {
    "unreadable_photo": "not a photo that is read",
    "photo_too_large": "too large",
    "unsafe_archive": "not unpacked",
    "internal_error": "a fault of the program",
}
"""What a refusal's code means, in a few words; other codes say it themselves."""


@dataclass
class Account:
    """What was handed over, counted as it comes in, and what became of it, counted as that is known.

    Attributes:
        handed_over: files, those in archives each for themselves.
        examined: those that have a verdict.
        refused: error code to how many have that for a result.
        left_out: kind to how many are neither photos nor named like one.
        unnamed: earlier results of what was not handed over this time; they are not among the rest.
    """

    handed_over: int = 0
    examined: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0

    def receive(self, item: Item) -> None:
        """Count something handed over; what is left out has its end with that."""
        self.handed_over += item.count
        if item.left_out:
            self.left_out[item.left_out] += item.count

    def finish(self, code: str = "", count: int = 1) -> None:
        """Count a result: an error's code, or "" for a verdict."""
        if code:
            self.refused[code] += count
        else:
            self.examined += count

    @property
    def pending(self) -> int:
        """How many have no result yet."""
        return self.handed_over - self.examined - self.refused.total() - self.left_out.total()

    @property
    def adds_up(self) -> bool:
        """Whether everything handed over is accounted for."""
        return self.pending == 0

    def sentence(self) -> str:
        """Return the account in one line: "3 handed over = 1 examined + 1 refused (too large × 1) + 1 left out …"."""
        parts = [f"{self.examined:,} examined"]
        if self.refused:
            why = ", ".join(f"{REFUSALS.get(c, c.replace('_', ' '))} × {count:,}" for c, count in _most(self.refused))
            parts.append(f"{self.refused.total():,} refused ({why})")
        if self.left_out:
            parts.append(f"{self.left_out.total():,} left out ({self.kinds()})")
        if self.pending:
            parts.append(f"{self.pending:,} not examined yet")
        rows = "1 earlier row tells" if self.unnamed == 1 else f"{self.unnamed:,} earlier rows tell"
        beside = f"; {rows} of files that were not named now" if self.unnamed else ""
        return f"{self.handed_over:,} handed over = {' + '.join(parts)}{beside}"

    def kinds(self) -> str:
        """Return the kinds left out with their numbers, ".json × 2, video × 1"; of many kinds the most frequent."""
        most, rest = _most(self.left_out)[:MOST_KINDS], _most(self.left_out)[MOST_KINDS:]
        parts = [f"{kind} × {count:,}{': --recursive' * (kind == SUBFOLDERS)}" for kind, count in most]
        if rest:
            parts.append(f"{len(rest):,} other kinds × {sum(count for _, count in rest):,}")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the account as it is kept, with its sentence."""
        return {
            "handed_over": self.handed_over,
            "examined": self.examined,
            "refused": dict(_most(self.refused)),
            "left_out": dict(_most(self.left_out)),
            **({"unnamed": self.unnamed} if self.unnamed else {}),
            "sentence": self.sentence(),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Account":
        """Return the account of what `as_dict` gave."""
        counts = Counter(kept["refused"]), Counter(kept["left_out"])
        return cls(kept["handed_over"], kept["examined"], *counts, kept.get("unnamed", 0))


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return counts, the most frequent first and else by name, so that one account reads the same each time."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
