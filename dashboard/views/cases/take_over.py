"""Taking a case over from an archive that another installation wrote."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup
from dashboard.session import case_work, cases, runs
from dashboard.views.cases.allowed import why_not
from dashboard.views.cases.jobs_shown import draw_job

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook


def draw_take_over(book: "Casebook") -> None:
    """Ask for an archive; it is taken in once the person says so, as a whole or not at all."""
    jobs, person = cases.jobs(), book.person
    job = jobs.of(case_work.IMPORTING, person.name)
    with st.expander("Take over an archive", bool(job), icon=":material/unarchive:"):
        st.caption(
            "A case that was exported elsewhere, with its whole log. Nothing is taken in of an archive in which a "
            "single byte is not what its log says."
        )
        file = st.file_uploader("Archive of a case, a zip", "zip", key=runs.uploader_key("archive"))
        reason = why_not(person.role, "imported") or ("One is being taken over." if job and job.running else "")
        idle = file is None or bool(reason)
        if st.button("Take it over", key="take-over", type="primary", disabled=idle, help=reason or None) and file:
            case_work.take_over(jobs, book, file.name, file.getvalue())
            runs.empty_uploaders()
        if job:
            draw_job("take-over", job, "Taken in", "files", lambda: _draw_taken(book, str(job.result)), stops=False)


def _draw_taken(book: "Casebook", case_id: str) -> None:
    name = next((case.name for archived in (False, True) for case in book.cases(archived) if case.id == case_id), "")
    if not name:
        return
    st.success(f"Taken over: {markup.escaped(name)}. Verify it to see that all of it holds here.")
    if st.button("Open it", key="open-taken"):
        cases.open_case(case_id)
