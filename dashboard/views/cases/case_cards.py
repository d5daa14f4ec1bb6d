"""Cases as cards: what each is about, its photos by verdict, when it changed last."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, messages
from dashboard.session import cases
from dashboard.views.cases import shown
from pipeline.casebook.search import PhotoQuery, search
from pipeline.words.figures import count, say_photos
from pipeline.words.verdicts import CHIPS

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook, CaseFacts

PAGE = 24


def draw_cases(book: "Casebook", open_cases: "Sequence[CaseFacts]") -> None:
    """Draw the cases that a person may see, the last changed first, a page at a time."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Name, tag or description contains", key="cases-text", persist_state="session", width=320)
        archived = st.toggle("Those put away", key="cases-archived", persist_state="session")
    listed = book.cases(archived=True) if archived else open_cases
    matching = [case for case in listed if _holds(case, text or "")]
    if not matching:
        st.info(_say_none(bool(listed), archived))
        return
    pages = -(-len(matching) // PAGE)
    page = st.pagination(pages, key=f"cases-page-of-{pages}", persist_state="page") if pages > 1 else 1
    grid = st.grid(min_column_width=300)
    for case in matching[(page - 1) * PAGE : page * PAGE]:
        with grid.container(border=True):
            st.html(_card(case, _waiting(book, case)))
            if st.button("Open", key=f"open-case-{case.id}", width="stretch"):
                cases.open_case(case.id)
    _offer_csv(book, matching)
    messages.how_to_read(
        "Bar: photos by verdict of the release that examined them last; “no indication” does not mean genuine.",
        "A dashed mark says what holds of the whole case. Of a blind case the bar comes with your last opinion.",
    )


def _say_none(any_case: bool, archived: bool) -> str:
    if any_case:
        return "No case’s name, tags or description contain that. Take a letter away to see more."
    return "No case was put away." if archived else "All cases were put away. Make a new one, or look among those."


def _holds(case: "CaseFacts", text: str) -> bool:
    wanted = text.strip().casefold()
    return not wanted or any(wanted in part.casefold() for part in (case.name, case.description, *case.tags))


def _waiting(book: "Casebook", case: "CaseFacts") -> int:
    """Return about how many photos of a blind case this person has no opinion yet; 0 of any other."""
    if not case.blind:
        return 0
    return search(book, PhotoQuery(case.id, hidden_from=book.person.name, most=0)).total


def _card(case: "CaseFacts", waiting: int) -> str:
    flags = ["Blind first"] * case.blind + ["Put away"] * case.archived
    about = f'<p class="tt-about">{shown.short_html(case.description)}</p>' if case.description else ""
    deleted = f" · {count(case.deleted)} deleted" if case.deleted else ""
    photos = (
        f'<p class="tt-small">{say_photos(case.total)}; verdicts are hidden until you gave your opinion on '
        f"{count(waiting)} of them</p>"
        if waiting
        else shown.counts_html(case.photos)
    )
    return (
        f'<div><p class="tt-title">{markup.html_name(case.name)}</p>{about}{shown.tags_html(case.tags, flags)}{photos}'
        f'<p class="tt-small">Last change {shown.when(case.changed)}{deleted} · made by '
        f"{markup.html_name(case.created_by)}</p></div>"
    )


def _offer_csv(book: "Casebook", listed: "Sequence[CaseFacts]") -> None:
    rows = [
        {
            "id": case.id,
            "name": case.name,
            "description": case.description,
            "tags": ", ".join(case.tags),
            "photos": case.total,
            "deleted": case.deleted,
            **_counts(book, case),
            "blind": case.blind,
            "put away": case.archived,
            "created": case.created,
            "created by": case.created_by,
            "changed": case.changed,
            "entries": case.entries,
            "head": case.head,
        }
        for case in listed
    ]
    charts.offer_csv(pd.DataFrame(rows), "cases", "Save the list as CSV")


def _counts(book: "Casebook", case: "CaseFacts") -> dict[str, int | None]:
    """Return photos by verdict; of a blind case in which this person has an opinion to give, none of them."""
    hidden = _waiting(book, case)
    names = {**CHIPS, "": shown.NO_VERDICT}
    return {name: None if hidden else case.photos.get(label, 0) for label, name in names.items()}
