"""`python -m pipeline batch`: any number of photos to parquet parts; a kill neither repeats nor loses one."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.release import read_release
from pipeline.bulk.batch_summary import BatchSummary
from pipeline.bulk.dispatch import Chunk, Crew, Start, dispatch
from pipeline.bulk.inputs import read_chunks
from pipeline.bulk.lines import write_error
from pipeline.bulk.local import Processes
from pipeline.bulk.order import Order
from pipeline.bulk.parts import Facts, done_parts, write_part
from pipeline.bulk.plan import BATCH, SUMMARY, Plan, alone, asked_of, plan_of
from pipeline.bulk.progress import BatchProgress
from pipeline.bulk.sieve import Sieve, read_sieve
from pipeline.bulk.sources import Source, gone, source_of
from pipeline.errors import BadSetting, BadSource, TriageError
from pipeline.examining.lanes import cores
from pipeline.words.figures import say

ENGINES = ("local", "ray")
GO_ON = "not everything was scored; run the same with --resume to go on"
MEMORY = {True: 500, False: 1300}
"""MB that a worker is counted with: of the quick release alone, and of any other or a sieve."""

Hire = Callable[[int, Start], Crew]
"""Gives so many workers."""


@dataclass(frozen=True)
class Batch:
    """What is asked of one call.

    Attributes:
        source: a folder, a zip archive, a list, a photo, or an address that fsspec knows.
        out: folder for the results.
        column: of a list, the one that holds paths; "" for one that is called so.
        release: by name; "" for the default.
        sieve: quick on all, thorough on what it does not pass.
        partial: whether to examine what decodes of photos that are cut short.
        resume: whether to go on with what `out` holds.
        workers: processes, or actors of a cluster; 0 for one a core, as far as memory goes.
        engine: one of `ENGINES`.
    """

    source: str
    out: Path
    column: str = ""
    release: str = ""
    sieve: bool = False
    partial: bool = False
    resume: bool = False
    workers: int = 0
    engine: str = "local"


def run(batch: Batch, start: Start | None = None) -> int:
    """Score a source; return the exit code: 0 all done, 1 some photos were refused, 2 not everything was scored.

    Args:
        batch: what is asked.
        start: loads what scores, in each worker; None for the release's own networks.

    Raises:
        TriageError: before the first photo: the source, the folder, the release or the engine cannot be used.
    """
    source, sieve = _source(batch), _sieve(batch)
    order = Order(read_release(sieve.quick if sieve else batch.release).name, sieve, batch.partial)
    hire = hire_of(batch.engine)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what is done is accounted for
    with alone(batch.out, source):
        plan = plan_of(batch.out, source, asked_of(source, order, batch.column), batch.column, batch.resume)
        if sieve:
            _say(
                f"sieve: {sieve.quick} passes a photo under p(edited) {sieve.threshold:.3f}; of what {sieve.thorough} "
                f"calls edited it sends on {say(sieve.recall, '%')}, of untouched photos {say(sieve.sent, '%')}"
            )
        summary = BatchSummary(source.place, order.release, batch.engine, sieve)
        return _score(batch, plan, order, hire, start or order.load, summary)


def hire_of(engine: str) -> Hire:
    """Return what gives an engine's workers.

    Raises:
        BadSetting: there is no such engine.
        EngineMissing: it is not installed.
    """
    if engine == "local":
        return Processes
    if engine != "ray":
        raise BadSetting(f"There is no engine named {engine!r}; there are: {', '.join(ENGINES)}.")
    from pipeline.bulk.ray_engine import Actors, require_ray

    require_ray()
    return Actors


def _source(batch: Batch) -> Source:
    """Return the source; of a batch that is gone on with also one that is gone, which each of its photos says."""
    try:
        return source_of(batch.source)
    except BadSource:
        if not (batch.resume and (batch.out / BATCH).is_file()):
            raise
        return gone(batch.source)


def _sieve(batch: Batch) -> Sieve | None:
    if not batch.sieve:
        return None
    if batch.release:
        raise BadSetting("A sieve uses both releases in use: leave out --release.")
    return read_sieve()


def _score(batch: Batch, plan: Plan, order: Order, hire: Hire, start: Start, summary: BatchSummary) -> int:
    total, done = Facts(), set[int]()
    for chunk, facts in done_parts(plan.folder):
        total.add(facts)
        done.add(chunk)
    before = sum(map(plan.inputs_of, done))
    summary.begin(total, batch.workers or default_workers(order))
    progress, since = BatchProgress(plan.inputs, before), time.monotonic()
    try:
        if before < plan.inputs:
            _work_off(plan, done, hire(min(summary.workers, plan.inputs), start), total, progress)
        summary.complete = True
    except TriageError as problem:
        _say(f"error: {problem}")
    except KeyboardInterrupt:
        _say("stopped")
    finally:
        progress.close()
        kept = _keep(summary, total, plan, time.monotonic() - since)
        _say(total.account.sentence())
    if not summary.complete or not kept:
        _say(GO_ON)
        return 2
    return 1 if total.account.refused else 0


def _work_off(plan: Plan, done: set[int], crew: Crew, total: Facts, progress: BatchProgress) -> None:
    """Score what is not done, and write each part as it comes.

    Raises:
        DiskFull, Unwritable: a part cannot be written; those before stay.
    """
    try:
        for chunk, scored in dispatch(_todo(plan, done), crew):
            try:
                write_part(plan.folder, chunk, scored)
            except OSError as problem:
                raise write_error(plan.folder, problem) from problem
            total.add(scored.facts)
            progress.add(plan.inputs_of(chunk), total.account.refused.total())
    finally:
        crew.close()


def _todo(plan: Plan, done: set[int]) -> Iterator[Chunk]:
    chunks = enumerate(read_chunks(plan.listing, plan.size))
    return ((number, inputs) for number, inputs in chunks if number not in done)


def _keep(summary: BatchSummary, total: Facts, plan: Plan, seconds: float) -> bool:
    try:
        summary.write(plan.folder / SUMMARY, total, plan, seconds)
    except OSError as problem:
        _say(f"error: {write_error(plan.folder / SUMMARY, problem)}")
        return False
    return True


def default_workers(order: Order) -> int:
    """Return one worker a core, or fewer where memory would not hold their networks."""
    quick = order.sieve is None and order.release == read_release("quick").name
    return max(1, min(cores(), _free_megabytes() // MEMORY[quick]))


def _free_megabytes() -> int:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        return int(text.split("MemAvailable:")[1].split()[0]) // 1024
    except (OSError, IndexError, ValueError):  # not Linux: one a core
        return 1 << 40


def _say(line: str) -> None:
    print(line, file=sys.stderr)
