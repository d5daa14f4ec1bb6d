"""What of the page Errors stands in its address, and what it sorts and counts."""

import streamlit as st

from dashboard.session.evaluations import RELEASE, evaluations
from dashboard.session.route import EVALUATED, EVALUATION
from dashboard.session.widgets import renew
from pipeline.results.evaluation import Evaluation

CELL, PAGE = "cell", "page"
"""What of the page Errors stands in its address besides: cell of the matrix, page of the gallery."""
PAGES = "errors-page"


def left_errors() -> None:
    """Forget what the page Errors showed, so that a link back to it is followed; called by every other page."""
    st.session_state.pop("errors-shown", None)


def choose_by_address(key: str = "evaluation") -> None:
    """Let the address choose what `dashboard.kit.choose_evaluation.choose` offers, where it came from outside."""
    named = st.query_params.get(EVALUATION, "")
    if named and named != st.session_state.get("errors-shown"):
        release, _, dataset = named.rpartition("/")
        known = {(one.run["release"], one.run["dataset"]) for one in evaluations() if not one.problem}
        if (release, dataset) in known:
            st.session_state[RELEASE], st.session_state[f"{key}-dataset"] = release, dataset


def keep_choice(evaluation: Evaluation) -> None:
    """Write into the address what is shown; what was opened of another evaluation is closed."""
    name = f"{evaluation.release}/{evaluation.dataset}"
    if st.query_params.get(EVALUATION, name) != name:
        for part in (CELL, PAGE, EVALUATED):
            st.query_params.pop(part, None)
    st.session_state["errors-shown"] = name
    if st.query_params.get(EVALUATION) != name:
        st.query_params[EVALUATION] = name


def cell() -> str:
    """Return the name of the matrix's cell that is opened; "" for all photos."""
    return st.query_params.get(CELL, "")


def show_cell(name: str) -> None:
    """Open a cell of the matrix, or all photos with ""; a callback."""
    first_page()
    if name:
        st.query_params[CELL] = name
    else:
        st.query_params.pop(CELL, None)


def first_page() -> None:
    """Go back to the gallery's first page; a callback."""
    st.query_params.pop(PAGE, None)
    renew(PAGES)


def page_of(pages: int) -> int:
    """Return the page of the gallery that the address names, at most the last."""
    named = st.query_params.get(PAGE, "")
    return min(max(int(named), 1), pages) if named.isdecimal() else 1


def turn_page(key: str) -> None:
    """Write the page that was chosen into the address; a callback."""
    st.query_params[PAGE] = str(st.session_state[key])


def evaluated_photo() -> str:
    """Return the id of the evaluated photo that is opened; "" where none is."""
    return st.query_params.get(EVALUATED, "")


def open_evaluated(photo: str) -> None:
    """Open an evaluated photo by its id."""
    st.query_params[EVALUATED] = photo
    st.rerun()


def close_evaluated(page: int | None) -> None:
    """Go back to the gallery, to the page that the photo is on if that is known."""
    st.query_params.pop(EVALUATED, None)
    if page:
        st.query_params[PAGE] = str(page)
    st.rerun()


def start_over(name: str) -> None:
    """Set widgets back to what they were at first, and the gallery to its first page; a callback."""
    renew(name)
    first_page()
