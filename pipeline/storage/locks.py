"""A lock between processes: held while a block runs, and gone with the process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path, wait: bool = False) -> Iterator[None]:
    """Hold a lock.

    Args:
        path: its file, which stays; the folder is there.
        wait: whether to wait for another process to let go of it.

    Raises:
        BlockingIOError: another process holds it, and nobody waits.
        OSError: its file cannot be made.
    """
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
