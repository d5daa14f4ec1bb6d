"""What is answered for one photo: the record of the command line, with what the service adds to it."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from pipeline.api.batching import Batcher, Outcome
from pipeline.api.guard import Caller
from pipeline.api.kept import new_id
from pipeline.api.logs import frames_in, say
from pipeline.api.problems import describe
from pipeline.api.service import Service
from pipeline.attempt import attempt
from pipeline.casebook.adding import add_outcome
from pipeline.casebook.case import Case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.stored import sound
from pipeline.errors import TriageError, Unexpected, UnsafeArchive
from pipeline.evidence.scan import look_at
from pipeline.examination import Examination
from pipeline.intake import Item, is_zip
from pipeline.pictures.overlay import overlay, overlay_png
from pipeline.records import failure
from pipeline.verdict import CAUTION
from pipeline.words.verdicts import headline, where

SOURCE = "api"
"""Where photos that the service stores in a case come from, as its log says."""


@dataclass(frozen=True)
class Options:
    """What is asked for beside the verdict.

    Attributes:
        heatmap: a map for each face, and the decisive one's as a picture.
        evidence: what the other signals show.
        partial: examine what is left of a photo that is cut short.
        case: where photos are stored; None for nowhere.
    """

    heatmap: bool = False
    evidence: bool = False
    partial: bool = False
    case: Case | None = None


@dataclass(frozen=True)
class Sender:
    """Whose call it is, and where its links lead.

    Attributes:
        caller: who calls.
        request_id: of the call.
        base: the service's address, without a slash at its end.
    """

    caller: Caller
    request_id: str
    base: str


def submit(batcher: Batcher, name: str, data: bytes, options: Options) -> "asyncio.Future[Outcome]":
    """Queue a photo; a zip archive is refused at once, as only jobs take them."""
    if is_zip(name, data):
        refused = asyncio.get_running_loop().create_future()
        refused.set_result(UnsafeArchive("A zip archive is taken as a job: POST /v1/jobs."))
        return refused
    return asyncio.wrap_future(batcher.submit(data, options.heatmap, options.partial))


def open_case(caller: Caller, name: str) -> Case | None:
    """Return the case that photos are to be stored in; None where none is named.

    Raises:
        UnknownName: there is none that the caller may see.
        NoScope: the key may not store photos in cases.
        NotAllowed: the caller may see the case, and add no photos to it.
    """
    if not name:
        return None
    caller.need("cases")
    book = Casebook(caller.person())
    case = book.open(name)
    book.person.need("added", book.role(case), case.name)  # before bytes are kept that nothing would refer to
    return case


def finish(
    service: Service, sender: Sender, name: str, data: bytes, outcome: Outcome, options: Options, since: float
) -> dict[str, Any]:
    """Return the answer for a photo, kept for some hours, and stored in a case where that is asked.

    Args:
        service: where it is kept.
        sender: whose it is.
        name: of the file, as it was handed over.
        data: its bytes.
        outcome: what was found, or why nothing was.
        options: what is asked for.
        since: `time.perf_counter()` when the photo was taken on.
    """
    answer: dict[str, Any] | TriageError
    try:
        if isinstance(outcome, Examination):
            answer = attempt("The photo", _examined, service, sender, name, data, outcome, options, since)
        else:
            answer = attempt("The photo", _failed, name, data, outcome, options)
    except TriageError as problem:
        answer = problem
    if isinstance(answer, Unexpected) and answer is not outcome:  # the outcome's own was told where it was met
        say("fault", where="answer", request=sender.request_id, frames=frames_in(answer.trace))
    if isinstance(answer, TriageError):
        return {"path": name, "error": describe(answer, sender.request_id)}
    return answer


def _failed(name: str, data: bytes, outcome: TriageError, options: Options) -> TriageError:
    """Return why a photo could not be examined, stored in a case where that is asked."""
    if options.case:
        add_outcome(options.case, *_kept_bytes(options.case, name, data), SOURCE, failure(outcome))
    return outcome.bare()


def _examined(
    service: Service,
    sender: Sender,
    name: str,
    data: bytes,
    examination: Examination,
    options: Options,
    since: float,
) -> dict[str, Any]:
    sound(examination)
    own_id, picture = new_id(), _picture(examination) if options.heatmap else None
    self_link = f"{sender.base}/v1/examinations/{own_id}"
    answer = {"path": name} | examination.as_dict()
    answer |= {
        "id": own_id,
        "headline": headline(examination.verdict),
        "caution": CAUTION,
        "where": _where(examination) if options.heatmap else None,
        "evidence": _evidence(examination, name) if options.evidence else None,
        "case": _store(options.case, name, data, examination) if options.case else None,
        "expires": service.kept.expires(),
        "links": {"self": self_link, "heatmap": f"{self_link}/heatmap.png" if picture else None},
        "ms": round((time.perf_counter() - since) * 1000),
    }
    service.kept.keep(own_id, sender.caller.id, answer, picture)
    return answer


def _picture(examination: Examination) -> bytes | None:
    face = examination.decisive
    if face is None or not face.heatmaps:
        return None
    painted = overlay(examination.photo, face.heatmaps[0])
    return overlay_png(painted, face.heatmaps[0], examination.photo.sha256, examination.notes, compression=1)


def _where(examination: Examination) -> str:
    face = examination.decisive
    return where(face) if face else "No heatmap was made, as no face was found."


def _evidence(examination: Examination, name: str) -> list[dict[str, Any]]:
    """Return what each signal shows; facts that tell where or who somebody is are named, and their values kept back."""
    findings = look_at(examination.photo, name, [face.face.box for face in examination.faces])
    records = [finding.as_dict() for finding in findings]
    for record in records:
        for fact in record["facts"]:
            fact["value"] = None if fact["private"] else fact["value"]
    return records


def _kept_bytes(case: Case, name: str, data: bytes) -> tuple[Item, str]:
    """Keep a photo's bytes with its case; return the two things that an arrival begins with."""
    return Item(name, data), case.keeping.originals.keep(data)


def _store(case: Case, name: str, data: bytes, examination: Examination) -> dict[str, Any]:
    """Store a photo in a case; that its verdict was answered is logged, as whoever asked has seen it."""
    arrival = add_outcome(case, *_kept_bytes(case, name, data), SOURCE, examination)
    case.open(arrival.number)
    return {"id": case.id, "photo": arrival.number, "is_new": arrival.is_new}
