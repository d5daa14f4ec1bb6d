"""A worker that hangs ends itself, and is replaced as any other that dies."""

import faulthandler
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.settings import settings

STDERR = 2


@contextmanager
def ended_if_stuck() -> Iterator[Callable[[], None]]:
    """Watch this process: give what it calls whenever something is done.

    Where that is not called for the time of the settings, the process ends, and what each of its threads was at is
    printed. The interpreter is not asked for it, so that a hang in compiled code ends too.
    """

    def go_on() -> None:
        faulthandler.dump_traceback_later(60 * settings().stuck_minutes, exit=True, file=STDERR)

    go_on()
    try:
        yield go_on
    finally:
        faulthandler.cancel_dump_traceback_later()
