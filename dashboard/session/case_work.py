"""Jobs about whole cases: verified, handed out as archive or report, taken over from an archive; lists of hashes."""

import csv
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.session.case_jobs import Job, Jobs
from pipeline.errors import TriageError
from pipeline.records import defuse
from pipeline.settings import settings
from pipeline.storage.clock import now
from pipeline.storage.whole import room

if TYPE_CHECKING:  # imported where they are used: they bring the database's library
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import Casebook, CaseFacts
    from pipeline.casebook.checks.check import Check
    from pipeline.casebook.known import KnownList
    from pipeline.casebook.known_hashes import KnownHash
    from pipeline.storage.foreign_tables import Remark

VERIFYING, IMPORTING, LISTING = "verifying", "importing", "listing"
"""Kinds of job; the last two belong to a person and not to a case."""
FORMS = {"archive": ".zip", "PDF report": ".pdf", "HTML report": ".html"}
"""What a case can be handed out as → how the file's name ends."""
MOST_CHECKS = 1000
"""Checks that are shown; the CSV has all."""
LONGEST_NAME = 100
"""Letters of a file's name that are kept where it is written under that name."""
SIGNS = {True: "holds", False: "does not hold", None: "could not be checked"}


@dataclass
class Checked:
    """What a verification saw so far.

    Attributes:
        entries: how many entries the log had when it was begun.
        at: when that was, UTC, ISO 8601.
        rerun: every photo is examined anew, too.
        path: CSV of all checks.
        counts: whether it holds → how many.
        failed: what does not hold, or could not be checked: the first of it.
        held: what holds: the first of it.
    """

    entries: int
    at: str
    rerun: bool
    path: Path
    counts: dict[bool | None, int] = field(default_factory=lambda: {True: 0, False: 0, None: 0})
    failed: list["Check"] = field(default_factory=list)
    held: list["Check"] = field(default_factory=list)

    def add(self, check: "Check") -> None:
        """Count a check."""
        self.counts[check.holds] += 1
        kept = self.held if check.holds else self.failed
        if len(kept) < MOST_CHECKS:
            kept.append(check)


@dataclass
class HandedOut:
    """What a case is handed out as.

    Attributes:
        path: the file.
        entries: how many entries the log had when it was begun.
        deleted: how many photos of the case were deleted by then.
        private: it tells what tells where or who somebody is.
        sha256: of the file; "" while it is made.
    """

    path: Path
    entries: int
    deleted: int
    private: bool = False
    sha256: str = ""


@dataclass(frozen=True)
class KeptList:
    """A list of known hashes that was kept.

    Attributes:
        known: the list.
        bad: the first of the rows that could not be read.
        bad_rows: how many there were.
    """

    known: "KnownList"
    bad: "Sequence[Remark]"
    bad_rows: int


def verify(jobs: Jobs, case: "Case", facts: "CaseFacts", rerun: bool) -> Job:
    """Verify a case; a second call while that goes on begins nothing.

    Args:
        jobs: of the process.
        case: the case.
        facts: what is known of it now.
        rerun: also examine every photo anew.
    """
    checked = Checked(facts.entries, now(), rerun, _folder(case.id) / "checks.csv")

    def work(job: Job) -> None:
        from pipeline.casebook.checks.verify import verify_case

        job.progress.total = facts.total * (1 + rerun)
        with _table(checked.path) as write:
            for check in verify_case(case, rerun):
                checked.add(check)
                write([SIGNS[check.holds], check.what, check.says])
                if check.what.endswith((": original", ": verdict")):
                    job.progress.step()
                if job.is_stopping:
                    return
        job.progress.done = job.progress.total

    return jobs.begin(VERIFYING, case.id, case.person.name, work, checked)


@contextmanager
def _table(path: Path) -> Iterator[Callable[[list[str]], None]]:
    with room(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["result", "what", "seen"])
            yield lambda row: writer.writerow([defuse(cell) for cell in row])


def hand_out(jobs: Jobs, case: "Case", facts: "CaseFacts", form: str, private: bool = False) -> Job:
    """Make a case's archive or report; a second call while that goes on begins nothing.

    Args:
        jobs: of the process.
        case: the case.
        facts: what is known of it now.
        form: a key of `FORMS`.
        private: a report also tells what tells where or who somebody is.
    """
    path = _folder(case.id) / f"{form.split()[0].lower()}{FORMS[form]}"
    made = HandedOut(path, facts.entries, facts.deleted, private)

    def work(job: Job) -> None:
        if form == "archive":
            from pipeline.casebook.archive import export_case

            made.sha256 = export_case(case, made.path, job.report)
        else:
            from pipeline.casebook.report.write import write_report

            made.sha256 = write_report(case, made.path, private, job.report)

    return jobs.begin(form, case.id, case.person.name, work, made)


def forget_hand_outs(jobs: Jobs, case_id: str) -> None:
    """Let go of all files that were made of a case, also before a restart: a photo that is in them was deleted since.

    While one is being made none is touched; once it is done, it is seen that it is of an earlier state.
    """
    if any(job.running for form in FORMS if (job := jobs.of(form, case_id))):
        return
    for form in FORMS:
        jobs.forget(form, case_id)
    shutil.rmtree(_folder(case_id), ignore_errors=True)


def examine_again(jobs: Jobs, case: "Case", number: int, release: str) -> Job:
    """Examine a photo once more, by a release of this machine; what was found before stays in the log.

    Args:
        jobs: of the process.
        case: the case.
        number: the photo's.
        release: the release's name.
    """

    def work(_: Job) -> None:
        from pipeline.casebook.adding import examine_again as again
        from pipeline.examining.loaded import load_cascade

        cascade = load_cascade(release)
        with jobs.turn:
            again(case, number, cascade)

    return jobs.begin(again_of(number), case.id, case.person.name, work)


def again_of(number: int) -> str:
    """Return the kind of job that examines a photo once more."""
    return f"examining {number}"


def take_over(jobs: Jobs, book: "Casebook", name: str, data: bytes) -> Job:
    """Take a case over from an archive that was handed over; the job's result is then the case's id.

    Args:
        jobs: of the process.
        book: to take it into.
        name: of the file, for messages.
        data: its bytes.
    """

    def work(job: Job) -> None:
        from pipeline.casebook.archive import import_case

        with _on_disk(name, data) as path:
            job.result = import_case(book, path, job.report).id

    return jobs.begin(IMPORTING, book.person.name, book.person.name, work)


def keep_list(jobs: Jobs, book: "Casebook", list_name: str, name: str, data: bytes) -> Job:
    """Keep a list of known hashes; the job's result is then a `KeptList`.

    Args:
        jobs: of the process.
        book: to keep it in.
        list_name: what the list is called.
        name: of the file, for messages.
        data: its bytes, CSV.

    Raises:
        NotAllowed: the person may only look.
    """
    book.person.need("matched", book.person.role, list_name)

    def work(job: Job) -> None:
        from pipeline.casebook.known import put_list
        from pipeline.casebook.known_hashes import read_known_hashes

        with _on_disk(name, data) as path:
            listed = read_known_hashes(path)
            kept = put_list(book.keeping.database, list_name, _counted(job, listed))
            job.result = KeptList(kept, listed.bad, listed.bad_rows)

    return jobs.begin(LISTING, book.person.name, book.person.name, work)


def _counted(job: Job, hashes: "Iterable[KnownHash]") -> "Iterator[KnownHash]":
    for number, each in enumerate(hashes, 1):
        job.progress.done = number
        yield each


@contextmanager
def _on_disk(name: str, data: bytes) -> Iterator[Path]:
    """Give a file with these bytes; what is said of it is said of the file that was handed over."""
    folder = settings().home / "handed-over" / secrets.token_hex(8)
    path = folder / (re.sub(r"[^\w.-]+", "-", name)[-LONGEST_NAME:].lstrip(".-") or "file")
    try:
        with room(folder):
            folder.mkdir(parents=True)
            path.write_bytes(data)
        yield path
    except TriageError as problem:
        raise type(problem)(str(problem).replace(f"{folder}/", "")) from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder(case_id: str) -> Path:
    return settings().home / "hand-outs" / case_id
