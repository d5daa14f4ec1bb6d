"""Where an expected error becomes a message: what happened, and what to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.kit import markup
from pipeline.errors import TriageError
from pipeline.words import verdicts


@contextmanager
def told() -> Iterator[None]:
    """Turn a TriageError of what is drawn inside into a message in its place; every other exception surfaces."""
    try:
        yield
    except TriageError as problem:
        tell(problem)


def tell(problem: TriageError) -> None:
    """Draw an error."""
    advice = verdicts.ADVICE.get(problem.code, "")
    st.error(
        f"{markup.escaped(str(problem))}\n\n{advice}" if advice else markup.escaped(str(problem)),
        icon=":material/warning:",
    )


def how_to_read(first: str, second: str) -> None:
    """Draw a page's two lines of guidance."""
    st.caption(f"**How to read this.** {first}  \n{second}")


def live(name: str, draw: Callable[[], None], every: float | None) -> None:
    """Draw a part of the page that is drawn again by itself, every so many seconds; None draws it once."""

    def part() -> None:
        with told():
            draw()

    part.__qualname__ = f"live.{name}"
    st.fragment(part, run_every=every)()
