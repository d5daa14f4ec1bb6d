"""Work in as many processes as there are cores, in order, with only a few pieces of work in flight."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from os import _exit, cpu_count
from threading import Thread
from typing import TypeVar

import cv2

from pipeline.errors import Interrupted

Task = TypeVar("Task")
Result = TypeVar("Result")
AHEAD = 4
"""Pieces of work in flight for each process, so that memory does not grow with the number of photos."""


def in_order(function: Callable[[Task], Result], tasks: Iterable[Task], workers: int = 0) -> Iterator[Result]:
    """Yield `function(task)` for every task, in the tasks' order.

    Args:
        function: importable by name, as new processes are started afresh.
        tasks: taken only as fast as they are worked off.
        workers: processes; 0 means one a core, and 1 works in this process.

    Raises:
        Interrupted: a process was killed.
    """
    count = workers or cpu_count() or 1
    if count == 1:
        yield from map(function, tasks)
        return
    pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin)
    try:
        yield from _flowing(pool, function, tasks, AHEAD * count)
    except BrokenProcessPool as problem:
        raise Interrupted(
            "A worker process was killed, perhaps for want of memory. What is written so far is valid: run the same "
            "command again, with fewer --workers."
        ) from problem
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Prepare a worker: one core, and no life beyond the process that wants its results."""
    cv2.setNumThreads(1)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent's end: a worker whose parent was killed would wait for work for ever."""
    if parent := parent_process():
        parent.join()
        _exit(1)


def _flowing(
    pool: ProcessPoolExecutor, function: Callable[[Task], Result], tasks: Iterable[Task], ahead: int
) -> Iterator[Result]:
    flying: deque[Future[Result]] = deque()
    for task in tasks:
        flying.append(pool.submit(function, task))
        if len(flying) >= ahead:
            yield flying.popleft().result()
    while flying:
        yield flying.popleft().result()
