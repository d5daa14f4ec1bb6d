"""Errors as they leave the service: problem details (RFC 9457), with the pipeline's own codes and advice."""

import math
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from pipeline.api.logs import frames_of, say
from pipeline.errors import BadCall, BodyTooLarge, Later, NotThere, TriageError, Unexpected, WrongMethod

MEDIA = "application/problem+json"
HUNG_UP = 499
"""Status of a call whose client went away, for the log only."""

STATUS = {
    "bad_call": 422,
    "no_key": 401,
    "no_scope": 403,
    "not_allowed": 403,
    "not_there": 404,
    "unknown_name": 404,
    "wrong_method": 405,
    "body_too_slow": 408,
    "bad_case": 409,
    "edited_meanwhile": 409,
    "other_content": 409,
    "body_too_large": 413,
    "photo_too_large": 413,
    "wrong_content": 415,
    "bad_mark": 422,
    "bad_webhook": 422,
    "no_face": 422,
    "unreadable_photo": 422,
    "unsafe_archive": 422,
    "too_many_calls": 429,
    "busy": 503,
    "damaged_keys": 503,
    "disk_full": 507,
}
"""Code of an error → status; of all others it is 500."""


def status_of(problem: TriageError) -> int:
    """Return the status of an error."""
    return STATUS.get(problem.code, 500)


def describe(problem: TriageError, request_id: str, status: int = 0, **more: Any) -> dict[str, Any]:
    """Return an error as a problem's members.

    Args:
        problem: the error.
        request_id: of the call that met it.
        status: 0 for that of its code.
        more: extension members.
    """
    title = (type(problem).__doc__ or "").split("\n")[0].split("; ")[0].rstrip(".")
    return {
        "type": f"urn:telltale:problem:{problem.code}",
        "title": title,
        "status": status or status_of(problem),
        "detail": str(problem),
        "instance": f"urn:telltale:request:{request_id}",
        "code": problem.code,
        "advice": problem.advice,
    } | more


def respond(
    problem: TriageError, request_id: str, status: int = 0, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Return an error as a response, see `describe`; with `Retry-After` where the call may be made again."""
    facts = describe(problem, request_id, status, **more)
    kept = dict(headers or {})
    if isinstance(problem, Later):
        kept["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    if facts["status"] == 401:
        kept["WWW-Authenticate"] = "Bearer"
    return JSONResponse(facts, facts["status"], kept, MEDIA)


def id_of(request: Request) -> str:
    """Return the id of a call, which `Edge` gave it."""
    return str(request.scope["state"]["request_id"])


def install(app: FastAPI) -> None:
    """Have every error of an app answered as a problem."""
    app.add_exception_handler(TriageError, _expected)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(OSError, _of_system)
    app.add_exception_handler(Exception, _unexpected)


async def _expected(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, TriageError)
    request.scope["state"]["code"] = problem.code
    return respond(problem, id_of(request))


async def _of_framework(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    ours: TriageError = BadCall(str(problem.detail))
    if problem.status_code == 404:
        ours = NotThere(f"There is nothing at {request.url.path[:200]}.")
    elif problem.status_code == 405:
        ours = WrongMethod(f"{request.method} is not taken at {request.url.path[:200]}.")
    elif str(problem.detail).startswith(("Too many", "Part exceeded")):
        ours = BodyTooLarge(str(problem.detail))
    request.scope["state"]["code"] = ours.code
    status = problem.status_code if isinstance(ours, BadCall) else 0
    allowed = _methods_at(request) if isinstance(ours, WrongMethod) else {}
    return respond(ours, id_of(request), status, dict(problem.headers or {}) | allowed)


def _methods_at(request: Request) -> dict[str, str]:
    """Return the header `Allow` with all methods of an address: the framework names those of its first route only."""
    for template, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.url.path):
            return {"Allow": ", ".join(sorted(operations)).upper()}
    return {}


async def _invalid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    errors = [{"where": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in problem.errors()]
    said = "; ".join(f"{each['where']}: {each['message']}" for each in errors)
    request.scope["state"]["code"] = BadCall.code
    return respond(BadCall(f"The call cannot be understood. {said}."), id_of(request), errors=errors)


async def _gone(request: Request, problem: Exception) -> Response:
    request.scope["state"]["code"] = "hung_up"
    return Response(status_code=HUNG_UP)


async def _of_system(request: Request, problem: Exception) -> Response:
    """A full disk is said as such; every other error of the system is a fault."""
    from pipeline.errors import DiskFull
    from pipeline.storage.whole import is_full

    assert isinstance(problem, OSError)
    if is_full(problem):
        return await _expected(request, DiskFull("The disk is full: nothing more can be kept."))
    return await _unexpected(request, problem)


async def _unexpected(request: Request, problem: Exception) -> Response:
    request.scope["state"]["code"] = Unexpected.code
    say("fault", request=id_of(request), kind=type(problem).__name__, frames=frames_of(problem))
    said = "The call met a fault of the program; the log tells more under the id of this call."
    return respond(Unexpected(said), id_of(request), headers={"X-Request-Id": id_of(request)})
