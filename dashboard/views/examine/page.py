"""Photos in, verdicts with their heatmaps out."""

import streamlit as st

from dashboard.kit import fact_list, heatmap, messages, navigation, progress, take_in, verdict
from dashboard.kit.like_this import draw_like
from dashboard.kit.rows import SORTS, Filter, Row, filter_rows, rows_of
from dashboard.session import examined_photos, neighbours, route, runs, samples
from dashboard.session.examined_photos import Opened
from dashboard.views.examine import evidence, intake, like_this, mark, results, to_case
from models.release import read_release, release_names
from pipeline.casebook.runs import Run
from pipeline.errors import BadEvaluation, UnknownName
from pipeline.examining.questions import Question
from pipeline.heatmap import Heatmap
from pipeline.marks import Mark
from pipeline.pictures.overlay import draw_map, overlay_png, remarks_of
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
        _draw_start()
    elif index is None:
        _draw_run(run)
    else:
        _draw_photo(run, index)


def _draw_start() -> None:
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        asked, wanted = _ask_intake()
    with right:
        intake.draw_first_steps()
        asked = intake.draw_samples(samples.samples()) or asked
        messages.how_to_read(
            "Telltale says what two trained models indicate about each face, how sure they are, and where they looked.",
            "It never says that a photo is genuine: one in which it finds nothing may still be edited.",
        )
    if asked:
        runs.begin(asked.sources, asked.token, wanted.release, wanted.heatmaps)


def _ask_intake() -> tuple[take_in.Request | None, intake.Options]:
    names = release_names()
    newest = read_release(settings().release).name
    asked = take_in.ask_files(runs.uploader_key("files"), runs.uploader_key("folder"))
    return asked, intake.ask_options(names, newest)


def _draw_run(run: Run) -> None:
    busy = _is_busy(run)
    every = None if not busy else 1.0 if len(run.inputs()) < MANY else 3.0
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        messages.live("progress", lambda: _draw_progress(run, busy), every)
        with st.expander("Examine more photos"):
            asked, wanted = _ask_intake()
        if st.button("Back to the start and the samples", type="tertiary", icon=":material/arrow_back:", key="start"):
            route.leave_run()
    with right:
        messages.live("results", lambda: _draw_results(run), every)
    if asked:
        runs.begin(asked.sources, asked.token, wanted.release, wanted.heatmaps)


def _is_busy(run: Run) -> bool:
    taken = runs.handover(run)
    return bool(taken and taken.taking) or runs.progress(run).running


def _draw_progress(run: Run, was_busy: bool) -> None:
    begun = run.facts.created.replace("T", " ").removesuffix("Z")
    st.markdown(f"**Run of {begun} UTC**  \nrelease `{run.facts.release}`")
    taken = runs.handover(run)
    if taken and taken.failure:
        st.error(taken.failure, icon=":material/warning:")
    if taken and taken.taking:
        progress.draw_taking_in(taken)
        return
    if not taken and run.taking:
        st.error(
            f"The taking-in of this run's {run.taking} files was broken off, and some are missing here: hand them "
            "over again.",
            icon=":material/warning:",
        )
    now = runs.progress(run)
    if now.running:
        if progress.draw_running(now):
            runs.stop(run)
        return
    if was_busy:
        route.refresh()  # the last of it: draw the page once more, and no more by itself
    if progress.draw_ended(now):
        runs.resume(run)
    results.draw_account(run.account())


def _draw_results(run: Run) -> None:
    rows = rows_of(run.results())
    examined = [row for row in rows if row.verdict]
    if examined:
        _draw_examined(run, rows, examined)
    elif len(rows) < len(run.inputs()) or not rows:
        st.info("Results appear here as they come.")
    results.draw_failures(rows, lambda index: _examine_rest(run, index))
    if not rows:
        return
    messages.how_to_read(
        "Bar: calibrated probability that the most suspicious face was edited; the line is the threshold, "
        "hatched is where the release abstains.",
        "An indication, not proof: open a photo before you rely on it. “No indication” does not mean genuine.",
    )


def _examine_rest(run: Run, index: int) -> None:
    with st.spinner("Examining what is left of the photo …"):
        runs.examine_again(run, index, [], True)


def _draw_examined(run: Run, rows: list[Row], examined: list[Row]) -> None:
    labels = results.choose_verdicts(examined)
    with st.container(horizontal=True, vertical_alignment="center"):
        view = navigation.choose_list("view")
        wanted, sort = results.choose_filter(labels)
        matching = filter_rows(examined, wanted, sort)
        results.offer_exports(matching, rows, run.id, run.account)
        to_case.offer_case(run, matching, rows)
        st.caption(f"{len(matching)} of {len(examined)} examined photos, {sort[0].lower()}{sort[1:]}")
    route.keep_order(run.id, [row.index for row in matching])
    if not matching:
        st.info("No photo passes these filters. Take one away to see more.")
    elif view == "Table":
        results.draw_table(matching, run.id, route.open_photo)
    else:
        results.draw_gallery(matching, run.thumbnail, route.open_photo)


def _draw_photo(run: Run, index: int) -> None:
    rows = rows_of(run.results())
    usual = [row.index for row in filter_rows(rows, Filter(), next(iter(SORTS)))]
    where = navigation.draw_bar(route.order_of(run.id, usual), index)
    if where is navigation.BACK:
        route.close_photo()
    elif where is not None:
        route.open_photo(where)
    if index not in usual:
        raise UnknownName(f"Photo {index} of this run is not examined, or could not be. Go back to the results.")
    record = next(row.record for row in rows if row.index == index)
    opened = examined_photos.opened_photo(run.id, index, record.get("revision", 0), record)
    left, middle, right = st.columns([5, 4, 3], gap="medium")
    with left:
        chosen_face, overlay = _draw_picture(run, index, opened)
    with middle:
        _draw_verdict(run, next(row for row in rows if row.index == index), opened, chosen_face)
    with right:
        fact_list.draw_file_facts(opened)
        fact_list.draw_examination_facts(opened, run.facts)
        fact_list.offer_downloads(opened.record, overlay)
    evidence.offer_evidence(run, opened)
    if opened.faces:  # last: the rest of the page does not wait for the network that looks again
        _draw_neighbours(opened, chosen_face)


def _draw_neighbours(opened: Opened, number: int) -> None:
    """Draw the labelled photos most alike to a face; of a damaged evaluation, say that there are none to be had."""
    face, release = opened.faces[number].face, opened.release.name
    try:
        near = neighbours.nearest(opened.record["sha256"], release, face)
    except BadEvaluation as problem:
        like_this.draw_unreadable(problem)
        return
    like_this.draw_neighbours(near, release)


def _draw_picture(run: Run, index: int, opened: Opened) -> tuple[int, bytes | None]:
    """Draw the photo with its map; return the face that was chosen and the overlay to take away."""
    if not opened.faces:
        if not _ask_mark(run, index, opened):
            heatmap.draw_photo(opened, opened.picture, 0, None, heatmap.PLAIN)
        return 0, None
    revision = opened.record.get("revision", 0)
    number = heatmap.choose_face(len(opened.faces), opened.decisive, f"face-{run.id}-{index}-{revision}")
    face, view, above = opened.faces[number], heatmap.choose_view(), st.container()
    how = heatmap.choose_look(view)
    asked = _map_of(opened, number, heatmap.choose_question(face, f"map-{run.id}-{index}-{number}-{revision}"))
    part = examined_photos.zoom_to(run.id, index, face.face, opened.record) if how.zoom else opened.picture
    with above:
        heatmap.draw_photo(opened, part, number, asked, how)
        if asked and view != "Original":
            heatmap.draw_legend(asked)
    _ask_mark(run, index, opened)
    if asked is None:
        return number, None
    rgb, record = draw_map(opened.picture, asked, how.opacity or 0.6), opened.record
    return number, overlay_png(rgb, asked, record["sha256"], remarks_of(record), compression=1)


def _ask_mark(run: Run, index: int, opened: Opened) -> bool:
    """Let the analyst mark a face, or take the marks back: the photo is then examined again.

    Returns whether the photo was drawn for it.
    """
    record, key = opened.record, f"{run.id}-{index}-{opened.record.get('revision', 0)}"
    marks = [Mark.read(each) for each in record.get("marks", ())]
    asked, back = None, bool(marks) and mark.ask_back(len(marks), key)
    if wanted := mark.ask_whether(not opened.faces, key):
        asked = mark.ask_mark(opened.picture, record["width"], record["height"], key)
    if asked or back:
        with st.spinner("Examining the photo again …"):
            on = (record.get("partial", False), record.get("frame", 0))
            runs.examine_again(run, index, [*marks, asked] if asked else [], *on)
    return wanted


def _map_of(opened: Opened, number: int, question: Question | None) -> Heatmap | None:
    """Return the map asked for: the one that was kept, or one made now."""
    face = opened.faces[number]
    if question is None:
        return None
    for kept in face.heatmaps:
        if Question.behind(kept) == question:
            return kept
    with st.spinner("Computing this map …"):
        return examined_photos.asked_map(opened.record["sha256"], face.face, question, opened.release.name)


def _draw_verdict(run: Run, row: Row, opened: Opened, number: int) -> None:
    verdict.draw_of_photo(row, opened.faces[number] if opened.faces else None)
    if not opened.faces:
        verdict.draw_panel(None, 0, 0)
        return
    face = opened.faces[number]
    known = neighbours.known_of_face(run.id, row.index, face.face)
    like = like_this.like_of_face(opened.release.name, opened.record["release_sha256"], known, face.verdict.label)
    verdict.draw_panel(face, number + 1, len(opened.faces), like.sentence)
    draw_like(like, face.verdict.label)
    verdict.draw_stages(face.verdict, opened.release)
    if len(opened.faces) > 1:
        verdict.draw_faces(opened.faces)
    messages.how_to_read(
        "Stage 1 says whether a face was edited; only if it passes its threshold does stage 2 say which kind.",
        "The heatmap shows what a stage took for an edit, or what moved its score. It can be wrong.",
    )
