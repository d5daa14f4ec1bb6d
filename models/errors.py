"""The root of every expected error, and those that models raise.

Drawn here because `models` may import nothing above it; `pipeline.errors` adds the photo errors and
re-exports these, so callers have one place to import from::

    TriageError
    ├── WeightsMissing    a weight, card or release file is not there
    ├── WeightsMismatch   a file is there but its hash, or its tensors, do not fit its card
    └── UnknownName       a name nobody registered; the message offers the nearest ones
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, Self


class TriageError(Exception):
    """An expected failure, said to the user in words.

    Attributes:
        code: its kind; stable, scripts may rely on it.
        advice: what to do about it, in markdown.
    """

    code: ClassVar[str] = "error"
    advice: ClassVar[str] = ""

    def bare(self) -> Self:
        """Return this error without the frames and causes that led to it: they would keep a photo's bytes in memory."""
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class WeightsMissing(TriageError):
    """A file that the release needs is absent."""

    code = "weights_missing"
    advice = "Restore the models folder from the project's repository."


class WeightsMismatch(TriageError):
    """A file differs from what its card or release says of it."""

    code = "weights_mismatch"
    advice = "Restore the models folder from the project's repository; do not use what is there."


class UnknownName(TriageError):
    """A name that is not registered."""

    code = "unknown_name"
    advice = "Pick a name from the list, or start again from the Examine page."

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str]) -> "UnknownName":
        """Build the error with the nearest known names in its message."""
        names = sorted(known)
        near = get_close_matches(name, names, n=3) or names
        return cls(f"There is no {kind} named {name!r}. Did you mean: {', '.join(near)}?")
