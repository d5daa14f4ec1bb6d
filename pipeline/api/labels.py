"""`/v1/labels`: a photo in, a warning for its viewers out, as an app where photos are shared would show it."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from pipeline.api import schemas, specified
from pipeline.api.answers import Options, Sender, finish, submit
from pipeline.api.forms import count_into, form_of, unless_gone
from pipeline.api.guard import Caller, needs
from pipeline.api.links import base_of
from pipeline.api.problems import id_of
from pipeline.api.service import Service, service_of
from pipeline.verdict import CAUTION
from pipeline.words.warnings import NAMES, NO_WARNING, THRESHOLD, WARNINGS, Warning, warning_of

router = APIRouter(prefix="/v1/labels", tags=["labels"])
STRONG, MODERATE = 0.9, 0.7
"""Probabilities from which an indication is called so, as `pipeline.verdict.Verdict.strength` calls it."""


@router.post(
    "",
    summary="Ask for a viewer warning",
    response_model=schemas.Label,
    responses=specified.problems(400, 408, 413, 415, 507),
    openapi_extra=specified.LABEL_BODY,
)
async def label(request: Request, caller: Annotated[Caller, Depends(needs("label"))]) -> Response:
    """Say which warning the viewers of a photo should see, in words for them; none of them calls a photo genuine.

    A file that cannot be examined is no error: its warning is that it could not be checked.
    """
    service = service_of(request)
    with service.places.hold() as hold:
        count_into(request, hold)
        async with form_of(request, "file", 1, ("threshold",)) as form:
            threshold, name = form.number("threshold", THRESHOLD), form.files[0].filename or ""
            data, since = await form.files[0].read(), time.perf_counter()
        outcome = await unless_gone(request, submit(service.batcher, name, data, Options()))
        sender = Sender(caller, id_of(request), base_of(request))
        answer = await asyncio.to_thread(finish, service, sender, name, data, outcome, Options(), since)
    return JSONResponse(warning(service, answer, threshold))


def warning(service: Service, answer: dict[str, Any], threshold: float) -> dict[str, Any]:
    """Return the warning for a photo.

    Args:
        service: whose release judged.
        answer: of the photo, see `pipeline.api.answers.finish`.
        threshold: probability from which a warning is given.
    """
    p_edited, p_deepfake, reasons = answer.get("p_edited"), answer.get("p_deepfake"), answer.get("reasons", [])
    level = warning_of(answer.get("verdict", ""), p_edited, p_deepfake, threshold, reasons)
    return {
        "level": level,
        "name": NAMES[level],
        "text": WARNINGS[level],
        "confidence": _band(level, p_edited, p_deepfake),
        "threshold": threshold,
        "remark": NO_WARNING,
        "reasons": reasons if level == "unchecked" else [],
        "error": answer.get("error"),
        "release": answer.get("release", service.release),
        "caution": CAUTION,
        "details": answer["links"]["self"] if "links" in answer else None,
    }


def _band(level: Warning, p_edited: float | None, p_deepfake: float | None) -> str | None:
    if level not in ("deepfake", "edited") or p_edited is None:
        return None
    probability = p_edited * (p_deepfake or 0.0) if level == "deepfake" else p_edited
    return "strong" if probability >= STRONG else "moderate" if probability >= MODERATE else "weak"
