"""The only place that touches session_state, query_params and st.cache_*: what lives on between two runs of a page.

The run that is shown and the photo that is opened stand in the page's address, so a reload or a shared link shows
the same. Everything worth keeping lies on disk (`pipeline.casebook.runs`); here are only references and caches.
"""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from dashboard.background import Background
from dashboard.draw.message import told
from dashboard.handover import Handover, Source
from dashboard.opened import Opened, Picture, opened, picture
from models.release import read_release
from pipeline.casebook.runs import Run, RunFacts, Runs
from pipeline.evaluation.folder import Evaluation, Found, folders
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.settings import settings

if TYPE_CHECKING:  # imported where it is used: it brings torch, which takes seconds
    from pipeline.casebook.worker import Progress

StageName = Literal["edited", "deepfake"]

RUN, PHOTO = "run", "photo"


# --- what is shown ---------------------------------------------------------------------------------------------


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


def keep_pages(found: dict[str, Any]) -> None:
    """Remember the pages by title, so that one may lead to another."""
    st.session_state["pages"] = found


def go_to_run(run_id: str) -> None:
    """Go to the page Examine and show a run."""
    st.session_state[RUN] = run_id
    st.switch_page(st.session_state["pages"]["Examine"], query_params={RUN: run_id})


def leave_run() -> None:
    """Go back to the start."""
    st.session_state.pop(RUN, None)
    st.query_params.clear()
    st.rerun()


def opened_index() -> int | None:
    """Return the place in its run of the photo that is opened; None where none is."""
    value = st.query_params.get(PHOTO, "")
    return int(value) if value.isdecimal() else None


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


def live(name: str, draw: Callable[[], None], every: float | None) -> None:
    """Draw a part of the page that is drawn again by itself, every so many seconds; None draws it once."""

    def part() -> None:
        with told():
            draw()

    part.__qualname__ = f"live.{name}"
    st.fragment(part, run_every=every)()


# --- taking in -------------------------------------------------------------------------------------------------


def uploader_key(name: str) -> str:
    """Return the key of an uploader: a new one after each taking-in, which empties it and frees its memory."""
    return f"{name}-{st.session_state.get('uploads', 0)}"


def begin(sources: list[Source], token: Sequence[str], release: str, heatmaps: bool) -> None:
    """Take files in as a new run, start it, and show it. A second click on the same starts nothing."""
    session = st.session_state.setdefault("session", secrets.token_hex(8))
    run = background().handovers.begin((session, *token), release, heatmaps, sources, background().start)
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    show_run(run.id)
    st.rerun()


@st.cache_resource(show_spinner=False)
def background() -> Background:
    """Return what goes on behind the pages, one a process; making it starts the warming-up."""
    return Background()


def handover(run: Run) -> Handover | None:
    """Return how far the taking-in of a run is; None where this process did not do it."""
    return background().handovers.of(run)


def progress(run: Run) -> "Progress":
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


def past_runs(most: int = 50) -> list[tuple[RunFacts, int]]:
    """Return the newest runs, newest first, each with the number of its photos."""
    runs = Runs()
    return [(facts, len(runs.open(facts.id).inputs())) for facts in runs.newest(most)]


# --- evaluations -----------------------------------------------------------------------------------------------


def evaluations() -> list[Found]:
    """Return what stands where evaluations are kept: those of releases, oldest first."""
    return folders(home=settings().evaluations)


def baselines() -> list[Found]:
    """Return the evaluations of baselines, oldest first."""
    return folders("baselines/*", settings().evaluations)


def evaluation(path: Path) -> Evaluation:
    """Return an evaluation, read once for all sessions until one of its files changes; treat it as read-only.

    Raises:
        BadEvaluation: it cannot be read.
    """
    stamps = [(one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in sorted(path.glob("*"))]
    return _evaluation(str(path), str(stamps))


@st.cache_resource(show_spinner="Reading the evaluation …", max_entries=12)
def _evaluation(path: str, stamps: str) -> Evaluation:
    return Evaluation.read(Path(path))


def release_in_use() -> str:
    """Return the name of the release that examines photos."""
    return settings().release or read_release().name


# --- what is expensive -----------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False, max_entries=12)
def opened_photo(run_id: str, index: int, _record: dict[str, Any]) -> Opened:
    """Return an examined photo for drawing, kept for the last few that were opened."""
    return opened(Runs().open(run_id), _record)


@st.cache_resource(show_spinner=False, max_entries=12)
def zoomed(run_id: str, index: int, face: int, _face: Face) -> Picture:
    """Return a face's part of the photo, from its original pixels."""
    run = Runs().open(run_id)
    return picture(Photo.read(run.original(run.inputs()[index])), _face.window)


@st.cache_resource(show_spinner=False, max_entries=256)
def asked_map(sha256: str, face: int, stage: StageName, label: str, release: str, _face: Face) -> Heatmap:
    """Return the map of a face for any stage and label, computed when it is first asked for."""
    from pipeline.cascade import explain, load_cascade, tensor_of

    return explain(load_cascade(release), [_face], tensor_of([_face]), stage, [label])[0]
