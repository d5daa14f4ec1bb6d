"""Taking files in as runs, and how far the taking-in and the examining of them are."""

import secrets
from collections.abc import Sequence

import streamlit as st

from dashboard.session.background import Background
from dashboard.session.handover import Handover, Source
from dashboard.session.route import show_run
from pipeline.casebook.progress import Progress
from pipeline.casebook.runs import Run, RunFacts, Runs
from pipeline.marks import Mark


def uploader_key(name: str) -> str:
    """Return the key of an uploader: a new one after each taking-in, which empties it and frees its memory."""
    return f"{name}-{st.session_state.get('uploads', 0)}"


def begin(sources: list[Source], token: Sequence[str], release: str, heatmaps: bool) -> None:
    """Take files in as a new run, start it, and show it. A second click on the same starts nothing."""
    session = st.session_state.setdefault("session", secrets.token_hex(8))
    run = background().handovers.begin((session, *token), release, heatmaps, sources, background().start)
    show_run(run.id)
    empty_uploaders()


def empty_uploaders() -> None:
    """Empty all uploaders, which frees their memory; the page is drawn again."""
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    st.rerun()


@st.cache_resource(show_spinner=False)
def background() -> Background:
    """Return what goes on behind the pages, one a process; making it starts the warming-up."""
    return Background()


def handover(run: Run) -> Handover | None:
    """Return how far the taking-in of a run is; None where this process did not do it."""
    return background().handovers.of(run)


def progress(run: Run) -> Progress:
    """Return how far the examining of a run is."""
    return background().worker.progress(run)


def resume(run: Run) -> None:
    """Go on with what is pending of a run."""
    background().start(run)
    st.rerun()


def stop(run: Run) -> None:
    """Stop a run after the photo it is on."""
    background().worker.stop(run.id)
    st.rerun()


def examine_again(run: Run, index: int, marks: Sequence[Mark], partial: bool, frame: int = 0) -> None:
    """Examine a photo of a run once more, with faces marked by hand, or what is left of it; the page is drawn again."""
    entry = next(each for each in run.inputs() if each.index == index)
    background().worker.again(run, entry, marks, partial, frame)
    st.rerun()


def past_runs(most: int = 50) -> list[tuple[RunFacts, int]]:
    """Return the newest runs, newest first, each with the number of its photos."""
    runs = Runs()
    return [(facts, len(runs.open(facts.id).inputs())) for facts in runs.newest(most)]
