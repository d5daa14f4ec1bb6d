"""What of the page Errors stands in its address, and what it sorts and counts."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.session.evaluations import RELEASE, evaluations
from dashboard.session.route import EVALUATED, EVALUATION, mapping_named, name_mapping, name_text, number_named
from dashboard.session.widgets import renew
from pipeline.results.evaluation import Evaluation

CELL, PAGE = "cell", "page"
"""What of the page Errors stands in its address besides: cell of the matrix, page of the gallery."""
FILTERS, BANDS, SORT = "filters", "bands", "sort"
"""And what was asked: filters and thresholds that are tried, as JSON, and the order. What is usual is not said."""
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
        for part in (CELL, PAGE, EVALUATED, BANDS):
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
    return min(max(number_named(PAGE) or 1, 1), pages)


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


def start_over(name: str, part: str) -> None:
    """Set widgets back to what they were at first, and the gallery to its first page; a callback.

    Args:
        name: of the widgets.
        part: of the address in which they stand.
    """
    st.query_params.pop(part, None)
    renew(name)
    first_page()


def filters() -> dict[str, list[str]]:
    """Return the filters that the address names, facet → values; what is no such thing is passed over."""
    said = mapping_named(FILTERS).items()
    return {facet: [str(value) for value in values] for facet, values in said if isinstance(values, list)}


def say_filters(chosen: Mapping[str, Sequence[str]]) -> None:
    """Write filters into the address."""
    name_mapping(FILTERS, {facet: list(values) for facet, values in chosen.items() if values})


def bands() -> dict[str, tuple[float, float]]:
    """Return the thresholds to try that the address names, stage → from and to, in [0, 1]."""
    found = dict[str, tuple[float, float]]()
    for stage, edges in mapping_named(BANDS).items():
        if isinstance(edges, list) and len(edges) == 2 and all(_is_share(edge) for edge in edges):
            found[stage] = (float(min(edges)), float(max(edges)))
    return found


def say_bands(tried: Mapping[str, tuple[float, float]]) -> None:
    """Write thresholds that are tried into the address; none where they are the release's own."""
    name_mapping(BANDS, {stage: [round(edge, 4) for edge in band] for stage, band in tried.items()})


def sort() -> str:
    """Return the order that the address names; "" for none."""
    return st.query_params.get(SORT, "")


def say_sort(name: str) -> None:
    """Write the order into the address; "" for the usual one."""
    name_text(SORT, name)


def seed(key: str, value: Any) -> None:
    """Let the address tell what a widget shows at first, and never again in this session."""
    if key not in st.session_state:
        st.session_state[key] = value


def _is_share(edge: Any) -> bool:
    return isinstance(edge, int | float) and 0 <= edge <= 1
