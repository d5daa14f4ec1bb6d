"""`Check`: one thing that a verification looked at; `Kept`: what it looks at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.casebook.case import Case
from pipeline.casebook.log import Entry


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: the thing, so that it can be found: "entry 7 of the log", "photo 3 (a.jpg): original".
        holds: None where it could not be told.
        says: what was seen, in a sentence.
    """

    what: str
    holds: bool | None
    says: str


@dataclass(frozen=True)
class Kept:
    """What is verified: a case in the casebook, or an archive.

    Attributes:
        case: the case's id.
        entries: its log.
        original, object: return bytes by their hash, and raise an expected error where they do not fit it.
        is_there: tells whether bytes are kept: "originals" or "objects", and the hash.
        tables: the case in the database; None for an archive.
    """

    case: str
    entries: Sequence[Entry]
    original: Callable[[str], bytes]
    object: Callable[[str], bytes]
    is_there: Callable[[str, str], bool]
    tables: Case | None = None
