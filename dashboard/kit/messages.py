"""What a page says in one way: errors with their advice, what is stale, how to evaluate, how a page is read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.kit import markup
from models.release import read_release
from pipeline.errors import TriageError
from pipeline.results.evaluation import BENCHMARK, NEWER, Evaluation
from pipeline.words import readable

BUILT = {BENCHMARK: "benchmark", NEWER: NEWER}
"""Folders that `make benchmark` builds, by how the data set's name begins."""


@contextmanager
def showing_errors() -> Iterator[None]:
    """Turn a TriageError of what is drawn inside into a message in its place; every other exception surfaces."""
    try:
        yield
    except TriageError as problem:
        show_error(problem)


def show_error(problem: TriageError) -> None:
    """Draw an error: what happened, and what to do about it."""
    st.error(f"{markup.escaped(str(problem))}\n\n{problem.advice}", icon=":material/warning:")


def stale(release: str, hence: str, since: str = "it was measured") -> str:
    """Say that a release's file is another one than it was, in markdown.

    Args:
        release: its name.
        hence: what follows from that, as a sentence.
        since: what was done with the file as it was.
    """
    return f"The file of release {markup.escaped(release)} has changed since {since}. {hence}"


def how_to_evaluate(why: str, evaluation: Evaluation | None = None) -> None:
    """Draw why something cannot be shown, and the commands that help.

    Args:
        why: the reason, in markdown, without a full stop.
        evaluation: what lacks something, to be made again; None where there is none yet.
    """
    st.info(f"{why}: evaluate the release{' again' if evaluation else ''}.")
    prepare = "" if evaluation else "make prepare DATA=<folder of the labelled photos>\n"
    st.code(f"{prepare}{evaluate_command(evaluation)}", language="sh")


def evaluate_command(evaluation: Evaluation | None = None) -> str:
    """Return the command that makes an evaluation again; without one, that evaluates the newest release."""
    if evaluation is None:
        return f"python -m pipeline evaluate {read_release().name} .telltale/prepared"
    built = next((folder for name, folder in BUILT.items() if evaluation.dataset.startswith(name)), "")
    split = str(evaluation.run.get("split") or ("" if built else "test"))
    of = f" --split {readable.plain(split)}" if split else ""
    return f"python -m pipeline evaluate {readable.plain(evaluation.release)} .telltale/{built or 'prepared'}{of}"


def how_to_read(first: str, second: str) -> None:
    """Draw a page's two lines of guidance."""
    st.caption(f"**How to read this.** {first}  \n{second}")


def live(name: str, draw: Callable[[], None], every: float | None) -> None:
    """Draw a part of the page that is drawn again by itself, every so many seconds; None draws it once."""

    def part() -> None:
        with showing_errors():
            draw()

    part.__qualname__ = f"live.{name}"
    st.fragment(part, run_every=every)()
