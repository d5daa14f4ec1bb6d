"""`python -m pipeline serve`: the service on a port, with what keeps a machine alive under many clients."""

import asyncio
import gc
import json
import resource
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipeline.api.app import create_app
from pipeline.api.guard import is_loopback
from pipeline.api.keys import Keys
from pipeline.api.logs import log_as_json, say
from pipeline.api.problems import MEDIA, describe
from pipeline.api.service import incoming
from pipeline.errors import BadSetting, Busy
from pipeline.examining.loaded import load_cascade
from pipeline.settings import settings
from pipeline.storage.locks import held

IDLE = 10.0
"""Seconds that a connection may be open without a call under way."""
ENDS_WITHIN = 60
"""Seconds in which calls under way are finished once the service is to end."""
BACKLOG = 2048
LONGEST_HEAD = 32_768
"""Bytes of a call's line and headers."""
SPARE = 200
"""Files that the service itself needs: weights, databases, what large bodies wait in."""


class Connection(H11Protocol):
    """A connection that is closed where no call comes: uvicorn itself waits for the end of a head for ever.

    Connections over the limit are answered and closed, so that files are left for those that are served.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; or refuse, where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.write(_overfull())
            transport.close()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """End waiting."""
        if self._patience:
            self._patience.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next call."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        if self._patience:
            self._patience.cancel()
        self._patience = self.loop.call_later(IDLE, self._give_up)

    def _give_up(self) -> None:
        if (self.cycle is None or self.cycle.response_complete) and not self.transport.is_closing():
            self.transport.close()


def most_connections() -> int:
    """Return how many connections are held: those of the setting, and never so many that files run out."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = soft if soft != resource.RLIM_INFINITY else settings().api_calls * 4
    return max(16, min(settings().api_calls + SPARE, (files - SPARE) // 2))


def raise_limit() -> int:
    """Let the process open as many files as the system lets it; return how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def _overfull() -> bytes:
    """Return the answer to a connection that is one too many."""
    body = json.dumps(describe(Busy("More connections are open than are held at once."), "none")).encode()
    head = (
        f"HTTP/1.1 503 Service Unavailable\r\ncontent-type: {MEDIA}\r\nretry-after: 2\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


def configured(host: str, port: int, **more: Any) -> uvicorn.Config:
    """Return how the service is run.

    Args:
        host, port: where it listens.
        more: further arguments of `uvicorn.Config`.
    """
    return uvicorn.Config(
        create_app(is_loopback(host)),
        host=host,
        port=port,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=int(IDLE),
        timeout_graceful_shutdown=ENDS_WITHIN,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        **more,
    )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a home to one service: two would work on the same jobs, and write their rows twice.

    Args:
        folder: `api/` of the home.

    Raises:
        BadSetting: another service has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as lock:
        try:
            lock.enter_context(held(folder / "service.lock"))
        except BlockingIOError:
            said = f"Another service works with {folder}: TELLTALE_HOME must be another one for a second."
            raise BadSetting(said) from None
        yield


def run(host: str, port: int) -> int:
    """Serve until a signal ends it; return the exit code.

    Raises:
        TriageError: the release or the keys cannot be used, or another service has this home.
    """
    log_as_json()
    folder, files = settings().home / "api", raise_limit()
    with alone(folder):
        tempfile.tempdir = str(incoming())  # large bodies wait beside the home, not in a system's memory
        if not is_loopback(host) and all(key.revoked for key in Keys(folder).known().values()):
            say("no_key", advice="No call is let in until a key is made: python -m pipeline keys new NAME")
        load_cascade()  # what cannot be used is said before anything listens
        gc.collect()
        gc.freeze()  # of all that is loaded by now nothing is garbage: it is not walked through again and again
        say("listening", host=host, port=port, files=files, connections=most_connections())
        server = uvicorn.Server(configured(host, port))
        for asked in (signal.SIGTERM, signal.SIGINT):  # uvicorn ends by them in order, then raises them once more
            signal.signal(asked, lambda *_: None)
        server.run()
        return 0 if server.started else 1
