"""Which photos a release gets wrong: the confusion matrix, and behind each of its cells the photos themselves."""

import numpy as np
import streamlit as st

from dashboard.kit import choose_evaluation, fact_list, messages, navigation, photo_search
from dashboard.session import evaluated_photos, route, widgets
from dashboard.views.errors import address, cached, controls, gallery, matrix, neighbours, rates, verdict, wording
from dashboard.views.errors import photo as error_photo
from dashboard.views.errors import tags as error_tags
from dashboard.views.errors.board import PAGE, SORTS, Board, Cell, Judged, judged, kept, ordered, with_tags
from pipeline.datasets.photo_index import Search
from pipeline.errors import UnknownName

TITLE = "Errors"
ICON = "🗂️"
GROUP = "Understand the models"
ORDER = 20


def render() -> None:
    """Draw the matrix and the gallery, or the photo that is opened."""
    opened = address.evaluated_photo()
    address.choose_by_address()
    if not opened:
        _guidance()
    shown = choose_evaluation.choose()
    if shown is None:
        return
    address.keep_choice(shown)
    if opened and not address.evaluated_photo():
        route.refresh()  # it was a photo of another evaluation: the page begins anew
    board, search = cached.board(shown), evaluated_photos.search()
    gallery.style()
    if opened := address.evaluated_photo():
        _photo(board, opened, search)
        return
    looking = search is not None and search.running
    messages.live("errors-photos", lambda: _looked(board, search, looking), 1.0 if looking else None)
    messages.live("errors", lambda: _errors(board, search), None)


def _guidance() -> None:
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "Each row of the matrix is what photos truly are, each column what was said of them; click a cell to see them.",
        "Move the thresholds, or filter, and everything below follows. Nothing that is tried here changes the release.",
    )


def _looked(board: Board, search: Search | None, was_looking: bool) -> None:
    if was_looking and search and not search.running:
        route.refresh()  # the photos that were found meanwhile
    photo_search.progress(search, evaluated_photos.evaluated_here(board.evaluation, search), board.count)


def _errors(board: Board, search: Search | None) -> None:
    if not board.count:
        st.info("This evaluation holds no photo.")
        return
    tags = error_tags.known()
    facets = with_tags(board, tags)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = controls.filters(facets, board.count)
        among = kept(facets, chosen, board.count)
        controls.in_force(chosen, int(among.sum()), board.count)
    left, right = st.columns(2, gap="large")
    with right:
        found = judged(board, controls.thresholds(board))
        cells, cell = rates.matrix(found, among), Cell.of(address.cell())
        matrix.rates(rates.rates(cells), rates.rates_by_kind(board, found, among))
    with left:
        matrix.matrix(cells, cell)
    widgets.paint("gallery")
    _gallery(board, found, among & cell.of_photos(found) if cell else among, cell, tags, search)
    error_tags.export(tags)


def _gallery(
    board: Board, found: Judged, among: np.ndarray, cell: Cell | None, tags: gallery.Tagged, search: Search | None
) -> None:
    """Draw the photos of a cell, or all that pass the filters, a page at a time."""
    st.subheader(wording.title(cell, int(among.sum())), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        sort = controls.sort()
        rows = ordered(board, found, among, sort)
        if cell:
            st.button(
                "Show all verdicts", key="all-cells", icon=":material/close:", on_click=address.show_cell, args=("",)
            )
        gallery.save(board, found, rows, tags)
    if note := controls.sort_note(board, sort):
        st.caption(note)
    route.keep_order(_name(board), rows.tolist())
    if not len(rows):
        st.info("No photo is here: take a filter away, move a threshold back, or choose another cell.")
        return
    page = gallery.pages(len(rows))
    gallery.cards(board, found, rows[(page - 1) * PAGE : page * PAGE], tags, search)


def _name(board: Board) -> str:
    return f"errors {board.evaluation.path}"


def _usual(board: Board) -> list[int]:
    """Return the order in which photos are shown at first: those of the cell that the address names, or all."""
    cell = Cell.of(address.cell())
    among = cell.of_photos(board.given) if cell else np.ones(board.count, bool)
    return [int(place) for place in ordered(board, board.given, among, next(iter(SORTS)))]


def _photo(board: Board, photo: str, search: Search | None) -> None:
    place = board.row_of(photo)
    order = route.order_of(_name(board), _usual(board))
    where = navigation.bar(order, -1 if place is None else place)
    if where is navigation.BACK:
        address.close_evaluated(order.index(place) // PAGE + 1 if place in order else None)
    elif where is not None:
        address.open_evaluated(str(board.evaluation.predictions.id.iloc[where]))
    if place is None:
        raise UnknownName(f"There is no photo {photo} in this evaluation. Go back to the results.")
    messages.how_to_read(
        "Left: the photo if it is on this machine, and what stage 1's map held edited. Middle: what was said of it, "
        "beside what it truly is.",
        "Right: your tags and what is stored. Below: the labelled photos that the network holds most alike.",
    )
    seen, said, known = st.columns([4, 4, 3], gap="medium")
    opened = wording.seen(board, board.given, [place])[0]
    with seen:
        error_photo.photo(board, opened, search)
        error_photo.maps(opened.row)
    with said:
        verdict.panel(board, opened)
        verdict.tiers(board, photo)
    with known:
        error_tags.panel(board.evaluation, opened.row, error_tags.known().get(photo, {}))
        st.markdown("**What is stored of it**")
        st.html(fact_list.listed(wording.known_of(opened.row)))
        st.markdown(error_photo.whose_hash(opened))
        st.code(opened.row["sha256"], language=None, wrap_lines=True)
    neighbours.nearest(board, place, search)
