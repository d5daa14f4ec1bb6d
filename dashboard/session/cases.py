"""Cases as the page shows them: who asks, which case and which photo are opened, and what is kept of its pictures.

Both stand in the page's address, so a reload or a shared link shows the same.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.session.case_jobs import Jobs
from dashboard.session.login import person
from dashboard.session.route import number_named

if TYPE_CHECKING:  # imported where they are used: they bring the database's library
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import Casebook
    from pipeline.casebook.search import Choices

CASE, PHOTO, PART = "case", "photo", "part"
"""How the address names a case, a photo of it by its number, and the part of the page that is shown."""


def casebook() -> "Casebook":
    """Return the cases that the person who asks may see.

    Raises:
        NotAllowed, BadSetting: see `dashboard.session.login.person`.
    """
    from pipeline.casebook.casebook import Casebook

    return Casebook(person())


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return what goes on behind the page, one a process."""
    return Jobs()


def opened() -> tuple[str, int | None]:
    """Return the id of the case that the address names, "" where it names none, and the number of its opened photo."""
    return st.query_params.get(CASE, ""), number_named(PHOTO)


def open_case(case_id: str) -> None:
    """Open a case from its beginning; the page is drawn again."""
    st.query_params.from_dict({CASE: case_id})
    st.rerun()


def close_case() -> None:
    """Go back to the list of cases; the page is drawn again."""
    st.query_params.clear()
    st.rerun()


def open_photo(number: int, case_id: str = "") -> None:
    """Open a photo of the case that is opened, or of another; the page is drawn again."""
    if case_id:
        st.query_params.from_dict({CASE: case_id})
    st.query_params[PHOTO] = str(number)
    st.rerun()


def close_photo() -> None:
    """Go back from a photo to its case; the page is drawn again."""
    st.query_params.pop(PHOTO, None)
    st.rerun()


def go_to_case(case_id: str) -> None:
    """Go to the page Cases from another page, and show a case."""
    st.switch_page(st.session_state["pages"]["Cases"], query_params={CASE: case_id})


def part(parts: Sequence[str]) -> str:
    """Return the part of the page that the address names, the first where it names none."""
    named = st.query_params.get(PART, "")
    return named if named in parts else parts[0]


def show_part(key: str, first: str) -> None:
    """Write the part that was chosen into the address; a callback of the widget with this key."""
    chosen = str(st.session_state.get(key) or first)
    if chosen == first:
        st.query_params.pop(PART, None)
    else:
        st.query_params[PART] = chosen


def keep_order(case_id: str, numbers: Sequence[int]) -> None:
    """Remember the photos of a case as they are listed, for next and previous."""
    st.session_state["case-order"] = (case_id, list(numbers))


def order_of(case_id: str) -> list[int]:
    """Return the numbers of a case's photos as they were last listed; none where they were not."""
    known, numbers = st.session_state.get("case-order", ("", []))
    return list(numbers) if known == case_id else []


def reasons(book: "Case | Casebook", dossier: str) -> tuple[str, ...]:
    """Return the codes of what made a photo's verdict inconclusive, by the hash of its dossier.

    Raises:
        AlteredObject: the dossier is gone, or was altered.
    """
    return _reasons(book.keeping.objects.place, dossier, book)


@st.cache_resource(show_spinner=False, max_entries=4000)
def _reasons(place: str, sha256: str, _book: "Case | Casebook") -> tuple[str, ...]:
    return _book.keeping.reasons(sha256)


def choices(book: "Casebook", case_id: str, entries: int) -> "Choices":
    """Return what photos of a case can be filtered by, asked anew only when its log has grown to other entries."""
    return _choices(book.keeping.database.place, book.person.name, book.person.role, case_id, entries, book)


@st.cache_resource(show_spinner=False, max_entries=200)
def _choices(place: str, name: str, role: str, case_id: str, entries: int, _book: "Casebook") -> "Choices":
    from pipeline.casebook.search import choices as choices_of

    return choices_of(_book, case_id)
