"""What the service says of itself: its releases, that it is there, that it is ready, its figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from models.in_use import word_of
from models.release import read_release, release_names
from pipeline.api import schemas, specified
from pipeline.api.guard import Caller, needs
from pipeline.api.metrics import CONTENT_TYPE
from pipeline.api.service import service_of
from pipeline.errors import Busy

router = APIRouter()
FIGURES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
UNREADY = specified.problems(503)
PROBE: dict[int | str, dict[str, Any]] = {status: UNREADY[status] for status in (500, 503)}


@router.get(
    "/v1/releases",
    tags=["releases"],
    summary="All releases",
    response_model=schemas.Releases,
    responses=specified.problems(),
)
def releases(request: Request, caller: Annotated[Caller, Depends(needs())]) -> Response:
    """Say which releases there are, and which of them judges here."""
    serves = service_of(request).release
    every = [
        {"name": each.name, "word": word_of(each.name), "date": each.date, "notes": each.notes, "sha256": each.sha256}
        | {"serves": each.name == serves}
        for each in map(read_release, release_names())
    ]
    return JSONResponse({"serves": serves, "releases": every})


@router.get("/healthz", tags=["probes"], summary="Is it there?", response_model=schemas.Health, responses=PROBE)
async def healthz(request: Request) -> Response:
    """Say that the service is there. Takes no key."""
    return JSONResponse({"status": "ok", "release": service_of(request).release})


@router.get("/readyz", tags=["probes"], summary="Is it ready?", response_model=schemas.Health, responses=PROBE)
async def readyz(request: Request) -> Response:
    """Say that photos are taken and examined. Takes no key."""
    service = service_of(request)
    if not (service.batcher.works and service.runner.works):
        raise Busy("The service is ending, or a part of it has failed: see its log.", 5)
    service.keys.known()
    return JSONResponse({"status": "ready", "release": service.release})


@router.get(
    "/metrics",
    tags=["probes"],
    summary="The service's own figures",
    response_class=Response,
    responses=specified.problems() | FIGURES,
)
async def metrics(request: Request, caller: Annotated[Caller, Depends(needs("metrics"))]) -> Response:
    """Return the service's own figures, for Prometheus."""
    service = service_of(request)
    service.metrics.held.set(service.places.held)
    return Response(service.metrics.text(), headers={"content-type": CONTENT_TYPE})
