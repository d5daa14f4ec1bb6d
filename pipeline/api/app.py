"""`create_app`: the service as an ASGI app, from its start to its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from pipeline.api import about, examinations, jobs, labels, problems, schemas
from pipeline.api.edge import Edge
from pipeline.api.guard import Caller, needs
from pipeline.api.metrics import Metrics
from pipeline.api.service import running
from pipeline.verdict import CAUTION

VERSION = "1"
DESCRIPTION = f"""Tells whether face photos were edited: stage 1 edited or not, stage 2 deepfake or retouching.
It never says that a photo is genuine. {CAUTION}

Every call but the two probes takes a key as `Authorization: Bearer KEY`, unless none was made and the service listens
on this machine only. Errors are problem details (RFC 9457). The guide is `docs/api.md`."""


def create_app(open_here: bool = False) -> Edge:
    """Return the service; it starts with the lifespan of the app.

    Args:
        open_here: it listens on this machine only, where no key is needed until one is made.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(open_here, metrics) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="Telltale",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from the network
        redoc_url=None,
        openapi_url=None,  # below, with a key
        redirect_slashes=False,
    )
    for part in (examinations, labels, jobs, about):
        app.include_router(part.router)
    problems.install(app)
    _specify(app)
    return Edge(app, metrics)


def _specify(app: FastAPI) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request, caller: Annotated[Caller, Depends(needs())]) -> Response:
        """Return the specification."""
        return JSONResponse(specification(app))


def specification(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI specification, with examples; the framework's own form of errors is not among it."""
    whole = app.openapi()
    parts = whole["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        parts.pop(name, None)
    parts["Problem"] = schemas.Problem.model_json_schema()
    for model in (schemas.Photo, schemas.Examinations, schemas.Label, schemas.JobAnswer):
        parts[model.__name__]["examples"] = model.model_json_schema()["examples"]  # its framework leaves out nulls
    return whole
