"""Photos on their way into a case: handed over and kept on disk first, then examined and added one by one.

What was handed over waits in `<home>/arrivals/<case>/` until all of it is in the case, so a kill loses none of it::

    arrival.json         who handed it over, and by which release it is examined; of a past run: which of its photos
    runs/, originals/    what was handed over, as a run keeps it; not for photos of a past run, which has them itself
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.session.case_jobs import Job, Jobs
from dashboard.session.handover import Handover, Source, take
from pipeline.casebook.runs import Input, Run, Runs
from pipeline.errors import BadCase, DamagedRun, DiskFull, UnreadablePhoto
from pipeline.intake import Item
from pipeline.settings import settings
from pipeline.storage.read_json import read_json
from pipeline.storage.whole import room, write_whole

if TYPE_CHECKING:  # imported where they are used: they bring the networks
    from pipeline.casebook.adding import Arrival as Arrived
    from pipeline.casebook.case import Case

ADDING = "adding"
"""The kind of job."""
NOTE = "arrival.json"
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class Arrival:
    """What was handed over for a case.

    Attributes:
        who: handed it over.
        release: the release's name; "" for photos of a run, which were examined there.
        run: id of the run, of which the photos are, or in which they wait.
        past: it is a past run of the page Examine.
        indices: places in the run of the photos that are wanted; empty for all.
    """

    who: str
    release: str
    run: str
    past: bool = False
    indices: tuple[int, ...] = ()


@dataclass
class Added:
    """What became of what was handed over.

    Attributes:
        arrival: what it is about.
        handover: how far the taking-in is; None where there is none.
        new: photos that are in the case now and were not before.
        there: those that were in it already.
        refused: of the new ones, how many could not be examined.
        problems: what could not be added at all: its name, and why.
    """

    arrival: Arrival
    handover: Handover | None = None
    new: int = 0
    there: int = 0
    refused: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)

    def count(self, arrived: "Arrived") -> None:
        """Count a photo."""
        self.new += arrived.is_new
        self.there += not arrived.is_new
        self.refused += arrived.is_new and arrived.error is not None


def waiting_for(case: "Case") -> Arrival | None:
    """Return what was handed over and is not all in the case; None where nothing is.

    Raises:
        DamagedRun: its note cannot be read.
    """
    path = _folder(case) / NOTE
    if not path.is_file():
        return None
    note = read_json(path, DamagedRun, "arrival")
    try:
        return Arrival(**{**note, "indices": tuple(note["indices"])})
    except (KeyError, TypeError) as problem:
        raise DamagedRun(f"{path} does not tell what was handed over: {problem}.") from problem


def broken_off(case: "Case", arrival: Arrival) -> int:
    """Return how many files there were to take in, where that was killed before its end; else 0."""
    return 0 if arrival.past else _run(case, arrival).taking


def count_of(case: "Case", arrival: Arrival) -> int:
    """Return how many photos were handed over."""
    run = _run(case, arrival)
    return len(arrival.indices) or len(run.results() if arrival.past else run.inputs())


def hand_over(jobs: Jobs, case: "Case", sources: Sequence[Source], release: str) -> Job:
    """Take files in, and add what is in them; a second call while the first goes on begins nothing."""

    files = list(sources)

    def work(job: Job) -> None:
        _refuse_second(case)
        with room(_folder(case)):
            run = Runs(_folder(case)).create(release)
            arrival = Arrival(case.person.name, release, run.id)
            _note(case, arrival)
        handover = Handover(run, len(files))
        job.result = Added(arrival, handover)
        take(handover, files, lambda _: None)
        if handover.failure:
            raise DiskFull(handover.failure)
        _add(jobs, case, job)

    return _begin(jobs, case, work)


def hand_over_run(jobs: Jobs, case: "Case", run: Run, indices: Sequence[int] = ()) -> Job:
    """Take photos of a past run over, with what was found there; none are named for all of them."""

    def work(job: Job) -> None:
        _refuse_second(case)
        arrival = Arrival(case.person.name, "", run.id, True, tuple(indices))
        with room(_folder(case)):
            _note(case, arrival)
        job.result = Added(arrival)
        _add(jobs, case, job)

    return _begin(jobs, case, work)


def refuse_while_adding(jobs: Jobs, case: "Case") -> None:
    """Refuse to hand more over while photos are being added: they would be taken for those that already are.

    Raises:
        BadCase: they are.
    """
    job = jobs.of(ADDING, case.id)
    if job and job.running:
        raise BadCase("Photos are being added to this case now. Add these once that is done: nothing was added yet.")


def go_on(jobs: Jobs, case: "Case", arrival: Arrival) -> Job:
    """Go on with what waits, after a stop, a failure or a kill."""

    def work(job: Job) -> None:
        job.result = Added(arrival)
        _add(jobs, case, job)

    return _begin(jobs, case, work)


def drop(case: "Case") -> None:
    """Let go of what waits; what is in the case stays."""
    shutil.rmtree(_folder(case), ignore_errors=True)


def _begin(jobs: Jobs, case: "Case", work: Callable[[Job], None]) -> Job:
    return jobs.begin(ADDING, case.id, case.person.name, work)


def _refuse_second(case: "Case") -> None:
    if waiting_for(case):
        raise BadCase("Photos that were handed over before wait to be added: go on with them first, or let go of them.")


def _folder(case: "Case") -> Path:
    return settings().home / "arrivals" / case.id


def _note(case: "Case", arrival: Arrival) -> None:
    write_whole(_folder(case) / NOTE, json.dumps(asdict(arrival)).encode(), durable=True)


def _run(case: "Case", arrival: Arrival) -> Run:
    return (Runs() if arrival.past else Runs(_folder(case))).open(arrival.run)


def _add(jobs: Jobs, case: "Case", job: Job) -> None:
    """Add one photo after another, and let go of what was handed over once all are in."""
    added: Added = job.result
    steps = list((_steps_of_run if added.arrival.past else _steps)(case, added.arrival))
    job.progress.total = len(steps)
    for name, step in steps:
        if job.is_stopping:
            return
        try:
            with jobs.turn:
                added.count(step())
        except UnreadablePhoto as problem:  # its original is gone: the others are not
            added.problems = [*added.problems, (name, str(problem))][:MOST_PROBLEMS]
        job.progress.step()
    drop(case)


Step = tuple[str, Callable[[], "Arrived"]]
"""A photo's name, and what adds it."""


def _steps(case: "Case", arrival: Arrival) -> Iterator[Step]:
    from pipeline.casebook.adding import REFUSED_BYTES, add_item, add_outcome
    from pipeline.examining.loaded import load_cascade

    cascade, run = load_cascade(arrival.release), _run(case, arrival)
    errors = {record["index"]: record["error"] for record in run.results()}

    def step(entry: Input) -> "Arrived":
        raw = bytes.fromhex(entry.name_bytes)
        if entry.index in errors:
            return add_outcome(case, Item(entry.name, raw_name=raw), REFUSED_BYTES, "files", errors[entry.index])
        return _there(case, entry) or add_item(case, Item(entry.name, run.original(entry), raw_name=raw), cascade)

    for entry in run.inputs():
        yield entry.name, lambda entry=entry: step(entry)  # type: ignore[misc]


def _there(case: "Case", entry: Input) -> "Arrived | None":
    """Return what stands for a photo that is in the case already; so a second way through what waits is quick."""
    from pipeline.casebook.adding import Arrival as Arrived
    from pipeline.casebook.adding import find_photo

    number = find_photo(case, entry.name, entry.sha256)
    return Arrived(number, False) if number else None


def _steps_of_run(case: "Case", arrival: Arrival) -> Iterator[Step]:
    from pipeline.casebook.adding import add_from_run

    run, wanted = _run(case, arrival), set(arrival.indices)

    def step(record: dict[str, Any]) -> "Arrived":
        return add_from_run(case, run, record)

    for record in sorted(run.results(), key=lambda each: each["index"]):
        if not wanted or record["index"] in wanted:
            yield record["name"], lambda record=record: step(record)  # type: ignore[misc]
