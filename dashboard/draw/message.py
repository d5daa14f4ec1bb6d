"""Where an expected error becomes a message: what happened, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.draw import words
from pipeline.errors import TriageError


@contextmanager
def told() -> Iterator[None]:
    """Turn a TriageError of what is drawn inside into a message in its place; every other exception surfaces."""
    try:
        yield
    except TriageError as problem:
        tell(problem)


def tell(problem: TriageError) -> None:
    """Draw an error."""
    advice = words.ADVICE.get(problem.code, "")
    st.error(
        f"{words.escaped(str(problem))}\n\n{advice}" if advice else words.escaped(str(problem)),
        icon=":material/warning:",
    )


def how_to_read(first: str, second: str) -> None:
    """Draw a page's two lines of guidance."""
    st.caption(f"**How to read this.** {first}  \n{second}")
