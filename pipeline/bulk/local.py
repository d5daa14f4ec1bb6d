"""Workers as processes of this machine, one a core, each with networks of its own."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any

from pipeline.bulk.crew import Worker, Workers
from pipeline.bulk.dispatch import Done, Start, Task
from pipeline.errors import TriageError

READY = "ready"


@dataclass(kw_only=True)
class _Worker(Worker):
    process: BaseProcess
    pipe: Any


class Processes(Workers[_Worker]):
    """Worker processes; one that dies is replaced."""

    stillborn = (
        "worker processes in a row ended before they were ready, perhaps for want of memory. What is written is valid: "
        "go on with --resume, and fewer --workers."
    )

    def __init__(self, count: int, start: Start) -> None:
        """Start the workers.

        Args:
            count: how many.
            start: loads what scores, in each.
        """
        self._start = start
        super().__init__(count)

    @property
    def pids(self) -> list[int]:
        """The workers' process ids."""
        return [worker.process.pid or 0 for worker in self._workers]

    def _new(self) -> _Worker:
        context = get_context("spawn")
        mine, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._start), daemon=True, name="bulk worker")
        process.start()
        theirs.close()  # so that its end is noticed
        return _Worker(process=process, pipe=mine)

    def hand(self, task: Task) -> None:
        """Give a task to a free worker; whether it still lives is noticed by `wait`."""
        worker = self._take(task)
        try:
            worker.pipe.send(list(task.inputs))
        except OSError:  # it died while it waited
            worker.process.join()

    def wait(self) -> list[Done]:
        """Wait until some worker says something or dies.

        Raises:
            TriageError: what a worker could not load.
            Interrupted: workers die before they are ready.
        """
        waiting = {worker.pipe: worker for worker in self._workers}
        done = []
        for pipe in connection.wait(list(waiting)):
            worker = waiting[pipe]
            try:
                said = worker.pipe.recv()
            except (EOFError, OSError):
                done += self._bury(worker)
                continue
            if isinstance(said, TriageError):
                raise said
            if said == READY:
                worker.ready, self._stillborn = True, 0
            elif worker.task:
                done.append((worker.task, said))
                worker.task = None
        return done

    def _bury(self, worker: _Worker) -> list[Done]:
        """Put a new worker in the place of one that died; return its task, if it had one."""
        worker.pipe.close()
        worker.process.join()
        return self._replace(worker)

    def close(self) -> None:
        """End all workers at once."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()


def _work(pipe: Any, start: Start) -> None:
    """Score what comes through a pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent decides
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        scorer = start()
    except TriageError as problem:
        pipe.send(problem.bare())
        return
    pipe.send(READY)
    while True:
        try:
            inputs: Sequence[Any] = pipe.recv()
        except EOFError:
            return
        pipe.send(scorer.score(inputs))  # a fault of the program ends the process, which prints its frames


def _end_with_parent() -> None:
    """Wait for the parent's end: what this worker does has no reader then."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
