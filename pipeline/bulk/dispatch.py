"""Chunks to workers and back: each chunk comes back once, whatever becomes of the workers.

A chunk whose worker died is done again by another. One that took three workers with it is halved, again and again, down
to the one photo, which has an error for its row; the rest of the chunk is scored.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from pipeline.bulk.inputs import Input
from pipeline.bulk.parts import Scored, lost

DEATHS = 3
"""Workers that a chunk may take with it before it is halved."""

Chunk = tuple[int, Sequence[Input]]


class Scorer(Protocol):
    """What a worker has loaded."""

    def score(self, inputs: Sequence[Input]) -> Scored:
        """Return the rows of inputs."""
        ...


Start = Callable[[], Scorer]
"""Loads what scores, in the worker; it can be sent to one."""


@dataclass(frozen=True)
class Task:
    """A chunk, or a piece of one, as it is handed to a worker.

    Attributes:
        chunk: its number.
        inputs: what is to be scored.
        deaths: workers that died over it.
    """

    chunk: int
    inputs: Sequence[Input]
    deaths: int = 0


Done = tuple[Task, Scored | None]
"""A task with its rows; None where its worker died."""


class Crew(Protocol):
    """Workers, wherever they are."""

    def free(self) -> bool:
        """Tell whether a worker waits for a task, or one more can be held ready."""
        ...

    def busy(self) -> bool:
        """Tell whether any task is being worked on."""
        ...

    def hand(self, task: Task) -> None:
        """Give a task to a free worker."""
        ...

    def wait(self) -> list[Done]:
        """Wait until some task is done or lost; return those."""
        ...

    def close(self) -> None:
        """End all workers, whatever they do."""
        ...


@dataclass
class _Open:
    """A chunk that was begun: how many of its pieces are out, and those that came back."""

    out: int = 0
    back: list[Scored] = field(default_factory=list)


def dispatch(chunks: Iterable[Chunk], crew: Crew) -> Iterator[tuple[int, Scored]]:
    """Yield each chunk's rows as they are done, in no order.

    Args:
        chunks: taken only as fast as they are worked off.
        crew: the workers.

    Raises:
        TriageError: the workers cannot start.
    """
    coming, again, begun = iter(chunks), deque[Task](), dict[int, _Open]()
    while True:
        while crew.free():
            task = again.popleft() if again else _next_task(coming, begun)
            if task is None:
                break
            crew.hand(task)
        if not crew.busy():
            return
        for task, scored in crew.wait():
            chunk = begun[task.chunk]
            chunk.out -= 1
            if scored is None and (pieces := _to_redo(task)):
                again.extend(pieces)
                chunk.out += len(pieces)
            else:
                chunk.back.append(scored or lost(task.inputs[0]))
            if not chunk.out:
                del begun[task.chunk]
                yield task.chunk, chunk.back[0] if len(chunk.back) == 1 else Scored.join(chunk.back)


def _next_task(coming: Iterator[Chunk], begun: dict[int, _Open]) -> Task | None:
    found = next(coming, None)
    if found is None:
        return None
    begun[found[0]] = _Open(1)
    return Task(*found)


def _to_redo(task: Task) -> list[Task]:
    """Return what is to be done again after a worker died; nothing of a single photo that is given up."""
    deaths, half = task.deaths + 1, len(task.inputs) // 2
    if deaths < DEATHS:
        return [replace(task, deaths=deaths)]
    if not half:
        return []
    return [Task(task.chunk, part, DEATHS - 1) for part in (task.inputs[:half], task.inputs[half:])]
