"""A case's log: a chain of entries, each holding the hash of the one before. What a case is, its log tells.

An entry's hash is the SHA-256 of its canonical JSON (RFC 8785) without the hash itself. A changed entry no longer fits
its hash, or the next one's memory of it; one that is taken out leaves a gap in the numbers.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import rfc8785

from pipeline.storage.clock import now

BEGINNING = "0" * 64
"""What the first entry holds in place of an earlier one's hash."""

ACTS = {
    "created": "case made",
    "described": "name, description or tags changed",
    "archived": "put away, or taken out again",
    "shared": "a person's role set",
    "added": "photo added",
    "examined": "photo examined",
    "refused": "photo could not be examined",
    "opened": "verdict of a photo seen",
    "opinion": "opinion given",
    "tagged": "tags of a photo changed",
    "matched": "photo stands in a list of known hashes",
    "deleted": "photo deleted",
    "exported": "archive or report made",
    "imported": "taken over from an archive",
    "verified": "checked against what is kept",
    "timestamped": "log timestamped by an authority",
}
"""Every act, and what it is called in a report."""
QUIET = ("opened", "exported", "verified", "timestamped")
"""Acts that change nothing of what a report tells."""


@dataclass(frozen=True)
class Entry:
    """One act on a case.

    Attributes:
        case: the case's id.
        number: from 1, without gaps.
        at: when, UTC, ISO 8601.
        who: by whom.
        act: one of `ACTS`.
        facts: what the act was about, JSON-able.
        before: hash of the entry before; `BEGINNING` for the first.
        sha256: of all the rest.
    """

    case: str
    number: int
    at: str
    who: str
    act: str
    facts: dict[str, Any]
    before: str
    sha256: str = ""

    @classmethod
    def new(cls, case: str, number: int, who: str, act: str, facts: dict[str, Any], before: str) -> Self:
        """Make the entry of an act that happens now; its facts are those that its JSON gives back.

        Raises:
            ValueError: the facts are not to be written as JSON.
        """
        entry = cls(case, number, now(), who, act, json.loads(canonical(facts)), before)
        return cls(**{**entry.as_dict(), "sha256": entry.digest})

    @property
    def digest(self) -> str:
        """The hash that the entry must have."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def canonical(self) -> bytes:
        """The entry without its hash, as canonical JSON."""
        return canonical({name: value for name, value in self.as_dict().items() if name != "sha256"})

    def as_dict(self) -> dict[str, Any]:
        """Return all fields by name."""
        return {
            "case": self.case,
            "number": self.number,
            "at": self.at,
            "who": self.who,
            "act": self.act,
            "facts": self.facts,
            "before": self.before,
            "sha256": self.sha256,
        }


def canonical(data: Any) -> bytes:
    """Return data as canonical JSON (RFC 8785), UTF-8.

    Raises:
        ValueError: it holds what JSON cannot: no number, a lone surrogate, a number beyond 53 bits.
    """
    try:
        return bytes(rfc8785.dumps(data))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as problem:
        raise ValueError(f"Not to be written as JSON: {problem}.") from problem


def facts_text(facts: dict[str, Any]) -> str:
    """Return facts as they stand in the database: canonical JSON."""
    return canonical(facts).decode()


def read_facts(text: str) -> dict[str, Any]:
    """Return the facts that `facts_text` wrote.

    Raises:
        ValueError: it is no JSON object.
    """
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise ValueError("The facts of an entry are a JSON object.")
    return facts


def faults(entries: Iterable[Entry], case: str) -> Iterator[str]:
    """Yield what does not hold of a chain, one sentence a fault.

    Args:
        entries: in the order in which they are kept.
        case: id that each must bear.
    """
    number, before = 0, BEGINNING
    for entry in entries:
        name = f"Entry {entry.number} of the log"
        if entry.number != number + 1:
            yield f"{name} follows entry {number}: what was between them is missing."
        elif entry.before != before:
            yield f"{name} does not follow the entry before it: that one was changed, or another stood there."
        if entry.case != case:
            yield f"{name} belongs to another case."
        try:
            digest = entry.digest
        except ValueError:
            digest = ""
        if entry.sha256 != digest:
            yield f"{name} was changed: its hash no longer fits."
        if entry.act not in ACTS:
            yield f"{name} tells of an act that is not known: {entry.act!r}."
        number, before = entry.number, entry.sha256
