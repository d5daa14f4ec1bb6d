"""Photos in, verdicts with their heatmaps out."""

import streamlit as st

from dashboard.kit import fact_list, heatmap, messages, navigation, verdict
from dashboard.kit.rows import SORTS, Filter, Row, chosen, rows_of
from dashboard.session import examined_photos, neighbours, route, runs, samples
from dashboard.session.opened import Opened
from dashboard.views.examine import intake, like_this, mark, progress, results
from models.release import read_release, release_names
from pipeline.casebook.runs import Run
from pipeline.errors import BadEvaluation, UnknownName
from pipeline.heatmap import Heatmap
from pipeline.marks import Mark
from pipeline.pictures.photo import painted, png
from pipeline.settings import settings

TITLE = "Examine"
ICON = "🔎"
GROUP = "Investigate"
ORDER = 1

WIDTHS = [1, 2.6]
MANY = 500
"""From so many photos on, a running page is drawn every three seconds instead of every one."""


def render() -> None:
    """Draw the start, a run's results, or one photo of it."""
    run, index = route.current_run(), route.opened_index()
    if run is None:
        _start()
    elif index is None:
        _results(run)
    else:
        _photo(run, index)


def _start() -> None:
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        asked, wanted = _intake()
    with right:
        intake.first_steps()
        asked = intake.sample_gallery(samples.samples()) or asked
        messages.how_to_read(
            "Telltale says what two trained models indicate about each face, how sure they are, and where they looked.",
            "It never says that a photo is genuine: one in which it finds nothing may still be edited.",
        )
    if asked:
        runs.begin(asked.sources, asked.token, wanted.release, wanted.heatmaps)


def _intake() -> tuple[intake.Request | None, intake.Options]:
    names = release_names()
    newest = read_release(settings().release).name
    asked = intake.uploads(runs.uploader_key("files"), runs.uploader_key("folder"))
    return asked, intake.options(names, newest)


def _results(run: Run) -> None:
    busy = _busy(run)
    every = None if not busy else 1.0 if len(run.inputs()) < MANY else 3.0
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        messages.live("progress", lambda: _progress(run, busy), every)
        with st.expander("Examine more photos"):
            asked, wanted = _intake()
        if st.button("Back to the start and the samples", type="tertiary", icon=":material/arrow_back:", key="start"):
            route.leave_run()
    with right:
        messages.live("results", lambda: _found(run), every)
    if asked:
        runs.begin(asked.sources, asked.token, wanted.release, wanted.heatmaps)


def _busy(run: Run) -> bool:
    taken = runs.handover(run)
    return bool(taken and taken.taking) or runs.progress(run).running


def _progress(run: Run, was_busy: bool) -> None:
    begun = run.facts.created.replace("T", " ").removesuffix("Z")
    st.markdown(f"**Run of {begun} UTC**  \nrelease `{run.facts.release}`")
    taken = runs.handover(run)
    if taken and taken.failure:
        st.error(taken.failure, icon=":material/warning:")
    if taken and taken.taking:
        progress.taking_in(taken)
        return
    if not taken and run.taking:
        st.error(
            f"The taking-in of this run's {run.taking} files was broken off, and some are missing here: hand them "
            "over again.",
            icon=":material/warning:",
        )
    now = runs.progress(run)
    if now.running:
        if progress.examining(now):
            runs.stop(run)
        return
    if was_busy:
        route.refresh()  # the last of it: draw the page once more, and no more by itself
    if progress.ended(now):
        runs.resume(run)
    results.accounted(run.account())


def _found(run: Run) -> None:
    rows = rows_of(run.results())
    examined = [row for row in rows if row.verdict]
    if examined:
        _examined(run, rows, examined)
    elif len(rows) < len(run.inputs()) or not rows:
        st.info("Results appear here as they come.")
    results.failures(rows, lambda index: _partially(run, index))
    if not rows:
        return
    messages.how_to_read(
        "Bar: calibrated probability that the most suspicious face was edited; the line is the threshold, "
        "hatched is where the release abstains.",
        "An indication, not proof: open a photo before you rely on it. “No indication” does not mean genuine.",
    )


def _partially(run: Run, index: int) -> None:
    with st.spinner("Examining what is left of the photo …"):
        runs.examine_again(run, index, [], True)


def _examined(run: Run, rows: list[Row], examined: list[Row]) -> None:
    labels = results.verdict_chips(examined)
    with st.container(horizontal=True, vertical_alignment="center"):
        view = results.view_switch()
        wanted, sort = results.sort_and_filter(labels)
        shown = chosen(examined, wanted, sort)
        results.exports(shown, rows, run.id, run.account)
        st.caption(f"{len(shown)} of {len(examined)} examined photos, {sort[0].lower()}{sort[1:]}")
    route.keep_order(run.id, [row.index for row in shown])
    if not shown:
        st.info("No photo passes these filters. Take one away to see more.")
    elif view == "Table":
        results.table(shown, run.id, route.open_photo)
    else:
        results.gallery(shown, run.thumbnail, route.open_photo)


def _photo(run: Run, index: int) -> None:
    rows = rows_of(run.results())
    usual = [row.index for row in chosen(rows, Filter(), next(iter(SORTS)))]
    where = navigation.bar(route.order_of(run.id, usual), index)
    if where is navigation.BACK:
        route.close_photo()
    elif where is not None:
        route.open_photo(where)
    if index not in usual:
        raise UnknownName(f"Photo {index} of this run is not examined, or could not be. Go back to the results.")
    record = next(row.record for row in rows if row.index == index)
    opened = examined_photos.opened_photo(run.id, index, record.get("revision", 0), record)
    seen, said, known = st.columns([5, 4, 3], gap="medium")
    with seen:
        chosen_face, overlay = _seen(run, index, opened)
    with said:
        _said(run, next(row for row in rows if row.index == index), opened, chosen_face)
    with known:
        fact_list.file_facts(opened)
        fact_list.examination_facts(opened, run.facts)
        fact_list.downloads(opened, overlay)
    if opened.faces:  # last: the rest of the page does not wait for the network that looks again
        _alike(opened, chosen_face)


def _alike(opened: Opened, number: int) -> None:
    """Draw the labelled photos most alike to a face; of a damaged evaluation, say that there are none to be had."""
    face, release = opened.faces[number].face, opened.release.name
    try:
        near = neighbours.nearest(opened.record["sha256"], release, face)
    except BadEvaluation as problem:
        like_this.no_neighbours(problem)
        return
    like_this.neighbours(near, release)


def _seen(run: Run, index: int, opened: Opened) -> tuple[int, bytes | None]:
    """Draw the photo with its map; return the face that was chosen and the overlay to take away."""
    if not opened.faces:
        if not _mark(run, index, opened):
            heatmap.photo(opened.picture, (), 0, None, heatmap.PLAIN, opened.record["name"], opened.unjudged)
        return 0, None
    revision = opened.record.get("revision", 0)
    number = heatmap.choose_face(len(opened.faces), opened.decisive, f"face-{run.id}-{index}-{revision}")
    face, view, above = opened.faces[number], heatmap.view_switch(), st.container()
    how = heatmap.look(view)
    made = _map(opened, number, heatmap.question(face, f"map-{run.id}-{index}-{number}-{revision}"))
    shown = examined_photos.zoomed(run.id, index, face.face, opened.record) if how.zoom else opened.picture
    with above:
        heatmap.photo(shown, opened.faces, number, made, how, opened.record["name"], opened.unjudged)
        if made and view != "Original":
            heatmap.legend(made)
    _mark(run, index, opened)
    if made is None:
        return number, None
    return number, png(painted(opened.picture, made, how.opacity or 0.6), made, opened.record)


def _mark(run: Run, index: int, opened: Opened) -> bool:
    """Let the analyst mark a face, or take the marks back: the photo is then examined again.

    Returns whether the photo was drawn for it.
    """
    record, key = opened.record, f"{run.id}-{index}-{opened.record.get('revision', 0)}"
    marks = [Mark.read(each) for each in record.get("marks", ())]
    asked, back = None, bool(marks) and mark.taking_back(len(marks), key)
    if wanted := mark.wanted(not opened.faces, key):
        asked = mark.marking(opened.picture, record["width"], record["height"], key)
    if asked or back:
        with st.spinner("Examining the photo again …"):
            on = (record.get("partial", False), record.get("frame", 0))
            runs.examine_again(run, index, [*marks, asked] if asked else [], *on)
    return wanted


def _map(opened: Opened, number: int, question: heatmap.Question | None) -> Heatmap | None:
    """Return the map asked for: the one that was kept, or one made now."""
    face = opened.faces[number]
    if question is None:
        return None
    for kept in face.heatmaps:
        if (kept.stage, kept.label) == question:
            return kept
    with st.spinner("Computing this map …"):
        return examined_photos.asked_map(opened.record["sha256"], face.face, *question, opened.release.name)


def _said(run: Run, row: Row, opened: Opened, number: int) -> None:
    verdict.of_photo(row, opened.faces[number] if opened.faces else None)
    if not opened.faces:
        verdict.panel(None, 0, 0)
        return
    face = opened.faces[number]
    known = neighbours.known_of_face(run.id, row.index, face.face)
    like = like_this.of_face(opened.release.name, opened.record["release_sha256"], known, face.verdict.label)
    verdict.panel(face, number + 1, len(opened.faces), like.sentence)
    like_this.table(like, face.verdict.label)
    verdict.stages(face.verdict, opened.release)
    if len(opened.faces) > 1:
        verdict.per_face(opened.faces)
    messages.how_to_read(
        "Stage 1 says whether a face was edited; only if it passes its threshold does stage 2 say which kind.",
        "The heatmap shows what a stage took for an edit, or what moved its score. It can be wrong.",
    )
