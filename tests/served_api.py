"""The web API on a port of its own, in a thread, and what its tests ask of its answers."""

import asyncio
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import httpx
import uvicorn

from pipeline.api.serve import configured
from pipeline.api.service import Service


class Running:
    """The service under test.

    Attributes:
        url: its address.
        client: which calls it.
        service: what its calls share.
    """

    def __init__(self, **more: Any) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server = uvicorn.Server(configured("127.0.0.1", self.port, **more))
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        until = time.monotonic() + 60
        while not self.server.started and self.thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        assert self.server.started
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    @property
    def service(self) -> Service:
        return self.server.config.app.app.state.service

    def stop(self) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()

    def examine(self, *files: tuple[str, bytes], key: str = "", **options: str) -> httpx.Response:
        sent = [("files", file) for file in files]
        return self.client.post("/v1/examinations", files=sent, data=options, headers=bearer(key))

    def job(self, *files: tuple[str, bytes], headers: dict[str, str] | None = None, **options: str) -> httpx.Response:
        return self.client.post("/v1/jobs", files=[("files", file) for file in files], data=options, headers=headers)

    def finished(self, job_id: str, within: float = 30) -> dict[str, Any]:
        until = time.monotonic() + within
        while (job := self.client.get(f"/v1/jobs/{job_id}").json())["state"] in ("queued", "running"):
            assert time.monotonic() < until, job
            time.sleep(0.05)
        return job


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check an answer for being a problem, and return it."""
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), problem
    assert {"type", "title", "status", "detail", "instance", "code", "advice"} <= set(problem)
    assert problem["status"] == status and problem["code"] == code and problem["advice"], problem
    assert problem["instance"].endswith(answer.headers["x-request-id"])
    return problem


async def post(port: int, path: str, field: str, name: str, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Post a file over a connection of its own, at little cost to the caller: for a thousand at once.

    Returns:
        status, headers with names in lower case, body.
    """
    body = f'--x\r\ncontent-disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
    body += data + b"\r\n--x--\r\n"
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=x\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        answer = await reader.read()
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    top, _, rest = answer.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines), rest
