"""The one place where whatever goes wrong with one photo is held, so that it takes no other photo along.

An error that nobody foresaw is a fault of the program and must be seen: its frames are kept, to be printed, and the
photo has it as its result. What is meant to end the program (an interrupt, an exit) and what is foreseen surfaces.
"""

import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import ParamSpec, TypeVar

from pipeline.errors import TriageError, Unexpected

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class _Held:
    """Holds what is raised inside: a context is told of it, and nothing needs to be caught by name."""

    problem: Exception | None = None

    def __enter__(self) -> "_Held":
        return self

    def __exit__(self, _: object, problem: BaseException | None, __: TracebackType | None) -> bool:
        if isinstance(problem, Exception) and not isinstance(problem, TriageError):
            self.problem = problem
        return self.problem is not None


def attempt(
    name: str, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result | Unexpected:
    """Return what a function returns for a photo, or the unexpected error that it raised.

    Args:
        name: the photo's, for the message.
        function: what is tried.
        args, kwargs: what it is given.

    Raises:
        TriageError: an expected one.
    """
    with _Held() as held:
        return function(*args, **kwargs)
    problem = held.problem
    assert problem is not None
    fault = " ".join(f"{type(problem).__name__}: {problem}".split()).rstrip(": ")[:300]
    trace = "".join(traceback.format_exception(problem))
    return Unexpected(f"{name} could not be examined: a fault of the program ({fault}). The rest goes on.", trace)


def each(name: str, things: Iterator[Result]) -> Iterator[Result | Unexpected]:
    """Yield what an iterator gives and, where something unexpected ends it, that error as the last."""
    end = object()
    while (thing := attempt(name, next, things, end)) is not end:
        yield thing  # type: ignore[misc]  # it is not the end
        if isinstance(thing, Unexpected):
            return
