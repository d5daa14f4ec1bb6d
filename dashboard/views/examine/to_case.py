"""From a run into a case: its photos are taken over with what was found in them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.kit.rows import Row
from dashboard.session import case_arrivals, cases, login
from pipeline.casebook.runs import Run
from pipeline.errors import BadCase

if TYPE_CHECKING:  # imported where it is used: it brings the database's library
    from pipeline.casebook.casebook import Casebook

NEW = ""
"""The choice of a case that is still to be made."""


def offer_case(run: Run, matching: Sequence[Row], rows: Sequence[Row]) -> None:
    """Offer to add photos of a run to a case; nothing of cases is read before that is opened.

    Args:
        run: the run.
        matching: its photos, as filtered and sorted.
        rows: all of them, also those that could not be examined.
    """
    with st.popover("Add to a case", icon=":material/create_new_folder:", key="to-case", on_change="rerun") as offer:
        if not offer.open:
            return
        with messages.showing_errors():
            if login.is_configured() and not login.is_logged_in():
                st.caption("Cases are shown to people who logged in: go to the page Cases.")
                return
            _ask(run, matching, rows)


def _ask(run: Run, matching: Sequence[Row], rows: Sequence[Row]) -> None:
    book = cases.casebook()
    names = {NEW: "a new case"} | {case.id: case.name for case in book.cases()}
    case_id = st.selectbox("Case", list(names), format_func=lambda each: markup.plain(names[each]), key="to-case-id")
    name = st.text_input("Name of the new case", key="to-case-name") if case_id == NEW else ""
    scopes = {
        f"As filtered here: {len(matching)} photos": [row.index for row in matching],
        f"Everything, with what failed: {len(rows)}": [row.index for row in rows],
    }
    wanted = st.radio("Which", list(scopes), label_visibility="collapsed", key="to-case-which") or next(iter(scopes))
    st.caption("What was found is taken over with them; nothing is examined again.")
    if st.button("Add them", type="primary", key="to-case-add", disabled=not scopes[wanted]):
        _add(book, case_id or NEW, name or "", run, scopes[wanted])


def _add(book: "Casebook", case_id: str, name: str, run: Run, indices: Sequence[int]) -> None:
    """Hand photos over, and go to the case."""
    with messages.showing_errors():
        if case_id == NEW and not name.strip():
            raise BadCase("A case needs a name.")
        case = book.open(case_id) if case_id else book.create(name)
        case_arrivals.refuse_while_adding(cases.jobs(), case)
        case_arrivals.hand_over_run(cases.jobs(), case, run, indices)
        cases.go_to_case(case.id)
