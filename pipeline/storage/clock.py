"""Times as they are kept everywhere: UTC, ISO 8601, to the second."""

import time


def stamp(at: float) -> str:
    """Return a time of `time.time()` as it is kept."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def now() -> str:
    """Return this moment as it is kept."""
    return stamp(time.time())
