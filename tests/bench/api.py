"""The web API under load on loopback: what is answered, refused and lost, how soon, and what it takes."""

import asyncio
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.settings import PROJECT
from tests.served_api import post

PHOTO = PROJECT / "sample_data" / "hopper_face_swap.jpg"
AT_ONCE = {1: 12, 16: 64, 128: 128}
"""Clients at once → photos in all, each examined by the quick release."""
THOUSAND = 1000
SMALL = b"small and no photo"
GIVES_UP = 240.0
"""Seconds after which a client that was told to come again gives up, and its call counts as lost."""


@dataclass
class Load:
    """What came of the calls.

    Attributes:
        seconds: of each call that was answered, from its last try on.
        waited: of each call, from its first try on.
        refused: times that a client was told to come again.
        lost: calls without an answer, or with a wrong one, and why.
    """

    seconds: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    refused: int = 0
    lost: dict[str, int] = field(default_factory=dict)


def under_load() -> dict[str, object]:
    """Measure labels of a photo by few and many clients, and a thousand small calls at once."""
    figures = dict[str, object]()
    with served() as (port, process):
        asyncio.run(_calls(port, 2, 4, PHOTO.read_bytes()))  # what is loaded with the first
        for clients, calls in AT_ONCE.items():
            figures |= _row(f"photo, {clients} at once", process, calls, lambda n=clients, c=calls: _calls(port, n, c))
        figures |= _row(
            f"no photo, {THOUSAND} at once", process, THOUSAND, lambda: _calls(port, THOUSAND, THOUSAND, SMALL)
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            figures["ready after it"] = answer.status == 200
    return figures


def _row(name: str, process: "subprocess.Popen[bytes]", calls: int, run) -> dict[str, object]:
    since = time.perf_counter()
    load, files = asyncio.run(_watched(run(), process.pid))
    took = time.perf_counter() - since
    p50, p95, p99 = (round(float(np.percentile(load.seconds, q)), 2) for q in (50, 95, 99))
    facts = {
        "calls": calls,
        "answered": len(load.seconds),
        "lost": load.lost or 0,
        "told to come again": load.refused,
        "p50, p95, p99, s": f"{p50}, {p95}, {p99}",
        "with waiting, p50, p99, s": ", ".join(f"{np.percentile(load.waited, q):.1f}" for q in (50, 99)),
        "a second": round(calls / took, 1),
        "peak memory, MB": _peak(process.pid),
        "most open files": files,
    }
    return {name: facts}


async def _watched(run, pid: int) -> tuple[Load, int]:
    """Run calls, and look how many files the service has open meanwhile."""
    task, most = asyncio.ensure_future(run), 0
    while not task.done():
        most = max(most, len(os.listdir(f"/proc/{pid}/fd")))  # noqa: PTH208  # names alone
        await asyncio.sleep(0.05)
    return task.result(), most


async def _calls(port: int, clients: int, calls: int, data: bytes | None = None) -> Load:
    load, numbers, data = Load(), iter(range(calls)), data or PHOTO.read_bytes()

    async def client() -> None:
        for number in numbers:
            await _call(port, number, data, load)

    await asyncio.gather(*(client() for _ in range(clients)))
    return load


async def _call(port: int, number: int, data: bytes, load: Load) -> None:
    """Ask for a photo's warning until it is given, waiting as long as is said."""
    first = time.perf_counter()
    while True:
        since = time.perf_counter()
        try:
            status, headers, body = await post(port, "/v1/labels", "file", f"{number}.jpg", data)
        except OSError as problem:
            status, headers, body = 0, {}, type(problem).__name__.encode()
        if status == 503 and time.perf_counter() - first < GIVES_UP:
            load.refused += 1
            await asyncio.sleep(int(headers["retry-after"]) + random.random())
            continue
        break
    expected = "deepfake" if len(data) > len(SMALL) else "unchecked"
    if status == 200 and json.loads(body)["level"] == expected:
        load.seconds.append(time.perf_counter() - since)
        load.waited.append(time.perf_counter() - first)
    else:
        why = str(status) if status else body.decode()
        load.lost[why] = load.lost.get(why, 0) + 1


@contextmanager
def served() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Start the service in a process of its own, by the quick release; yield its port and the process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        chosen = {"TELLTALE_HOME": home, "TELLTALE_RELEASE": "quick", "TELLTALE_API_RATE": "1000000"}
        command = [sys.executable, "-m", "pipeline", "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=PROJECT, env=os.environ | chosen, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz")
            yield port, process
        finally:
            process.terminate()
            process.wait(90)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")


def _peak(pid: int) -> int:
    """Return the most memory that a process held so far, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024)
    return 0
