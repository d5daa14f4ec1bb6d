"""One evaluated photo opened: the photo itself where it is on this machine, its maps, and which parts were edited."""

import streamlit as st

from dashboard.kit import choose_evaluation, markup, messages
from dashboard.kit.heatmap import QUESTIONS
from dashboard.session import evaluated_photos, examined_photos
from dashboard.session.evaluated_copies import CHANGED, OpenedCopy, as_original
from dashboard.views.errors.board import Board
from dashboard.views.errors.evaluated import EvaluatedPhoto, Row
from dashboard.views.errors.regions import paint_regions
from dashboard.views.errors.wording import say_colours, say_logits, say_peak, say_regions
from models.release import read_release
from pipeline.datasets.photo_index import Search
from pipeline.errors import BadGrid, DamagedDatabase, TriageError
from pipeline.examining.questions import Question
from pipeline.heatmap import WHERE_EDITED
from pipeline.pictures.overlay import draw_map
from pipeline.pictures.photo import jpeg
from pipeline.words import verdicts

SIDE = 256
OPACITY = 0.6
BOTH = (
    "What speaks for “not edited” is the same map with its colours exchanged. Stage 2's maps are not stored; they are "
    "made anew where the photo is on this machine."
)


def draw_photo(board: Board, photo: EvaluatedPhoto, search: Search | None) -> None:
    """Draw the photo, or say why it is not shown; then, if they are asked for, the maps of both stages on it."""
    row = photo.row
    held = _read_photo(row["sha256"], search)
    if held is None or held.picture is None:
        _draw_absent(held, search)
        return
    if photo.forged:
        st.warning(
            "This edit was forged from the original shown; of the edit only its recipe is kept. The scores, "
            "the maps and the edited parts are those of the edit.",
            icon=":material/content_cut:",
        )
        st.image(jpeg(as_original(held.picture.rgb)), width="stretch", alt="The original of the edit, not the edit")
    else:
        st.image(jpeg(held.picture.rgb), width="stretch", alt=f"The evaluated photo, true label {row['label']}")
    st.caption(markup.escaped(str(held.path)))
    if len(held.faces) > 1:
        st.caption(f"{len(held.faces)} faces are found in it; the evaluation measured the largest one.")
    if not photo.forged:
        _draw_maps_on(board, row, held)


def _read_photo(sha256: str, search: Search | None) -> OpenedCopy | None:
    try:
        return evaluated_photos.open_evaluated(sha256, search)
    except DamagedDatabase as problem:
        messages.show_error(problem)
    except TriageError as problem:
        st.warning(
            f"The photo is on this machine, but cannot be read: {markup.escaped(str(problem))}",
            icon=":material/warning:",
        )
    return None


def _draw_absent(held: OpenedCopy | None, search: Search | None) -> None:
    if held and held.changed:
        st.warning(f"{CHANGED} {markup.escaped(str(held.path))}", icon=":material/warning:")
    elif search is None:
        st.info("The photo is not looked for: no folder of labelled photos is named under Settings.")
    elif search.running:
        st.info("The photo was not found yet; the folder of labelled photos is still being looked through.")
    else:
        st.info(f"The photo is not in {markup.escaped(str(search.photos.folder))}. What was measured of it is stored.")


def _draw_maps_on(board: Board, row: Row, held: OpenedCopy) -> None:
    if held.near is None:
        st.caption("No face is found in it now, so no heatmap can be made.")
        return
    if not st.toggle(
        "Show the heatmaps on the photo",
        key=f"maps-{row['id']}",
        help="Computes those of both stages, for both labels of each; takes seconds.",
    ):
        return
    with messages.showing_errors():
        release = read_release(board.evaluation.release)
        if choose_evaluation.is_stale(board.evaluation):
            st.warning(
                messages.stale(release.name, "These maps are not those that were measured."),
                icon=":material/warning:",
            )
        grid = st.grid(2)
        for question in QUESTIONS:
            with grid.cell():
                _draw_map_on(row, held, question, release.name)


def _draw_map_on(row: Row, held: OpenedCopy, question: Question, release: str) -> None:
    assert held.near is not None
    with st.spinner("Computing this map …"):
        heatmap = examined_photos.asked_map(row["sha256"], held.faces[0], question, release)
    name = QUESTIONS[question]
    st.image(jpeg(draw_map(held.near, heatmap, OPACITY)), width="stretch", alt=f"Heatmap of what speaks for {name}")
    checked = "" if heatmap.faithfulness is None else f"; check by blurring {say_logits(heatmap.faithfulness)}"
    st.caption(f"Speaks for **{name}**: peak {say_logits(heatmap.peak)}{checked}")
    for line in verdicts.map_states(heatmap):
        st.caption(f"⚠ {line}")


def draw_maps(row: Row) -> None:
    """Draw the stored coarse map on the outline, beside the parts that were edited, and say what both hold."""
    try:
        drawn, way = evaluated_photos.outline(row["heatmap"], SIDE), say_colours(row)
    except BadGrid as problem:
        drawn, way = evaluated_photos.outline("", SIDE), f"⚠ {markup.escaped(str(problem))}"
    peak, truth = say_peak(row), say_regions(row["regions"])
    left, right = st.columns(2, gap="small", wrap=False)
    with left:
        asked = row["map_method"] in WHERE_EDITED
        st.markdown("**Where stage 1 holds it edited**" if asked else "**Where stage 1 looked**")
        st.image(drawn, width="stretch", alt=f"Coarse heatmap for “edited” on a face outline. {peak}")
    with right:
        st.markdown("**What was edited**")
        st.image(paint_regions(row["regions"], SIDE), width="stretch", alt=f"Edited parts on a face outline. {truth}")
    st.caption(f"{way}  \n{markup.escaped(peak)}  \n{markup.escaped(truth)}  \n{BOTH}")
