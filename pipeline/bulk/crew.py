"""What crews share, wherever their workers are: who is free, who is waited for, and the dead are replaced."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.bulk.dispatch import Done, Task
from pipeline.errors import Interrupted

STILLBORN = 3
"""Workers in a row that may die before they are ready."""


@dataclass
class Worker:
    """A worker as its crew knows it.

    Attributes:
        ready: it has loaded what scores.
        task: what it works on; None where it waits.
    """

    ready: bool = False
    task: Task | None = None


Kind = TypeVar("Kind", bound=Worker)


class Workers(Generic[Kind]):
    """Workers; one that dies is replaced."""

    stillborn: str
    """What is to be said where workers die before they are ready, after their number."""

    def __init__(self, count: int) -> None:
        """Start so many of them."""
        self._stillborn = 0
        self._workers = [self._new() for _ in range(count)]

    def _new(self) -> Kind:
        raise NotImplementedError

    def free(self) -> bool:
        """Tell whether a worker is ready and has nothing to do."""
        return any(worker.ready and not worker.task for worker in self._workers)

    def busy(self) -> bool:
        """Tell whether any worker works, or any is to be waited for as none is ready."""
        return any(worker.task for worker in self._workers) or not any(worker.ready for worker in self._workers)

    def _take(self, task: Task) -> Kind:
        """Note a task with a free worker, and return that."""
        worker = next(worker for worker in self._workers if worker.ready and not worker.task)
        worker.task = task
        return worker

    def _replace(self, worker: Kind) -> list[Done]:
        """Put a new worker in the place of one that died; return its task, if it had one.

        Raises:
            Interrupted: `STILLBORN` of them in a row died before they were ready.
        """
        self._stillborn += not worker.ready
        if self._stillborn >= STILLBORN:
            raise Interrupted(f"{STILLBORN} {self.stillborn}")
        self._workers[self._workers.index(worker)] = self._new()
        return [(worker.task, None)] if worker.task else []
