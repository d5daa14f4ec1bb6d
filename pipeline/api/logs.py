"""The service's log: a line of JSON each on standard error. No name of a file and nothing of a photo stands in it."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any


def say(event: str, **facts: Any) -> None:
    """Write a line.

    Args:
        event: what happened: "call", "started", "fault", …
        facts: JSON-able; those that are None are left out.
    """
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"time": at, "event": event} | {name: value for name, value in facts.items() if value is not None}
    sys.stderr.write(json.dumps(line, ensure_ascii=True, default=str) + "\n")  # one write: lines of threads stay whole
    sys.stderr.flush()


def frames_of(problem: BaseException) -> list[str]:
    """Return where an error came from: file, line and function of each frame, without what it says of its input."""
    return [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(problem.__traceback__)]


def frames_in(trace: str) -> list[str]:
    """Return the same of a trace that was kept as text."""
    return [line.strip() for line in trace.splitlines() if line.lstrip().startswith("File ")]


class JsonLines(logging.Handler):
    """Passes the web server's own log on as lines of JSON; of an error its type and its frames."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        problem = record.exc_info[1] if record.exc_info else None
        fault = {"kind": type(problem).__name__, "frames": frames_of(problem)} if problem else {}
        said = record.getMessage() if problem is None else str(record.msg).splitlines()[0]
        say("server", level=record.levelname.lower(), message=said, **fault)


def log_as_json() -> None:
    """Send what the web server logs, from warnings on, to `say`."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = ([JsonLines()] if name in ("uvicorn", "asyncio") else []), name[7:8] == "."
        logger.setLevel(logging.WARNING)
