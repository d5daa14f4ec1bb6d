"""`Service`: what all calls share while the service runs, from its start to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from pipeline.api.batching import Batcher
from pipeline.api.job_runner import JobRunner
from pipeline.api.job_store import JobStore
from pipeline.api.kept import Kept
from pipeline.api.keys import Keys
from pipeline.api.limits import UPLOADS_AT_ONCE, Buckets, Places, Uploads
from pipeline.api.logs import frames_of, say
from pipeline.api.metrics import Metrics
from pipeline.api.webhooks import Webhooks
from pipeline.examining.loaded import load_cascade
from pipeline.settings import settings

SWEEP_EVERY = 600.0
"""Seconds between two looks for what is too old."""


@dataclass
class Service:
    """What all calls share.

    Attributes:
        open_here: listening on this machine only, where no key is needed until one is made.
        metrics, keys, buckets, places, uploads, kept, jobs, runner, webhooks, batcher: see their modules; the last
            four only while it runs.
    """

    open_here: bool
    metrics: Metrics
    keys: Keys
    buckets: Buckets
    places: Places
    uploads: Uploads
    kept: Kept
    jobs: JobStore
    batcher: Batcher
    runner: JobRunner
    webhooks: Webhooks

    @property
    def release(self) -> str:
        """Name of the release that judges."""
        return self.batcher.cascade.release.name


def service_of(request: Request) -> Service:
    """Return the service that answers a call."""
    service: Service = request.app.state.service
    return service


@asynccontextmanager
async def running(open_here: bool, metrics: Metrics) -> AsyncIterator[Service]:
    """Start the service; at the end finish what was taken on, and leave jobs so that the next start goes on with them.

    Args:
        open_here: see `Service`.
        metrics: where calls are counted.

    Raises:
        TriageError: the release cannot be used, or the keys cannot be read.
    """
    async with AsyncExitStack() as ends:  # the last to start is stopped first, whatever another's stop raised
        service = await _made(open_here, metrics, ends)
        service.webhooks.resume()
        ends.push_async_callback(service.webhooks.stop)
        service.runner.start()
        ends.push_async_callback(asyncio.to_thread, service.runner.stop)
        sweeper = asyncio.create_task(_sweep(service.kept, service.jobs))
        sweeper.add_done_callback(_tell)
        ends.push_async_callback(_end, sweeper)
        home = str(settings().home / "api")
        say("started", release=service.release, open_here=open_here and not service.keys.known(), home=home)
        yield service


async def _made(open_here: bool, metrics: Metrics, ends: AsyncExitStack) -> Service:
    """Return the service with what is not started yet: all but the batcher, whose end is told to the stack."""
    limits, folder = settings(), settings().home / "api"
    cascade = await asyncio.to_thread(load_cascade)
    keys, jobs = Keys(folder), JobStore(folder / "jobs", limits.api_keep_hours)
    keys.known()
    ends.callback(lambda: say("ended", jobs_left=len(jobs.unfinished())))
    batcher = Batcher(cascade, metrics)
    ends.push_async_callback(asyncio.to_thread, batcher.stop)
    places = Places(_held_photos(), _held_bytes(), lambda: batcher.pace)
    webhooks = Webhooks(jobs, keys, limits.api_webhook_hosts)
    runner = JobRunner(jobs, batcher, metrics, webhooks.after(asyncio.get_running_loop()))
    kept = Kept(folder / "examinations", limits.api_keep_hours)
    buckets, uploads = Buckets(limits.api_rate), Uploads(UPLOADS_AT_ONCE, limits.api_jobs)
    return Service(open_here, metrics, keys, buckets, places, uploads, kept, jobs, batcher, runner, webhooks)


def _held_photos() -> int:
    """Return how many photos may be held: never so few that a call that is allowed would not fit."""
    return max(settings().api_queue, settings().api_files)


def _held_bytes() -> int:
    """Return how many bytes may be held: never so few that a call that is allowed would not fit."""
    return 1_000_000 * max(settings().api_held_megabytes, settings().api_megabytes)


async def _sweep(kept: Kept, jobs: JobStore) -> None:
    while True:
        deleted = await asyncio.to_thread(_swept, kept) + await asyncio.to_thread(_swept, jobs)
        if deleted:
            say("swept", deleted=deleted)
        await asyncio.sleep(SWEEP_EVERY)


def _swept(store: Kept | JobStore) -> int:
    """Delete what is too old in a store; return how much. What the system refuses now it may allow the next time."""
    try:
        return store.sweep()
    except OSError as problem:
        say("fault", where="sweep", kind=type(problem).__name__, frames=frames_of(problem))
        return 0


def _tell(sweeper: "asyncio.Task[None]") -> None:
    """Say at once what ended a task that was not to end."""
    if not sweeper.cancelled() and (problem := sweeper.exception()):
        say("fault", where="sweep", kind=type(problem).__name__, frames=frames_of(problem))


async def _end(sweeper: "asyncio.Task[None]") -> None:
    """End a task; what ended it before is not raised again."""
    sweeper.cancel()
    await asyncio.wait([sweeper])


def incoming() -> Path:
    """Return the folder where large bodies wait while they come in; files there have no names."""
    folder = settings().home / "api" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
