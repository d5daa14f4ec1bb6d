"""Time a call: the median of several, after a warm-up."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any


def milliseconds(call: Callable[[], Any], times: int = 15, warm: int = 3) -> float:
    """Return the median milliseconds of a call."""
    for _ in range(warm):
        call()
    taken = []
    for _ in range(times):
        since = time.perf_counter()
        call()
        taken.append((time.perf_counter() - since) * 1000)
    return median(taken)
