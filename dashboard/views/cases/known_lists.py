"""Lists of known hashes: photos that stand in one are marked when they arrive in a case."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import case_work, cases, route, runs
from dashboard.session.case_work import KeptList
from dashboard.views.cases.allowed import why_not
from dashboard.views.cases.jobs_shown import draw_job
from pipeline.casebook.known import KnownList, lists, remove_list
from pipeline.casebook.texts import LONGEST_NAME
from pipeline.errors import BadCase
from pipeline.words.figures import count

if TYPE_CHECKING:
    from dashboard.session.case_jobs import Job
    from pipeline.casebook.casebook import Casebook

MOST_BAD = 20


def draw_known_lists(book: "Casebook") -> None:
    """Draw the lists that there are, and ask for another one."""
    job, reason = cases.jobs().of(case_work.LISTING, book.person.name), why_not(book.person.role, "matched")
    with st.expander("Lists of known hashes", bool(job), icon=":material/checklist:"), messages.showing_errors():
        st.caption(
            "Photos that stand in a list are marked when they are added to a case: by their bytes (SHA-256, SHA-1, "
            "MD5), or by looking nearly alike (perceptual hash). Those added before are not looked up again."
        )
        for known in lists(book.keeping.database):
            _draw_list(book, known, reason)
        _ask_list(book, reason or ("A list is being read." if job and job.running else ""))
        if job:
            draw_job("list", job, "Read", "hashes", lambda: _draw_kept(job), stops=False)


def _draw_list(book: "Casebook", known: KnownList, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{markup.escaped(known.name)}**  \n{_say_hashes(known)}", width="stretch")
        key = f"remove-list-{known.name}"
        with st.popover("Remove", icon=":material/delete:", disabled=bool(reason), help=reason or None):
            st.markdown("What photos matched when they arrived stays in their cases’ logs.")
            if st.button("Remove the list", key=key, type="primary"):
                remove_list(book.keeping.database, known.name)
                route.refresh()


def _say_hashes(known: KnownList) -> str:
    return ", ".join(f"{count(number)} {kind}" for kind, number in known.hashes.items())


def _ask_list(book: "Casebook", reason: str) -> None:
    file = st.file_uploader(
        "Another list, a CSV with a column sha256, sha1, md5 or phash", ("csv", "txt"), key=runs.uploader_key("hashes")
    )
    usual = file.name.rsplit(".", 1)[0][:LONGEST_NAME] if file else ""
    name = st.text_input("Its name", usual, max_chars=LONGEST_NAME, key=f"list-name-{file.file_id if file else ''}")
    st.caption("A list of the same name is replaced.")
    idle = file is None or bool(reason)
    if st.button("Keep the list", key="keep-list", type="primary", disabled=idle, help=reason or None) and file:
        if not (name or "").strip():
            raise BadCase("A list needs a name.")
        case_work.keep_list(cases.jobs(), book, name or "", file.name, file.getvalue())
        runs.empty_uploaders()


def _draw_kept(job: "Job") -> None:
    kept: KeptList = job.result
    st.success(f"Kept: {markup.escaped(kept.known.name)}, {_say_hashes(kept.known) or 'no hash'}.")
    if kept.bad_rows:
        rows = "  \n".join(f"line {row.line}: {markup.escaped(row.reason)}" for row in kept.bad[:MOST_BAD])
        more = f"  \n… and {count(kept.bad_rows - MOST_BAD)} more" if kept.bad_rows > MOST_BAD else ""
        st.warning(f"{count(kept.bad_rows)} lines could not be read:  \n{rows}{more}")
