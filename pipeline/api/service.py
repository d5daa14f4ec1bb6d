"""`Service`: what all calls share while the service runs, from its start to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from pipeline.api.batching import Batcher
from pipeline.api.job_runner import JobRunner
from pipeline.api.job_store import JobStore
from pipeline.api.kept import Kept
from pipeline.api.keys import Keys
from pipeline.api.limits import UPLOADS_AT_ONCE, Buckets, Places, Uploads
from pipeline.api.logs import say
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
    limits, folder = settings(), settings().home / "api"
    cascade = await asyncio.to_thread(load_cascade)
    batcher = Batcher(cascade, metrics)
    keys, jobs = Keys(folder), JobStore(folder / "jobs", limits.api_keep_hours)
    keys.known()
    places = Places(limits.api_queue, _held_bytes(), lambda: batcher.pace)
    webhooks = Webhooks(jobs, keys, limits.api_webhook_hosts)
    runner = JobRunner(jobs, batcher, metrics, webhooks.after(asyncio.get_running_loop()))
    kept = Kept(folder / "examinations", limits.api_keep_hours)
    buckets, uploads = Buckets(limits.api_rate), Uploads(UPLOADS_AT_ONCE, limits.api_jobs)
    service = Service(open_here, metrics, keys, buckets, places, uploads, kept, jobs, batcher, runner, webhooks)
    webhooks.resume()
    runner.start()
    sweeper = asyncio.create_task(_sweep(kept, jobs))
    say("started", release=service.release, open_here=open_here and not keys.known(), home=str(folder))
    try:
        yield service
    finally:
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        await asyncio.to_thread(runner.stop)
        await webhooks.stop()
        await asyncio.to_thread(batcher.stop)
        say("ended", jobs_left=len(jobs.unfinished()))


def _held_bytes() -> int:
    """Return how many bytes may be held: never so few that a call that is allowed would not fit."""
    return 1_000_000 * max(settings().api_held_megabytes, settings().api_megabytes)


async def _sweep(kept: Kept, jobs: JobStore) -> None:
    while True:
        deleted = await asyncio.to_thread(kept.sweep) + await asyncio.to_thread(jobs.sweep)
        if deleted:
            say("swept", deleted=deleted)
        await asyncio.sleep(SWEEP_EVERY)


def incoming() -> Path:
    """Return the folder where large bodies wait while they come in; files there have no names."""
    folder = settings().home / "api" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
