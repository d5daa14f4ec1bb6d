"""What the page Reach keeps between two runs: files as they were read, photos of a source, both joined, thumbnails."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.session.case_pictures import encode_anew, kept_picture
from dashboard.session.evaluated_copies import as_uri
from dashboard.session.stamps import stamps_in
from pipeline.casebook.runs import Runs
from pipeline.errors import AlteredObject
from pipeline.reach.coverage import Coverage, coverage
from pipeline.reach.engagement import Engagement, read_engagement
from pipeline.reach.kept import FigureFiles
from pipeline.reach.ranking import Join, join
from pipeline.reach.scored import Scored, ScoredPhotos, scored_of_case, scored_of_run
from pipeline.reach.views import PerView
from pipeline.settings import settings

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook

CASE, RUN = "case", "run"


def engagement(sha256: str, columns: Mapping[str, str]) -> Engagement:
    """Return a file of figures, read once for all sessions as long as it is kept; treat it as read-only.

    Args:
        sha256: of its bytes.
        columns: field → heading, where its own headings do not tell.

    Raises:
        BadEngagement: it is not kept any more, or see `read_engagement`.
    """
    kept, data = FigureFiles().read(sha256)
    return _engagement(sha256, json.dumps(columns, sort_keys=True), data, kept.name)


@st.cache_resource(show_spinner=False, max_entries=8)
def _engagement(sha256: str, columns: str, _data: bytes, _name: str) -> Engagement:
    return read_engagement(_data, _name, json.loads(columns))


def scored(source: str, book: "Casebook | None") -> tuple[str, ScoredPhotos]:
    """Return a source's photos, and what changes whenever they do; read anew only then.

    Args:
        source: "case <id>" or "run <id>".
        book: the cases that the person who asks may see; None where these may not be seen.

    Raises:
        UnknownName: there is no such source.
        DamagedDatabase, DamagedRun: it cannot be read.
    """
    kind, _, name = source.partition(" ")
    if kind == CASE and book is not None:
        facts = book.facts(book.open(name))
        state = f"{source} {book.keeping.database.place} {book.person.name} {book.person.role} {facts.head}"
        return state, _of_case(state, name, book)
    run = Runs().open(name)
    state = f"{source} {stamps_in(settings().home / 'runs' / run.id)}"
    return state, _of_run(state, run.id)


@st.cache_resource(show_spinner=False, max_entries=6)
def _of_case(state: str, case_id: str, _book: "Casebook") -> ScoredPhotos:
    return scored_of_case(_book, case_id)


@st.cache_resource(show_spinner=False, max_entries=6)
def _of_run(state: str, run_id: str) -> ScoredPhotos:
    return scored_of_run(Runs().open(run_id))


def joined(
    sha256: str, columns: Mapping[str, str], source: str, book: "Casebook | None", per_view: PerView
) -> tuple[Join, Coverage]:
    """Return a file's figures and a source's photos brought together, and what warnings cover; once for all sessions.

    Raises:
        TriageError: see `engagement` and `scored`.
    """
    read = engagement(sha256, columns)
    state, photos = scored(source, book)
    key = json.dumps([sha256, sorted(columns.items()), state, astuple(per_view)])
    return _joined(key, read, photos, per_view)


@st.cache_resource(show_spinner=False, max_entries=8)
def _joined(key: str, _read: Engagement, _photos: ScoredPhotos, _per_view: PerView) -> tuple[Join, Coverage]:
    both = join(_read, _photos, _per_view)
    return both, coverage(both)


def thumbnail(source: str, photo: Scored, book: "Casebook | None") -> str:
    """Return a photo's small picture, decoded and encoded anew, as a data URI; "" where there is none to be shown."""
    kind, _, name = source.partition(" ")
    with suppress(AlteredObject, OSError):
        if kind == CASE and book is not None and photo.thumbnail:
            data = kept_picture(book, photo.thumbnail)
            return as_uri(data, "png" if data.startswith(b"\x89PNG") else "jpeg")
        if kind == RUN and (path := Runs().open(name).thumbnail(photo.number)):
            return _run_thumbnail(str(path), path.stat().st_mtime_ns)
    return ""


@st.cache_resource(show_spinner=False, max_entries=600)
def _run_thumbnail(path: str, changed: int) -> str:
    from pathlib import Path

    return as_uri(encode_anew(Path(path).read_bytes()), "jpeg")


def forget() -> None:
    """Let go of what was read of files of figures, as after forgetting one."""
    _engagement.clear()
    _joined.clear()
