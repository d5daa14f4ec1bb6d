"""A case's log as a table, newest first, page by page; and its timestamp by an authority."""

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, messages
from dashboard.session import route
from dashboard.views.cases.acts import say_act
from dashboard.views.cases.subject import Subject
from pipeline.casebook.log import ACTS, Entry, canonical
from pipeline.settings import settings
from pipeline.words import readable
from pipeline.words.figures import count

PAGE = 50
LONGEST = 300
TELLING = ("examined", "opinion", "refused", "tagged", "matched")
"""Acts whose facts tell of a verdict, or what another person or a list holds of a photo."""


def draw_log(subject: Subject) -> None:
    """Draw the log of a case."""
    total = subject.facts.entries
    pages = -(-total // PAGE)
    page = st.pagination(pages, key=f"log-page-{pages}") if pages > 1 else 1
    last = total - (page - 1) * PAGE
    entries = subject.case.entries(max(1, last - PAGE + 1), last)[::-1]
    rows = [_cells(entry, subject.waiting > 0) for entry in entries]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(900, 38 + 35 * len(rows)), placeholder="–", alt="Log")
    st.markdown(f"SHA-256 of the last of {count(total)} entries, the log’s head")
    st.code(subject.facts.head, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        _offer_whole(subject)
        if settings().timestamp_url:
            _offer_timestamp(subject)
    messages.how_to_read(
        "Each entry holds the SHA-256 of the one before: one that is changed, taken out or put in no longer fits. "
        "Times are UTC.",
        "Note the head elsewhere, in a report or by a timestamp: it stands for all entries up to it.",
    )


def _cells(entry: Entry, hidden: bool) -> dict[str, object]:
    is_hidden, photo = hidden and entry.act in TELLING, entry.facts.get("photo")
    about = "hidden until you gave your opinion on every photo" if is_hidden else say_act(entry)
    return {
        "number": entry.number,
        "at": entry.at,
        "who": readable.cell(entry.who),
        "act": ACTS.get(entry.act, readable.plain(entry.act)),
        "photo": photo if isinstance(photo, int) else None,
        "about": readable.cell(about[:LONGEST]),
        "SHA-256": entry.sha256,
    }


def _offer_whole(subject: Subject) -> None:
    """Offer the whole log: as it is kept and hashed, and as a table."""
    st.download_button(
        "Save the whole log as CSV",
        lambda: charts.csv_of(pd.DataFrame([_cells(entry, subject.waiting > 0) for entry in subject.case.entries()])),
        "telltale-log.csv",
        "text/csv",
        key="csv-log",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
    reason = "It tells what is hidden from you until you gave your opinion on every photo." if subject.waiting else ""
    st.download_button(
        "As JSON lines, hashes and all",
        lambda: b"".join(canonical(entry.as_dict()) + b"\n" for entry in subject.case.entries()),
        "telltale-log.jsonl",
        "application/jsonl",
        key="jsonl-log",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        disabled=bool(reason),
        help=reason or None,
    )


def _offer_timestamp(subject: Subject) -> None:
    reason, address = subject.why_not("timestamped"), markup.escaped(settings().timestamp_url)
    if st.button("Have the head timestamped", key="timestamp", disabled=bool(reason), help=reason or f"By {address}"):
        from pipeline.casebook.checks.timestamps import timestamp  # its library takes a moment

        with messages.showing_errors(), st.spinner("Asking the authority …"):
            timestamp(subject.case)
            route.refresh()
