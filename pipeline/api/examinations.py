"""`/v1/examinations`: one photo or many, examined while the call waits."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from pipeline.api import schemas, specified
from pipeline.api.answers import Options, Sender, finish, open_case, submit
from pipeline.api.batching import TOGETHER, TOGETHER_BYTES, Outcome
from pipeline.api.forms import Form, count_into, form_of, unless_gone
from pipeline.api.guard import Caller, needs
from pipeline.api.links import base_of
from pipeline.api.problems import id_of
from pipeline.api.service import Service, service_of
from pipeline.examination import Examination
from pipeline.settings import settings
from pipeline.verdict import CAUTION

router = APIRouter(prefix="/v1/examinations", tags=["examinations"])
OPTIONS = ("heatmap", "evidence", "partial", "case")
May = Annotated[Caller, Depends(needs("examine"))]
AHEAD = 2 * TOGETHER
"""Photos of one call that are queued at once: a batch, and the next one."""
MayRead = Annotated[Caller, Depends(needs("examine", "label"))]


@router.post(
    "",
    summary="Examine photos",
    response_model=schemas.Examinations,
    responses=specified.problems(400, 404, 408, 409, 413, 415, 507),
    openapi_extra=specified.EXAMINATION_BODY,
)
async def examine(request: Request, caller: May) -> Response:
    """Examine one photo or many, and answer in their order. A file that is no photo has its error in its place."""
    service = service_of(request)
    with service.places.hold() as hold:
        count_into(request, hold)
        async with form_of(request, "files", settings().api_files, OPTIONS) as form:
            hold.take(photos=len(form.files) - 1)
            options = await _options(form, caller)
            sender = Sender(caller, id_of(request), base_of(request))
            photos = await unless_gone(request, asyncio.ensure_future(_all(service, sender, form, options)))
    return JSONResponse({"release": service.release, "caution": CAUTION, "photos": photos})


async def _options(form: Form, caller: Caller) -> Options:
    case = await asyncio.to_thread(open_case, caller, form.options.get("case", ""))
    return Options(form.flag("heatmap"), form.flag("evidence"), form.flag("partial"), case)


async def _all(service: Service, sender: Sender, form: Form, options: Options) -> list[dict[str, Any]]:
    """Queue photos, not too far ahead, and finish them in their order: so a case numbers them too."""
    since, answers = time.perf_counter(), list[dict[str, Any]]()
    files = deque([(file.filename or "", await file.read()) for file in form.files])
    asked = deque[tuple[str, bytes, asyncio.Future[Outcome]]]()
    try:
        while files or asked:
            while files and len(asked) < AHEAD and _pixels_of(asked) < TOGETHER_BYTES:
                name, data = files.popleft()
                asked.append((name, data, submit(service.batcher, name, data, options)))
            name, data, outcome = asked.popleft()  # held by nothing else, so that its pixels go as soon as it is told
            with_facts = partial(finish, service, sender, name, data, options=options, since=since)
            answers.append(await asyncio.to_thread(with_facts, outcome=await outcome))
    finally:
        for _, _, outcome in asked:  # of a client that went away; what is done stays so
            outcome.cancel()
    return answers


def _pixels_of(asked: Iterable[tuple[str, bytes, asyncio.Future[Outcome]]]) -> int:
    """Return how many bytes of pixels those photos hold that are done and not told."""
    done = [one.result() for _, _, one in asked if one.done() and not one.cancelled()]
    return sum(one.photo.rgb.nbytes for one in done if isinstance(one, Examination))


@router.get(
    "/{examination_id}",
    summary="An examination, until it expires",
    response_model=schemas.Photo,
    responses=specified.problems(404),
)
async def read(request: Request, caller: MayRead, examination_id: schemas.ExaminationId) -> Response:
    """Return what was answered of a photo. It belongs to the key that asked for it."""
    return JSONResponse(await asyncio.to_thread(service_of(request).kept.read, examination_id, caller.id))


@router.get(
    "/{examination_id}/heatmap.png",
    summary="Its heatmap",
    response_class=Response,
    responses=specified.problems(404) | specified.HEATMAP,
)
async def heatmap(request: Request, caller: MayRead, examination_id: schemas.ExaminationId) -> Response:
    """Return the heatmap of the face that decides, over the photo in grey, as PNG."""
    data = await asyncio.to_thread(service_of(request).kept.heatmap, examination_id, caller.id)
    return Response(data, media_type="image/png")


@router.delete(
    "/{examination_id}",
    status_code=204,
    summary="Delete an examination",
    response_class=Response,
    responses=specified.problems(404),
)
async def delete(request: Request, caller: MayRead, examination_id: schemas.ExaminationId) -> Response:
    """Delete an examination before its time. What was stored in a case stays there."""
    await asyncio.to_thread(service_of(request).kept.delete, examination_id, caller.id)
    return Response(status_code=204)
