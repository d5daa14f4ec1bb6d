"""The threads that find faces and run networks, each on one core."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from pipeline.settings import settings

Result = TypeVar("Result")


def cores() -> int:
    """Return how many processor threads may be used."""
    may = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return settings().threads or may or 1


@cache
def _lanes(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, "lane")


def in_lanes(function: Callable[..., Result], *things: Iterable[Any]) -> list[Result]:
    """Return what a function returns of each thing, as `map` does, all cores sharing the work."""
    return list(_lanes(cores()).map(function, *things))
