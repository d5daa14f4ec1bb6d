"""The page without a case opened: all cases, a search over their photos, and the ways to begin."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import messages
from dashboard.session import cases
from dashboard.views.cases import case_cards, find, known_lists, new_case, take_over

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook

WIDTHS = [1, 2.6]
LIST, FIND = "All cases", "Find a photo in all cases"
PARTS = (LIST, FIND)


def draw_start(book: "Casebook") -> None:
    """Draw the list of cases, or the search, and beside it how a case begins."""
    open_cases = book.cases()
    empty = not open_cases and not book.cases(archived=True)
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        new_case.draw_new_case(book, expanded=empty)
        take_over.draw_take_over(book)
        known_lists.draw_known_lists(book)
    with right, messages.showing_errors():
        if empty:
            _draw_first_steps()
        elif _choose_part() == FIND:
            find.draw_find(book)
        else:
            case_cards.draw_cases(book, open_cases)


def _choose_part() -> str:
    here = cases.part(PARTS)
    key = f"cases-part-{here}"  # a key for each, so that the address leads also when it is changed by hand
    st.segmented_control(
        "Part of the page",
        PARTS,
        default=here,
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=cases.show_part,
        args=(key, LIST),
    )
    return here


def _draw_first_steps() -> None:
    st.markdown(
        "#### Start here\n"
        "1. Make a case: a name is enough. It keeps photos of one matter together, for good.\n"
        "2. Add photos to it: files, a folder, a zip, or what you examined before. They are examined as they come.\n"
        "3. Open a photo: what else speaks for or against, your opinion, its copies. Then hand the case over as a "
        "report or an archive that others can verify.\n\n"
        "Every act stands in the case’s log, under your name; nothing in it can be changed unseen."
    )
    messages.how_to_read(
        "**Blind first** hides verdicts and heatmaps of a case from each person until that person gave an opinion.",
        "Nothing is ever deleted by itself; what a person deletes leaves its hash and the reason in the log.",
    )
