"""`/v1/jobs`: large sets of photos, worked on after the call, with progress and a webhook at the end."""

import asyncio
import hashlib
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.datastructures import UploadFile
from starlette.responses import Response

from pipeline.api import schemas, specified
from pipeline.api.forms import Form, form_of
from pipeline.api.guard import Caller, needs
from pipeline.api.job_store import FINISHED, UPLOADS, Job, Upload, progress_of
from pipeline.api.kept import new_id
from pipeline.api.links import base_of
from pipeline.api.service import Service, service_of
from pipeline.api.webhooks import resolve
from pipeline.errors import OtherContent
from pipeline.settings import settings
from pipeline.storage.clock import stamp
from pipeline.storage.whole import room

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
May = Annotated[Caller, Depends(needs("jobs"))]
PIECE = 1 << 20
LONGEST_SUFFIX = 10


@dataclass(frozen=True)
class Made:
    """What a call that makes a job asks for.

    Attributes:
        job: as it would be made.
        files: what was handed over, in order.
    """

    job: Job
    files: tuple[UploadFile, ...]


@router.post(
    "",
    status_code=202,
    summary="Examine many photos",
    response_model=schemas.JobAnswer,
    responses=specified.problems(400, 408, 409, 413, 415, 503, 507) | specified.JOB_MADE,
    openapi_extra=specified.JOB_BODY,
)
async def make(
    request: Request,
    caller: May,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=100,
            pattern=r"^[!-~]+$",
            description="Any text of your own: the same key with the same files gives the same job, never a second.",
        ),
    ] = None,
) -> Response:
    """Take photos, or zip archives of photos, and examine them after the call; follow `Location` for progress.

    Jobs outlive a restart: nothing is examined twice or lost. Photos are deleted as soon as the job is finished.
    """
    service = service_of(request)
    with service.uploads.hold(len(service.jobs.unfinished())):
        async with form_of(request, "files", settings().api_job_files, ("webhook",), on_disk=True) as form:
            hook = await _hook(form, service)
            made = _made(form, caller, base_of(request), idempotency_key or "", hook)
            job, is_new = await asyncio.to_thread(_keep, service, made)
    service.runner.wake()
    headers = {"Location": f"{job.base}/v1/jobs/{job.id}"} | ({} if is_new else {"Idempotent-Replayed": "true"})
    return JSONResponse(progress_of(job), 202, headers)


@router.get(
    "/{job_id}",
    summary="How far a job is",
    response_model=schemas.JobAnswer,
    responses=specified.problems(404),
)
async def progress(request: Request, caller: May, job_id: schemas.JobId) -> Response:
    """Say how far a job is."""
    return JSONResponse(progress_of(service_of(request).jobs.read(job_id, caller.id)))


@router.get(
    "/{job_id}/results",
    summary="The results so far",
    response_class=StreamingResponse,
    responses=specified.problems(404) | specified.RESULTS,
)
async def results(request: Request, caller: May, job_id: schemas.JobId) -> Response:
    """Stream the results so far: JSON lines, in input order, as `python -m pipeline examine` prints them."""
    service = service_of(request)
    job = service.jobs.read(job_id, caller.id)
    lines = service.jobs.results(job.id)
    return StreamingResponse(lines, media_type=specified.JSON_LINES, headers={"X-Job-State": job.state})


@router.delete(
    "/{job_id}",
    summary="Cancel a job, or delete a finished one",
    response_model=schemas.JobAnswer,
    responses=specified.problems(404, 507),
)
async def cancel(request: Request, caller: May, job_id: schemas.JobId) -> Response:
    """Cancel a job: its photos are deleted and its results so far stay. One that is finished is deleted whole."""
    service = service_of(request)
    job = service.jobs.read(job_id, caller.id)
    if job.state in FINISHED:
        await asyncio.to_thread(service.jobs.delete, job_id)
        return JSONResponse(progress_of(job))
    hook = {"webhook": job.webhook | {"state": "not told"}} if job.webhook else {}
    job = await asyncio.to_thread(lambda: service.jobs.finish(job_id, "cancelled", **hook))
    service.runner.wake()
    return JSONResponse(progress_of(job))


async def _hook(form: Form, service: Service) -> str:
    """Return the webhook's address, "" for none, after a look at where it leads."""
    url = form.options.get("webhook")
    if url is not None:
        await resolve(url, service.webhooks.allowed)
    return url or ""


def _made(form: Form, caller: Caller, base: str, key: str, hook: str) -> Made:
    uploads = tuple(
        Upload(file.filename or "", f"{number:06d}{_suffix(file.filename or '')}", file.size or 0)
        for number, file in enumerate(form.files)
    )
    webhook = {"url": hook, "state": "waiting", "tries": 0, "last": ""} if hook else {}
    idempotency = {"key": key, "content": ""} if key else {}
    job = Job(new_id(), caller.id, stamp(time.time()), base, uploads, idempotency=idempotency, webhook=webhook)
    return Made(job, form.files)


def _suffix(name: str) -> str:
    """Return a file's ending, which tells whether a zip is meant as an archive; of a name nothing else is used."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= LONGEST_SUFFIX else ""


def _keep(service: Service, made: Made) -> tuple[Job, bool]:
    """Write a job's uploads and add it; return it or, of the same idempotency key, the one that was made before.

    Raises:
        OtherContent: the key stands for other files or another webhook.
        DiskFull: there is no room.
    """
    job, store = made.job, service.jobs
    digest = hashlib.sha256(str(job.webhook.get("url", "")).encode())
    try:
        with room(store.folder):
            folder = store.half_made(job.id) / UPLOADS
            for upload, file in zip(job.uploads, made.files, strict=True):
                digest.update(f"\n{upload.name!r} {upload.bytes}\n".encode())
                with (folder / upload.file).open("wb") as kept:
                    shutil.copyfileobj(file.file, kept, PIECE)
                with (folder / upload.file).open("rb") as kept:
                    while piece := kept.read(PIECE):
                        digest.update(piece)
            if job.idempotency:
                job = replace(job, idempotency=job.idempotency | {"content": digest.hexdigest()})
            there = store.add(job)
    finally:
        store.drop_half(made.job.id)
    if there.idempotency != job.idempotency:
        raise OtherContent("This Idempotency-Key stands for a call with other files, or another webhook.")
    return there, there.id == job.id
