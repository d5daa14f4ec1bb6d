"""Verifying a case: does all that its log tells still hold, item by item, failures first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import case_work, cases
from dashboard.session.case_jobs import Job
from dashboard.session.case_work import MOST_CHECKS, SIGNS, VERIFYING, Checked
from dashboard.views.cases import shown
from dashboard.views.cases.jobs_shown import draw_job
from dashboard.views.cases.subject import Subject
from pipeline.words import readable
from pipeline.words.figures import count

if TYPE_CHECKING:
    from pipeline.casebook.checks.check import Check

MARKS = {True: "✓", False: "✗", None: "?"}
LONGEST = 500


def draw_verification(subject: Subject) -> None:
    """Ask whether to verify the case, and draw what was seen."""
    job = cases.jobs().of(VERIFYING, subject.case.id)
    reason = subject.why_not("verified") or ("It is being verified." if job and job.running else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        begin = st.container(width="content")
        rerun = st.toggle(
            "Also examine every photo anew",
            True,
            key="verify-rerun",
            help="By the release that examined it; takes about as long as adding the photos did.",
        )
    begin.button(
        "Verify now",
        key="verify",
        help=reason or None,
        type="primary",
        disabled=bool(reason),
        on_click=_verify,
        args=(subject, rerun),
    )
    if job:
        draw_job("verify", job, "Checked", "steps", lambda: _draw_checked(subject, job))
        if job.running:
            messages.live("checks", lambda: _draw_so_far(job.result), 2.0)
    messages.how_to_read(
        "Looked at are the log’s chain, every byte of every original and of what was found, the tables that are "
        "searched, the release’s weights, and, if wanted, each verdict anew.",
        "Whoever can write the whole database could write a new chain, too. Against that helps a head of the log that "
        "was noted elsewhere: in a report handed over, or in a timestamp.",
    )


def _verify(subject: Subject, rerun: bool) -> None:
    case_work.verify(cases.jobs(), subject.case, subject.facts, rerun)


def _draw_so_far(checked: Checked) -> None:
    st.caption(_say_counts(checked))
    if checked.failed:
        _draw_table(checked.failed, "What does not hold so far")


def _draw_checked(subject: Subject, job: Job) -> None:
    checked: Checked = job.result
    text = _say_counts(checked)
    if subject.changed_since(checked.entries):
        st.warning("The case was changed since it was checked: verify it again.", icon=":material/history:")
    if job.progress.stopped:
        st.warning(
            f"It was stopped before its end, so the case is not verified. So far: {text}", icon=":material/pause:"
        )
    elif checked.counts[False]:
        st.error(f"**Not all of it holds.** {text}", icon=":material/gpp_bad:")
    elif checked.counts[None]:
        st.warning(f"Nothing is wrong, but not all could be checked. {text}", icon=":material/gpp_maybe:")
    else:
        st.success(f"**All of it holds.** {text}", icon=":material/verified_user:")
    st.caption(
        f"Checked {shown.when(checked.at)} by {markup.escaped(readable.plain(job.who))}, up to entry "
        f"{count(checked.entries)} of the log. It says nothing of what happened to files since then."
    )
    if checked.failed:
        _draw_table(sorted(checked.failed, key=lambda check: check.holds is None), "What does not hold, first")
    with st.expander(f"What holds: {count(checked.counts[True])} items"):
        _draw_table(checked.held, "What holds")
    if checked.path.is_file():
        st.download_button(
            "Save all items as CSV",
            checked.path.read_bytes,
            "telltale-verification.csv",
            "text/csv",
            key="csv-checks",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def _say_counts(checked: Checked) -> str:
    counts = checked.counts
    rest = "" if checked.rerun else " Photos were not examined anew."
    return (
        f"{count(counts[True])} hold, {count(counts[False])} do not, {count(counts[None])} could not be checked.{rest}"
    )


def _draw_table(checks: "Sequence[Check]", alt: str) -> None:
    rows = [
        {
            "": MARKS[check.holds],
            "result": SIGNS[check.holds],
            "what": readable.cell(check.what, LONGEST),
            "seen": readable.cell(check.says, LONGEST),
        }
        for check in checks
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=min(520, 38 + 35 * max(1, len(rows))), alt=alt)
    if len(checks) >= MOST_CHECKS:
        st.caption(f"The first {count(MOST_CHECKS)} are shown; all are in the CSV.")
