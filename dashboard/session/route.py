"""Which run and which photo of it are shown, and the ways between the pages.

Both stand in the page's address, so a reload or a shared link shows the same.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pipeline.casebook.runs import Run, Runs

RUN, PHOTO = "run", "photo"
EVALUATION, EVALUATED = "evaluation", "evaluated"
"""How other pages name, in the address of the page Errors, an evaluation (release and data set) and a photo of it."""
DIGITS = 9
"""Of a number in the address, at most."""
MOST = 4000
"""Characters of JSON that are read from the address."""


def current_run() -> Run | None:
    """Return the run that the address names, or that this session last showed; None where there is none.

    Raises:
        UnknownName: the address names a run that is not here.
    """
    run_id = st.query_params.get(RUN) or st.session_state.get(RUN)
    if not run_id:
        return None
    st.session_state.pop(RUN, None)
    run = Runs().open(run_id)
    st.session_state[RUN] = run_id
    if st.query_params.get(RUN) != run_id:
        st.query_params[RUN] = run_id
    return run


def show_run(run_id: str) -> None:
    """Show a run from its beginning."""
    st.session_state[RUN] = run_id
    st.query_params.pop(PHOTO, None)
    st.query_params[RUN] = run_id


def keep_pages(pages: dict[str, Any]) -> None:
    """Remember the pages by title, so that one may lead to another."""
    st.session_state["pages"] = pages


def page(title: str) -> Any | None:
    """Return a page by its title, to link to; None where there is none of that title."""
    return st.session_state.get("pages", {}).get(title)


def go_to_run(run_id: str) -> None:
    """Go to the page Examine and show a run."""
    st.session_state[RUN] = run_id
    st.switch_page(st.session_state["pages"]["Examine"], query_params={RUN: run_id})


def leave_run() -> None:
    """Go back to the start."""
    st.session_state.pop(RUN, None)
    st.query_params.clear()
    st.rerun()


def number_named(name: str) -> int | None:
    """Return the number that the address gives under a name; None where it is none, or longer than any that is meant.

    Whoever writes an address may write any text into it, and Python refuses to read numbers of thousands of digits.
    """
    value = st.query_params.get(name, "")
    return int(value) if value.isdecimal() and len(value) <= DIGITS else None


def mapping_named(name: str) -> dict[str, Any]:
    """Return what the address holds under a name as JSON; nothing where that is no mapping."""
    try:
        said = json.loads(st.query_params.get(name, "")[:MOST] or "{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def name_mapping(name: str, said: Mapping[str, Any]) -> None:
    """Write into the address what `mapping_named` reads; an empty mapping leaves it."""
    name_text(name, json.dumps(said, ensure_ascii=False) if said else "")


def name_text(name: str, text: str) -> None:
    """Write a text into the address under a name; "" leaves it."""
    if not text:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def opened_index() -> int | None:
    """Return the place in its run of the photo that is opened; None where none is."""
    return number_named(PHOTO)


def open_photo(index: int) -> None:
    """Open a photo of the run that is shown."""
    st.query_params[PHOTO] = str(index)
    st.rerun()


def close_photo() -> None:
    """Go back from a photo to the results."""
    st.query_params.pop(PHOTO, None)
    st.rerun()


def keep_order(run_id: str, order: Sequence[int]) -> None:
    """Remember the order in which the results are shown, for next and previous."""
    st.session_state["order"] = (run_id, list(order))


def order_of(run_id: str, otherwise: Sequence[int]) -> list[int]:
    """Return the order in which a run's results were last shown, or the one given."""
    known, order = st.session_state.get("order", ("", []))
    return order if known == run_id and order else list(otherwise)


def refresh() -> None:
    """Draw the page again."""
    st.rerun()
