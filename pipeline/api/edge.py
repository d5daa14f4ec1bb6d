"""The outermost layer: an id for each call, its body counted, its headers, one line in the log, its figures."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from starlette.datastructures import Headers

from pipeline.api.limits import Body
from pipeline.api.logs import say
from pipeline.api.metrics import Metrics
from pipeline.api.problems import HUNG_UP, respond
from pipeline.errors import Busy
from pipeline.settings import settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Callable[[], Awaitable[Message]], Send], Awaitable[None]]

OWN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
JOBS = "/v1/jobs"
ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Headers of every answer: what is said of a photo is kept by no proxy."""
PROBES = ("/healthz", "/readyz", "/metrics")
"""Not logged when they go well: they are asked every few seconds."""


@dataclass
class Call:
    """One call under way.

    Attributes:
        scope: the web server's facts of it; `state` holds what its handlers leave: "headers", "key", "code".
        send: takes the web server's messages.
        body: counts what comes in.
        status: of the answer; that of a client that went away where there was none.
        sent: bytes of the answer.
    """

    scope: Scope
    send: Send
    body: Body
    status: int = HUNG_UP
    sent: int = 0
    since: float = field(default_factory=time.perf_counter)

    async def answer(self, message: Message) -> None:
        """Pass a message on, with the headers of every answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            state = self.scope["state"]
            more = ALWAYS | {"X-Request-Id": state["request_id"]} | state["headers"]
            there = {name.lower() for name, _ in message["headers"]}
            added = [(k.lower().encode(), v.encode()) for k, v in more.items() if k.lower().encode() not in there]
            message["headers"] = [*message["headers"], *added]
        self.sent += len(message.get("body", b""))
        await self.send(message)


class Edge:
    """Wraps an app; see the module."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self.app, self.metrics, self.running = app, metrics, 0

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Answer a call, or pass on what is none."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = _begin(scope, receive, send)
        self.running += 1
        try:
            if self.running > settings().api_calls:
                scope["state"]["code"] = Busy.code
                busy = Busy(f"{settings().api_calls:,} calls are under way, the most at once.", 2)
                await respond(busy, scope["state"]["request_id"])(scope, call.body, call.answer)
            else:
                await self.app(scope, call.body, call.answer)
        finally:
            self.running -= 1
            self._end(call)

    def _end(self, call: Call) -> None:
        scope, state = call.scope, call.scope["state"]
        seconds = time.perf_counter() - call.since
        route = getattr(scope.get("route"), "path", "none")
        code = state.get("code")
        self.metrics.calls.labels(_method(scope), route, call.status).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if code and call.status != HUNG_UP:
            self.metrics.refused.labels(code).inc()
        if route in PROBES and call.status < 400:
            return
        say(
            "call",
            request=state["request_id"],
            key=state.get("key"),
            method=_method(scope),
            route=route,
            status=call.status,
            code=code,
            ms=round(seconds * 1000),
            bytes_in=call.body.size,
            bytes_out=call.sent,
        )


def _begin(scope: Scope, receive: Callable[[], Awaitable[Message]], send: Send) -> Call:
    headers = Headers(scope=scope)
    theirs = headers.get("x-request-id", "")
    state = scope.setdefault("state", {})
    state["request_id"] = theirs if OWN_ID.fullmatch(theirs) else token_hex(8)
    state["headers"] = {}
    limits = settings()
    most = limits.api_job_megabytes if scope["path"] == JOBS else limits.api_megabytes
    length = headers.get("content-length", "")
    announced = int(length) if length.isdecimal() and len(length) < 19 else 0
    state["body"] = Body(receive, announced, most * 1_000_000, limits.api_body_seconds)
    return Call(scope, send, state["body"])


def _method(scope: Scope) -> str:
    """Return the method; any word that is none of HTTP's as one: figures must not grow by what is sent."""
    method = str(scope["method"])
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE") else "other"
