"""What of the page Reach stands in its address: the file of figures, what its columns hold, whose verdicts count."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.session.route import mapping_named, name_mapping
from dashboard.session.widgets import renew

FIGURES, COLUMNS, SOURCE = "figures", "columns", "verdicts"
LAST = "reach-last"
"""Where the session keeps what was shown last, for who comes back by the menu."""
WIDGETS = "reach-columns"


def figures() -> str:
    """Return the SHA-256 of the file of figures that is shown; "" where none is."""
    named = st.query_params.get(FIGURES, "")
    if not named and FIGURES in st.session_state.get(LAST, {}):
        for name, value in st.session_state[LAST].items():
            st.query_params[name] = value
        named = st.query_params.get(FIGURES, "")
    _remember()
    return named


def _remember() -> None:
    there = {name: st.query_params[name] for name in (FIGURES, COLUMNS, SOURCE) if name in st.query_params}
    st.session_state[LAST] = there


def show_figures(sha256: str) -> None:
    """Show a file of figures, its columns as they are known, once the page is drawn again."""
    st.query_params.pop(COLUMNS, None)
    st.query_params[FIGURES] = sha256


def leave_figures() -> None:
    """Go back to the start; the page is drawn again. What widgets are bound to stays in the address: they own it."""
    st.session_state.pop(LAST, None)
    for name in (FIGURES, COLUMNS, SOURCE):
        st.query_params.pop(name, None)
    st.rerun()


def columns() -> dict[str, str]:
    """Return what columns hold as somebody said: field → heading; what is no such thing is passed over."""
    return {field: str(heading) for field, heading in mapping_named(COLUMNS).items()}


def choose_column(field: str, key: str, known: Mapping[str, str]) -> None:
    """Write into the address what a field is read from; a callback of the widget with this key.

    Args:
        field: one of `pipeline.reach.columns.FIELDS`.
        key: of the widget, whose value is a heading, or "" for none.
        known: field → heading, as the file's own headings tell.
    """
    chosen, said = str(st.session_state.get(key) or ""), columns()
    said.pop(field, None)
    if chosen != known.get(field, ""):
        said[field] = chosen
    for other, heading in [*known.items(), *said.items()]:
        if chosen and other != field and heading == chosen and said.get(other, heading) == chosen:
            said[other] = ""  # a column holds one thing
    _write(said)


def forget_columns() -> None:
    """Take the columns as the file's own headings tell; a callback."""
    _write({})


def _write(said: Mapping[str, str]) -> None:
    renew(WIDGETS)
    name_mapping(COLUMNS, said)


def source(offered: Sequence[str]) -> int:
    """Return the place of the source of verdicts that the address names; the first where it names none of them."""
    named = st.query_params.get(SOURCE, "")
    return offered.index(named) if named in offered else 0


def named_source() -> str:
    """Return the source of verdicts that the address names, whether it is there or not."""
    return st.query_params.get(SOURCE, "")


def keep_source(key: str) -> None:
    """Write into the address whose verdicts were chosen; a callback of the widget with this key."""
    st.query_params[SOURCE] = str(st.session_state[key])
