"""Making a case."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import messages
from dashboard.session import cases, widgets
from dashboard.views.cases.allowed import why_not
from pipeline.casebook.texts import LONGEST_NAME, LONGEST_TEXT
from pipeline.errors import BadCase

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook


def draw_new_case(book: "Casebook", expanded: bool) -> None:
    """Ask what a new case is called and is about; it is made and opened once the person says so."""
    with st.expander("New case", expanded, icon=":material/create_new_folder:"):
        reason = why_not(book.person.role, "created")
        key = widgets.key_of("new-case")
        with st.form(key, border=False):
            name = st.text_input(
                "Name", max_chars=LONGEST_NAME, key=f"{key}-name", placeholder="that no other case has"
            )
            about = st.text_area("What it is about", max_chars=LONGEST_TEXT, key=f"{key}-about", height=110)
            tags = ask_tags(known_tags(book), (), f"{key}-tags")
            blind = st.toggle(
                "Blind first",
                key=f"{key}-blind",
                help="Verdicts and heatmaps are hidden from each person until that person gave an opinion on the "
                "photo. It is chosen now, for good.",
            )
            wanted = st.form_submit_button("Make the case", type="primary", disabled=bool(reason), help=reason or None)
        if wanted:
            _make(book, name or "", about or "", tags, blind)


def _make(book: "Casebook", name: str, about: str, tags: list[str], blind: bool) -> None:
    with messages.showing_errors():
        if not name.strip():
            raise BadCase("A case needs a name.")
        case = book.create(name, about, tags, blind)
        widgets.renew("new-case")
        cases.open_case(case.id)


def ask_tags(known: list[str], mine: tuple[str, ...], key: str, label: str = "Tags") -> list[str]:
    """Ask for tags, known ones or new ones."""
    return st.multiselect(
        label,
        sorted({*known, *mine}),
        list(mine),
        key=key,
        accept_new_options=True,
        placeholder="choose, or write a new one",
    )


def known_tags(book: "Casebook") -> list[str]:
    """Return the tags of all cases that a person may see."""
    return sorted({tag for archived in (False, True) for case in book.cases(archived) for tag in case.tags})
