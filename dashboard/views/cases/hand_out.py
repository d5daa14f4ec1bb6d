"""Handing a case over: an archive that another installation verifies, and a report as PDF or HTML."""

import streamlit as st

from dashboard.kit import messages
from dashboard.session import case_work, cases
from dashboard.session.case_jobs import Job
from dashboard.session.case_work import FORMS, HandedOut
from dashboard.views.cases.jobs_shown import draw_job
from dashboard.views.cases.subject import Subject
from pipeline.words import numbers, readable
from pipeline.words.figures import count

MEANINGS = {
    "archive": "The whole case as one file: its log, the originals byte by byte, all that was found. Another "
    "installation takes it over and verifies it.",
    "PDF report": "For people who read: what was asked and what was not, each photo with its facts, verdict, heatmap, "
    "evidence and opinions, the release’s card, how to verify. The same record always gives the same bytes.",
    "HTML report": "The same as a single page for the browser; nothing in it is loaded from the network.",
}
KINDS = {".zip": "application/zip", ".pdf": "application/pdf", ".html": "text/html"}
MOST_HTML = 1000
"""Photos whose page, of about 300 kB each, a browser still opens."""
LARGEST = 1_000_000_000
"""Bytes of a file that are handed to the browser; a larger one is taken from the folder."""


def draw_hand_out(subject: Subject) -> None:
    """Draw what the case can be handed over as, how far that is, and what there is to take away."""
    reason = subject.why_not("exported") or ("" if subject.facts.total else "The case has no photos yet.")
    if subject.waiting:
        st.warning(
            "Reports and archives tell all verdicts and opinions, also those that are hidden from you here. The log "
            "keeps that you took one.",
            icon=":material/visibility:",
        )
    private = st.toggle(
        "Reports also tell what tells where or who somebody is",
        key="report-private",
        help="GPS positions, serial numbers and names that stand in a file’s metadata. The log keeps that they were "
        "told.",
    )
    for form, column in zip(FORMS, st.columns(len(FORMS)), strict=True):
        with column, st.container(border=True):
            st.markdown(f"##### {form[0].upper()}{form[1:]}")
            st.caption(MEANINGS[form])
            if form == "HTML report" and subject.facts.total > MOST_HTML:
                st.caption(f"Of over {count(MOST_HTML)} photos it grows too large for most browsers: take the PDF.")
            _draw_form(subject, form, reason, private and form != "archive")
    messages.how_to_read(
        "The SHA-256 under a file is in the case’s log, too: give it to the receiver by another way than the file.",
        "`python -m pipeline verify FILE` tells the receiver of an archive whether all of it holds.",
    )


def _draw_form(subject: Subject, form: str, reason: str, private: bool) -> None:
    job = cases.jobs().of(form, subject.case.id)
    reason = reason or ("It is being made." if job and job.running else "")
    st.button(
        f"Make the {form}",
        key=f"make-{form}",
        disabled=bool(reason),
        help=reason or None,
        on_click=_make,
        args=(subject, form, private),
    )
    if job:
        what = "files" if form == "archive" else "photos"
        draw_job(f"make-{form}", job, "Written", what, lambda: _draw_made(subject, form, job), stops=False)


def _make(subject: Subject, form: str, private: bool) -> None:
    case_work.hand_out(cases.jobs(), subject.case, subject.facts, form, private)


def _draw_made(subject: Subject, form: str, job: Job) -> None:
    made: HandedOut = job.result
    if not made.path.is_file():
        st.caption("The file that was made is gone: make it again.")
        return
    size = made.path.stat().st_size
    told = " With what tells where or who somebody is." if made.private else ""
    if subject.changed_since(made.entries):
        st.warning("The case was changed since this was made: make it again.", icon=":material/history:")
    st.caption(f"Made: {numbers.size(size)}.{told} Its SHA-256:")
    st.code(made.sha256, language=None, wrap_lines=True)
    if size > LARGEST:
        st.info(f"It is too large for the browser. It lies on the machine that runs Telltale:\n\n`{made.path}`")
        return
    st.download_button(
        f"Save the {form}",
        made.path.read_bytes,
        f"{_stem(subject.facts.name)}{FORMS[form]}",
        KINDS[FORMS[form]],
        key=f"save-{form}",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )


def _stem(name: str) -> str:
    """Return a file's name from a case's: letters, digits and dashes alone."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in readable.short(name, 60))
    return f"telltale-{kept.strip('-') or 'case'}"
