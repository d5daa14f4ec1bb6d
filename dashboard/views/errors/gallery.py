"""Evaluated photos as cards: the photo where it is on this machine, its coarse map, what was said, and what is true."""

import html
from collections.abc import Mapping

import numpy as np
import streamlit as st

from dashboard.kit import messages
from dashboard.session import evaluated_photos, widgets
from dashboard.session.evaluated_copies import Thumbnail, as_uri
from dashboard.views.errors import address
from dashboard.views.errors.board import PAGE, Board, Judgement
from dashboard.views.errors.evaluated import EvaluatedPhoto, photos_at
from dashboard.views.errors.orders import rows_to_save
from dashboard.views.errors.wording import card_html
from pipeline.casebook.tags import Tag
from pipeline.datasets.photo_index import Search
from pipeline.errors import BadGrid, TriageError
from pipeline.words import readable
from pipeline.words.figures import count

SIDE = 128
Tagged = Mapping[str, Mapping[str, Tag]]

STYLE = """<style>
.tt-rates {border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums;}
.tt-rates th, .tt-rates td {text-align: right; padding: .18rem .3rem; border-bottom: 1px solid rgba(127,127,127,.3);
                            font-weight: 400;}
.tt-rates th:first-child {text-align: left;}
.tt-rates thead th {opacity: .82;}
.tt-rates td {white-space: nowrap;}
.tt-rates td.tt-word {white-space: normal; text-align: left;}
.tt-rates td:nth-child(2):not(.tt-word) {font-weight: 600;}
.tt-pair {display: grid; grid-template-columns: 1fr 1fr; gap: .3rem; align-items: center; height: 7.2rem;}
.tt-pair img {width: 100%; height: 7.2rem; object-fit: contain;}
.tt-said {display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .6rem; margin-top: .3rem;}
.tt-pair .tt-one {grid-column: 1 / 3;}
</style>"""


def draw_style() -> None:
    """Add what cards and small tables need to the page; once a run."""
    st.html(STYLE)


def ask_page(n: int) -> int:
    """Ask which page of so many photos is shown; return its number, from 1."""
    many = -(-n // PAGE)
    if many < 2:
        return 1
    key = f"{widgets.key_of(address.PAGES)}-{many}"
    return int(st.pagination(many, default=address.page_of(many), key=key, on_change=address.turn_page, args=(key,)))


def draw_save(board: Board, judgement: Judgement, rows: np.ndarray, tags: Tagged) -> None:
    """Offer all photos of the gallery, in its order and over all its pages, as CSV; made only when it is asked for."""
    st.download_button(
        f"Save these {count(len(rows))} as CSV",
        lambda: rows_to_save(board, judgement, rows, tags).to_csv(index=False).encode("utf-8-sig"),
        "telltale-errors.csv",
        "text/csv",
        key="csv-errors",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        disabled=not len(rows),
    )


def draw_cards(board: Board, judgement: Judgement, rows: np.ndarray, tags: Tagged, search: Search | None) -> None:
    """Draw photos as cards.

    Args:
        board: the evaluation.
        judgement: what is said of its photos.
        rows: places of the photos on this page.
        tags: photo → tag → `Tag`.
        search: where photos are looked for on this machine.
    """
    photos = photos_at(board, judgement, rows)
    small = thumbnails([photo.row["sha256"] for photo in photos], search)
    grid = st.grid(min_column_width=250)
    for photo in photos:
        row = photo.row
        with grid.container(border=True):
            st.html(pictures_html(photo, small.get(row["sha256"])) + card_html(photo, tags.get(row["id"], {})))
            if st.button("Open", key=f"open-{row['id']}", width="stretch"):
                address.open_evaluated(row["id"])


def thumbnails(hashes: list[str], search: Search | None) -> dict[str, Thumbnail]:
    """Return SHA-256 → small picture; says so and returns none where the index of photos cannot be read."""
    try:
        return evaluated_photos.thumbnails(hashes, search)
    except TriageError as problem:
        messages.show_error(problem)
        return {}


def pictures_html(photo: EvaluatedPhoto, small: Thumbnail | None) -> str:
    """Return a photo's small picture, where there is one, and its coarse map, as HTML with alternative texts."""
    what = html.escape(f"{photo.row['label']} photo {readable.plain(photo.row['id'])}")
    uri = (small.marked if photo.forged else small.small) if small else ""
    alt = f"The original of the edit {what}" if photo.forged else f"The {what}"
    copy = f'<img src="{uri}" alt="{alt}">' if uri else ""
    problem = f'<p class="tt-small">⚠ {html.escape(small.problem)}</p>' if small and small.problem else ""
    drawn, note = map_uri(photo.row["heatmap"])
    wide = "" if copy else "tt-one"
    outline = f'<img src="{drawn}" alt="Coarse heatmap of {what} on a face outline" class="{wide}">'
    return f'<div class="tt-pair">{copy}{outline}</div>{problem}{note}'


def map_uri(packed: str) -> tuple[str, str]:
    """Return a coarse map on the face outline as data URI, and what must be said of it as HTML."""
    try:
        drawn = as_uri(evaluated_photos.outline(packed, SIDE, light=True), "png")
        return drawn, "" if packed else '<p class="tt-small">no heatmap stored</p>'
    except BadGrid as problem:
        note = f'<p class="tt-small">⚠ {html.escape(readable.plain(str(problem)))}</p>'
        return as_uri(evaluated_photos.outline("", SIDE, light=True), "png"), note
