"""Which photos a release gets wrong: the confusion matrix, and behind each of its cells the photos themselves."""

import numpy as np
import streamlit as st

from dashboard import error_rates, state
from dashboard.draw import (
    error_controls,
    error_gallery,
    error_matrix,
    error_neighbours,
    error_photo,
    error_search,
    error_tags,
    error_verdict,
    error_words,
    evaluation,
    facts,
    message,
    navigation,
)
from dashboard.evaluated import PAGE, SORTS, Board, Cell, Judged, judged, kept, ordered, with_tags
from pipeline.datasets.photo_index import Search
from pipeline.errors import UnknownName

TITLE = "Errors"
ICON = "🗂️"
GROUP = "Understand the models"
ORDER = 20


def render() -> None:
    """Draw the matrix and the gallery, or the photo that is opened."""
    opened = state.evaluated_photo()
    state.choose_by_address()
    if not opened:
        _guidance()
    shown = evaluation.choose()
    if shown is None:
        return
    state.keep_choice(shown)
    if opened and not state.evaluated_photo():
        state.refresh()  # it was a photo of another evaluation: the page begins anew
    board, search = state.board(shown), state.search()
    error_gallery.style()
    if opened := state.evaluated_photo():
        _photo(board, opened, search)
        return
    looking = search is not None and search.running
    state.live("errors-photos", lambda: _looked(board, search, looking), 1.0 if looking else None)
    state.live("errors", lambda: _errors(board, search), None)


def _guidance() -> None:
    st.title(TITLE, anchor=False)
    message.how_to_read(
        "Each row of the matrix is what photos truly are, each column what was said of them; click a cell to see them.",
        "Move the thresholds, or filter, and everything below follows. Nothing that is tried here changes the release.",
    )


def _looked(board: Board, search: Search | None, was_looking: bool) -> None:
    if was_looking and search and not search.running:
        state.refresh()  # the photos that were found meanwhile
    error_search.progress(search, state.evaluated_here(board.evaluation, search), board.count)


def _errors(board: Board, search: Search | None) -> None:
    if not board.count:
        st.info("This evaluation holds no photo.")
        return
    tags = error_tags.known()
    facets = with_tags(board, tags)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = error_controls.filters(facets, board.count)
        among = kept(facets, chosen, board.count)
        error_controls.in_force(chosen, int(among.sum()), board.count)
    left, right = st.columns(2, gap="large")
    with right:
        found = judged(board, error_controls.thresholds(board))
        cells, cell = error_rates.matrix(found, among), Cell.of(state.cell())
        error_matrix.rates(error_rates.rates(cells), error_rates.rates_by_kind(board, found, among))
    with left:
        error_matrix.matrix(cells, cell)
    state.paint("gallery")
    _gallery(board, found, among & cell.of_photos(found) if cell else among, cell, tags, search)
    error_tags.export(tags)


def _gallery(
    board: Board, found: Judged, among: np.ndarray, cell: Cell | None, tags: error_gallery.Tagged, search: Search | None
) -> None:
    """Draw the photos of a cell, or all that pass the filters, a page at a time."""
    st.subheader(error_words.title(cell, int(among.sum())), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        sort = error_controls.sort()
        rows = ordered(board, found, among, sort)
        if cell:
            st.button(
                "Show all verdicts", key="all-cells", icon=":material/close:", on_click=state.show_cell, args=("",)
            )
        error_gallery.save(board, found, rows, tags)
    if note := error_controls.sort_note(board, sort):
        st.caption(note)
    state.keep_order(_name(board), rows.tolist())
    if not len(rows):
        st.info("No photo is here: take a filter away, move a threshold back, or choose another cell.")
        return
    page = error_gallery.pages(len(rows))
    error_gallery.cards(board, found, rows[(page - 1) * PAGE : page * PAGE], tags, search)


def _name(board: Board) -> str:
    return f"errors {board.evaluation.path}"


def _usual(board: Board) -> list[int]:
    """Return the order in which photos are shown at first: those of the cell that the address names, or all."""
    cell = Cell.of(state.cell())
    among = cell.of_photos(board.given) if cell else np.ones(board.count, bool)
    return [int(place) for place in ordered(board, board.given, among, next(iter(SORTS)))]


def _photo(board: Board, photo: str, search: Search | None) -> None:
    place = board.row_of(photo)
    order = state.order_of(_name(board), _usual(board))
    where = navigation.bar(order, -1 if place is None else place)
    if where is navigation.BACK:
        state.close_evaluated(order.index(place) // PAGE + 1 if place in order else None)
    elif where is not None:
        state.open_evaluated(str(board.evaluation.predictions.id.iloc[where]))
    if place is None:
        raise UnknownName(f"There is no photo {photo} in this evaluation. Go back to the results.")
    message.how_to_read(
        "Left: the photo if it is on this machine, and what stage 1's map held edited. Middle: what was said of it, "
        "beside what it truly is.",
        "Right: your tags and what is stored. Below: the labelled photos that the network holds most alike.",
    )
    seen, said, known = st.columns([4, 4, 3], gap="medium")
    opened = error_words.seen(board, board.given, [place])[0]
    with seen:
        error_photo.photo(board, opened, search)
        error_photo.maps(opened.row)
    with said:
        error_verdict.panel(board, opened)
        error_verdict.tiers(board, photo)
    with known:
        error_tags.panel(board.evaluation, opened.row, error_tags.known().get(photo, {}))
        st.markdown("**What is stored of it**")
        st.html(facts.listed(error_words.known_of(opened.row)))
        st.markdown(error_photo.whose_hash(opened))
        st.code(opened.row["sha256"], language=None, wrap_lines=True)
    error_neighbours.nearest(board, place, search)
