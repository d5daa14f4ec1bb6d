"""Which photos a release gets wrong: the confusion matrix, and behind each of its cells the photos themselves."""

import numpy as np
import streamlit as st

from dashboard.kit import choose_evaluation, fact_list, messages, navigation, photo_search
from dashboard.session import evaluated_photos, route, widgets
from dashboard.views.errors import address, cached, controls, gallery, matrix, neighbours, rates, verdict, wording
from dashboard.views.errors.board import PAGE, Board, Cell, Judgement, judge
from dashboard.views.errors.evaluated import photos_at
from dashboard.views.errors.facets import passing, with_tags
from dashboard.views.errors.orders import SORTS, sort_photos
from dashboard.views.errors.photo import draw_maps, draw_photo
from dashboard.views.errors.tags import draw_export, draw_tags, read_tags
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
        _draw_guidance()
    evaluation = choose_evaluation.choose()
    if evaluation is None:
        return
    address.keep_choice(evaluation)
    if opened and not address.evaluated_photo():
        route.refresh()  # it was a photo of another evaluation: the page begins anew
    board, search = cached.board(evaluation), evaluated_photos.search()
    gallery.draw_style()
    if opened := address.evaluated_photo():
        _draw_opened(board, opened, search)
        return
    looking = search is not None and search.running
    messages.live("errors-photos", lambda: _draw_search(board, search, looking), 1.0 if looking else None)
    messages.live("errors", lambda: _draw_errors(board, search), None)


def _draw_guidance() -> None:
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "Each row of the matrix is what photos truly are, each column what was said of them; click a cell to see them.",
        "Move the thresholds, or filter, and everything below follows. Nothing that is tried here changes the release.",
    )


def _draw_search(board: Board, search: Search | None, was_looking: bool) -> None:
    if was_looking and search and not search.running:
        route.refresh()  # the photos that were found meanwhile
    photo_search.draw_progress(search, evaluated_photos.evaluated_here(board.evaluation, search), board.count)


def _draw_errors(board: Board, search: Search | None) -> None:
    if not board.count:
        st.info("This evaluation holds no photo.")
        return
    tags = read_tags()
    facets = with_tags(board.facets, board.evaluation.predictions.id, tags)
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = controls.ask_filters(facets, board.count)
        among = passing(facets, chosen, board.count)
        controls.draw_filters(chosen, int(among.sum()), board.count)
    left, right = st.columns(2, gap="large")
    with right:
        judgement = judge(board, controls.ask_thresholds(board))
        cells, cell = rates.count_cells(judgement, among), Cell.of(address.cell())
        matrix.draw_rates(rates.rates_of(cells), rates.rates_by_kind(board, judgement, among))
    with left:
        matrix.draw_matrix(cells, cell)
    widgets.paint("gallery")
    _draw_gallery(board, judgement, among & cell.of_photos(judgement) if cell else among, cell, tags, search)
    draw_export(tags)


def _draw_gallery(
    board: Board,
    judgement: Judgement,
    among: np.ndarray,
    cell: Cell | None,
    tags: gallery.Tagged,
    search: Search | None,
) -> None:
    """Draw the photos of a cell, or all that pass the filters, a page at a time."""
    st.subheader(wording.say_title(cell, int(among.sum())), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        sort = controls.ask_sort()
        rows = sort_photos(board, judgement, among, sort)
        if cell:
            st.button(
                "Show all verdicts", key="all-cells", icon=":material/close:", on_click=address.show_cell, args=("",)
            )
        gallery.draw_save(board, judgement, rows, tags)
    if note := controls.say_sort(board, sort):
        st.caption(note)
    route.keep_order(_name(board), rows.tolist())
    if not len(rows):
        st.info("No photo is here: take a filter away, move a threshold back, or choose another cell.")
        return
    page = gallery.ask_page(len(rows))
    gallery.draw_cards(board, judgement, rows[(page - 1) * PAGE : page * PAGE], tags, search)


def _name(board: Board) -> str:
    return f"errors {board.evaluation.path}"


def _usual_order(board: Board) -> list[int]:
    """Return the order in which photos are shown at first: those of the cell that the address names, or all."""
    cell = Cell.of(address.cell())
    among = cell.of_photos(board.given) if cell else np.ones(board.count, bool)
    return [int(place) for place in sort_photos(board, board.given, among, next(iter(SORTS)))]


def _draw_opened(board: Board, photo: str, search: Search | None) -> None:
    place = board.row_of(photo)
    order = route.order_of(_name(board), _usual_order(board))
    where = navigation.draw_bar(order, -1 if place is None else place)
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
    left, middle, right = st.columns([4, 4, 3], gap="medium")
    opened = photos_at(board, board.given, [place])[0]
    with left:
        draw_photo(board, opened, search)
        draw_maps(opened.row)
    with middle:
        verdict.draw_panel(board, opened)
        verdict.draw_tiers(board, photo)
    with right:
        draw_tags(board.evaluation, opened.row, read_tags().get(photo, {}))
        st.markdown("**What is stored of it**")
        st.html(fact_list.html_list(wording.facts_of(opened.row)))
        st.markdown(wording.say_whose_hash(opened))
        st.code(opened.row["sha256"], language=None, wrap_lines=True)
    neighbours.draw_nearest(board, place, search)
