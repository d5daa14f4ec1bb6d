"""The only place that touches session_state, query_params and st.cache_*: what lives on between two runs of a page.

The run that is shown and the photo that is opened stand in the page's address, so a reload or a shared link shows
the same. Everything worth keeping lies on disk (`pipeline.casebook.runs`); here are only references and caches.
"""

import secrets
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.background import Background
from dashboard.copies import Held, Thumbnail, lighter
from dashboard.draw.face_map import face_map
from dashboard.draw.message import told
from dashboard.evaluated import Board
from dashboard.handover import Handover, Source
from dashboard.opened import Opened, Picture, opened, picture
from models.release import read_release
from pipeline.casebook.runs import Run, RunFacts, Runs
from pipeline.casebook.tags import NAME as TAGS_FILE
from pipeline.casebook.tags import Tags
from pipeline.evaluation import compare
from pipeline.evaluation.audits import FoundAudit
from pipeline.evaluation.audits import audits as found_audits
from pipeline.evaluation.base_rates import Tally
from pipeline.evaluation.canonical import unpacked
from pipeline.evaluation.folder import BadEvaluation, Evaluation, Found, folders
from pipeline.evaluation.label_sets import set_figures
from pipeline.evaluation.like_this import known_of
from pipeline.evaluation.map_folder import MapFolder, by_kind, map_folders
from pipeline.evaluation.photos import INDEX, Photos, Search, data_folder
from pipeline.evaluation.trend import read_metrics
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.settings import settings

if TYPE_CHECKING:  # imported where it is used: it brings torch, which takes seconds
    from pipeline.casebook.worker import Progress
    from pipeline.evaluation.neighbours import Neighbours

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
    return _evaluation(str(path), _stamps(path))


def _stamps(path: Path) -> str:
    return str([(one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in sorted(path.glob("*"))])


@st.cache_resource(show_spinner="Reading the evaluation …", max_entries=12)
def _evaluation(path: str, stamps: str) -> Evaluation:
    return Evaluation.read(Path(path))


def release_in_use() -> str:
    """Return the name of the release that examines photos."""
    return settings().release or read_release().name


def left_out() -> list[Found]:
    """Return the evaluations of releases that were trained without one source, oldest first."""
    return folders("left-out/*", settings().evaluations)


def audits() -> list[FoundAudit]:
    """Return the shortcut audits, damaged ones too, the newest first."""
    return found_audits(settings().evaluations)


def tally(shown: Evaluation) -> Tally:
    """Return how often which photos get which verdict, drawn once for all sessions; treat it as read-only."""
    return _tally(str(shown.path), _stamps(shown.path), shown)


@st.cache_resource(show_spinner=False, max_entries=12)
def _tally(path: str, stamps: str, _shown: Evaluation) -> Tally:
    return Tally.of(_shown.predictions, zlib.crc32(_shown.path.name.encode()))


def label_sets(shown: Evaluation, quantiles: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Return how a release's conformal sets came out on an evaluation's photos, measured once for all sessions."""
    return _label_sets(str(shown.path), _stamps(shown.path), quantiles, shown)


@st.cache_resource(show_spinner=False, max_entries=12)
def _label_sets(path: str, stamps: str, quantiles: dict[str, float], _shown: Evaluation) -> dict[str, dict[str, Any]]:
    return set_figures(_shown.predictions, quantiles)


def measured_maps(release: str, revision: str) -> MapFolder | None:
    """Return a release's maps as they were measured by method, on these very photos if there are several; or None.

    Raises:
        BadEvaluation: the folder cannot be read.
    """
    found = map_folders(release, settings().evaluations)
    same = [path for path in found if path.name == f"maps@{revision}"]
    path = next(iter((same or found)[::-1]), None)
    return _measured_maps(str(path), _stamps(path)) if path else None


@st.cache_resource(show_spinner=False, max_entries=12)
def _measured_maps(path: str, stamps: str) -> MapFolder:
    return MapFolder.read(Path(path))


def maps_by_kind(found: MapFolder, photos: str, measure: str) -> dict[str, dict[str, Any]]:
    """Return kind of edit → method → figure of a set of photos, drawn once for all sessions."""
    return _maps_by_kind(str(found.path), _stamps(found.path), photos, measure, found)


@st.cache_resource(show_spinner=False, max_entries=128)
def _maps_by_kind(path: str, stamps: str, photos: str, measure: str, _found: MapFolder) -> dict[str, dict[str, Any]]:
    table = _found.pictures
    return by_kind(table[(table["split"] == _found.split) & (table["set"] == photos)], measure)


@st.cache_resource(show_spinner=False, max_entries=256)
def known_of_face(run_id: str, index: int, face: int, _face: Face) -> dict[str, float]:
    """Return what evaluations are sliced by, as measured of an examined face, kept for the last that were opened."""
    run = Runs().open(run_id)
    return known_of(_face, run.original(run.inputs()[index]))


# --- overview, compare -------------------------------------------------------------------------------------------


def page(title: str) -> Any | None:
    """Return a page by its title, to link to; None where there is none of that title."""
    return st.session_state.get("pages", {}).get(title)


def figures(path: Path) -> dict[str, Any]:
    """Return an evaluation's figures without its predictions, read once until they change; treat them as read-only.

    Raises:
        BadEvaluation: they cannot be read.
    """
    return _figures(str(path), _stamps(path))


@st.cache_resource(show_spinner=False, max_entries=64)
def _figures(path: str, stamps: str) -> dict[str, Any]:
    return read_metrics(Path(path))


def pairing(first: Evaluation, second: Evaluation) -> tuple[compare.Pairing, pd.DataFrame]:
    """Return two evaluations' photos in pairs and those that flipped, paired once; treat both as read-only."""
    return _pairing(_stamps_of(first, second), first, second)


def differences(first: Evaluation, second: Evaluation, forgeries: bool) -> list[dict[str, Any]]:
    """Return `compare.differences` of two evaluations, drawn once for all sessions."""
    return _differences(_stamps_of(first, second), forgeries, first, second)


def mcnemar(first: Evaluation, second: Evaluation) -> dict[str, Any]:
    """Return `compare.mcnemar` of two evaluations, tested once for all sessions."""
    return _mcnemar(_stamps_of(first, second), first, second)


def _stamps_of(*shown: Evaluation) -> str:
    return str([(str(one.path), _stamps(one.path)) for one in shown])


@st.cache_resource(show_spinner=False, max_entries=4)
def _pairing(stamps: str, _first: Evaluation, _second: Evaluation) -> tuple[compare.Pairing, pd.DataFrame]:
    both = compare.paired(_first.predictions, _second.predictions)
    return both, compare.flips(both)


@st.cache_resource(show_spinner=False, max_entries=48)
def _differences(stamps: str, forgeries: bool, _first: Evaluation, _second: Evaluation) -> list[dict[str, Any]]:
    return compare.differences(pairing(_first, _second)[0], forgeries)


@st.cache_resource(show_spinner=False, max_entries=48)
def _mcnemar(stamps: str, _first: Evaluation, _second: Evaluation) -> dict[str, Any]:
    return compare.mcnemar(pairing(_first, _second)[0])


# --- errors ------------------------------------------------------------------------------------------------------

EVALUATION, CELL, PAGE, EVALUATED = "evaluation", "cell", "page", "evaluated"
"""What of the page Errors stands in its address: release and data set, cell of the matrix, page, the photo opened."""
PAGES = "errors-page"


def choose_by_address(key: str = "evaluation") -> None:
    """Let the address choose what `dashboard.draw.evaluation.choose` offers, where it came from outside."""
    named = st.query_params.get(EVALUATION, "")
    if named and named != st.session_state.get("errors-shown"):
        release, _, dataset = named.rpartition("/")
        known = {(one.run["release"], one.run["dataset"]) for one in evaluations() if not one.problem}
        if (release, dataset) in known:
            st.session_state[f"{key}-release"], st.session_state[f"{key}-dataset"] = release, dataset


def keep_choice(shown: Evaluation) -> None:
    """Write into the address what is shown; what was opened of another evaluation is closed."""
    name = f"{shown.release}/{shown.dataset}"
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
    _renew(PAGES)


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


def go_to_evaluated(shown: Evaluation, photo: str) -> None:
    """Go to the page Errors and open a photo of an evaluation there."""
    named = {EVALUATION: f"{shown.release}/{shown.dataset}", EVALUATED: photo}
    st.switch_page(st.session_state["pages"]["Errors"], query_params=named)


def key_of(name: str) -> str:
    """Return the key of widgets that `start_over` sets back."""
    return f"{name}-{st.session_state.get(f'{name}-overs', 0)}"


def start_over(name: str) -> None:
    """Set widgets back to what they were at first, and the gallery to its first page; a callback."""
    _renew(name)
    first_page()


def _renew(name: str) -> None:
    st.session_state[f"{name}-overs"] = st.session_state.get(f"{name}-overs", 0) + 1


def keep(name: str, value: Any) -> None:
    """Remember something for this session."""
    st.session_state[f"kept-{name}"] = value


def remembered(name: str) -> Any:
    """Return what was kept for this session; None where nothing was."""
    return st.session_state.get(f"kept-{name}")


def value_of(key: str) -> Any:
    """Return the value of a widget by its key, as callbacks need it; None where it is not drawn."""
    return st.session_state.get(key)


def board(shown: Evaluation) -> Board:
    """Return an evaluation made ready for sorting and counting, once for all sessions.

    Raises:
        BadEvaluation: see `Board.of`.
    """
    return _board(str(shown.path), _stamps(shown.path), shown)


@st.cache_resource(show_spinner=False, max_entries=6)
def _board(path: str, stamps: str, _shown: Evaluation) -> Board:
    return Board.of(_shown)


def neighbours(shown: Evaluation) -> "Neighbours | None":
    """Return the index of an evaluation's photos by what the first stage sees; None where it stored none.

    Raises:
        BadEvaluation: see `Neighbours.read`.
    """
    return _neighbours(str(shown.path), _stamps(shown.path))


@st.cache_resource(show_spinner=False, max_entries=6)
def _neighbours(path: str, stamps: str) -> "Neighbours | None":
    from pipeline.evaluation.neighbours import Neighbours

    return Neighbours.read(Path(path))


def nearest(sha256: str, face: int, release: str, _face: Face) -> list[tuple[dict[str, Any], float]]:
    """Return the photos of a release's test that its first stage holds most alike to a face, each with its distance.

    Empty where that evaluation kept no features, or none of the release's own network.
    """
    tests = [one for one in evaluations() if one.run.get("release") == release and one.run.get("dataset") == "test"]
    if not tests or tests[-1].problem:
        return []
    try:
        shown = evaluation(tests[-1].path)
        index, seen = neighbours(shown), _features(sha256, face, release, _face)
    except BadEvaluation:  # the sentence under the verdict says what is wrong with it
        return []
    if index is None or seen is None or index.weights != read_release(release).edited.weights:
        return []
    rows = shown.predictions
    near = index.near(seen)
    told = [{str(name): value for name, value in rows.iloc[row].items()} for row, _ in near]
    return [(known, distance) for known, (_, distance) in zip(told, near, strict=True)]


@st.cache_resource(show_spinner=False, max_entries=256)
def _features(sha256: str, face: int, release: str, _face: Face) -> np.ndarray | None:
    from pipeline.cascade import features_of, load_cascade, tensor_of

    found = features_of(load_cascade(release), "edited", tensor_of([_face]))
    return None if found is None else found[0]


def tags() -> Tags:
    """Return the analysts' tags, kept in the casebook's database."""
    return Tags(settings().home / TAGS_FILE)


def search() -> Search | None:
    """Return what looks for evaluated photos on this machine, begun once a folder; None where no folder is named."""
    folder = data_folder()
    return _search(str(settings().home), folder) if folder else None


def evaluated_here(shown: Evaluation, found: Search | None) -> int:
    """Return how many photos of an evaluation, or their originals, were found; 0 while they are being looked for.

    Raises:
        DamagedDatabase: the index of photos cannot be read.
    """
    if found is None or found.running or found.problem:
        return 0
    return _evaluated_here(str(shown.path), _stamps(shown.path), str(found.photos.folder), found.looks, shown, found)


@st.cache_resource(show_spinner=False, max_entries=12)
def _evaluated_here(path: str, stamps: str, folder: str, looks: int, _shown: Evaluation, _found: Search) -> int:
    return int(_shown.predictions.sha256.isin(_found.photos.hashes()).sum())


@st.cache_resource(show_spinner=False, max_entries=4)
def _search(home: str, folder: Path) -> Search:
    made = Search(Photos(Path(home) / INDEX, folder))
    made.start()
    return made


def thumbnails(hashes: Iterable[str], found: Search | None) -> dict[str, Thumbnail]:
    """Return SHA-256 → small picture of those photos that are, or were, on this machine; hashed anew once changed.

    Raises:
        DamagedDatabase: the index of photos cannot be read.
    """
    if found is None:
        return {}
    return {sha256: _thumbnail(sha256, stamp, found) for sha256, stamp in found.photos.stamps(hashes).items()}


@st.cache_resource(show_spinner=False, max_entries=2000)
def _thumbnail(sha256: str, stamp: str, _found: Search) -> Thumbnail:
    return Thumbnail.of(_found.photos.read(sha256))


def held(sha256: str, found: Search | None) -> Held | None:
    """Return an evaluated photo with its faces, kept for the last that were opened; None where it is not known here.

    Raises:
        TriageError: the index of photos, or the photo, cannot be read.
    """
    stamps = found.photos.stamps([sha256]) if found else {}
    return _held(sha256, stamps[sha256], found) if found and sha256 in stamps else None


@st.cache_resource(show_spinner=False, max_entries=12)
def _held(sha256: str, stamp: str, _found: Search) -> Held:
    return Held.of(_found.photos.read(sha256))


@st.cache_resource(show_spinner=False, max_entries=4000)
def outline(packed: str, side: int, light: bool = False) -> bytes:
    """Return a coarse map on the canonical face's outline as PNG, in few colours if it is to be light.

    Raises:
        BadGrid: it is no packed map; "" is, and draws the outline alone.
    """
    drawn = face_map(unpacked(packed) if packed else None, side)
    return lighter(drawn) if light else drawn


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
