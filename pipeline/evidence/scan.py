"""The signals of this room, found by scanning it, and what they show in a photo."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from pipeline.attempt import attempt
from pipeline.errors import TriageError, Unexpected
from pipeline.evidence import signals as room
from pipeline.evidence.bounds import bounded
from pipeline.evidence.finding import Evidence, Finding
from pipeline.face import Box
from pipeline.photo import Photo


@dataclass(frozen=True)
class Signal:
    """One file of this room that has a `look`.

    Attributes:
        name: of the file.
        title: as a heading.
        order: its place among the others.
        how_to_read: what it means, and what else brings it about.
        look: what makes a finding of a photo; it may raise whatever it likes.
    """

    name: str
    title: str
    order: int
    how_to_read: str
    look: Callable[[Evidence], Finding]


@cache
def signals() -> tuple[Signal, ...]:
    """Return all signals in their order; files without a `look` help them."""
    modules = [import_module(f"{room.__name__}.{entry.name}") for entry in iter_modules(room.__path__)]
    every = [
        Signal(module.__name__.rpartition(".")[2], module.TITLE, module.ORDER, module.HOW_TO_READ, module.look)
        for module in modules
        if hasattr(module, "look")
    ]
    return tuple(sorted(every, key=lambda signal: (signal.order, signal.name)))


def look_at(photo: Photo, name: str = "", faces: Sequence[Box] = ()) -> list[Finding]:
    """Return what each signal shows in a photo, in their order; one that fails says so, and the rest goes on.

    Args:
        photo: as it was read.
        name: of its file, as it was handed over.
        faces: boxes of its faces in photo pixels, where they are known.

    Returns:
        A finding for each signal: JSON-able, at most `bounds.MOST_FINDING` bytes of text.
    """
    subject = Evidence(photo, name, tuple(faces))
    return [bounded(_finding(signal, subject)) for signal in signals()]


def _finding(signal: Signal, evidence: Evidence) -> Finding:
    try:
        finding = attempt(f"“{signal.title}”", signal.look, evidence)
    except TriageError as problem:
        return _failure(signal, problem)
    if isinstance(finding, Unexpected):
        print(finding.trace, file=sys.stderr)
        return _failure(signal, finding)
    return finding


def _failure(signal: Signal, problem: TriageError) -> Finding:
    """Return the finding of a signal that shows nothing because it failed."""
    sentence = f"This signal could not be read, so nothing is known from it. {problem}"
    return Finding(signal.name, signal.title, "nothing", sentence, signal.how_to_read)
