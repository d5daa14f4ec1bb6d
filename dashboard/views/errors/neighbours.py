"""The labelled test photos that look most alike to the first stage's network."""

import html

import streamlit as st

from dashboard.kit import messages
from dashboard.session import neighbours
from dashboard.views.errors import address
from dashboard.views.errors.board import Board
from dashboard.views.errors.evaluated import photos_at
from dashboard.views.errors.gallery import pictures_html, thumbnails
from dashboard.views.errors.wording import OUTCOMES, shape_html
from pipeline.datasets.photo_index import Search
from pipeline.errors import TriageError
from pipeline.results.neighbours import original_groups
from pipeline.words.verdicts import CHIPS

MANY = 6


def draw_nearest(board: Board, place: int, search: Search | None) -> None:
    """Draw the nearest photos of the same evaluation, each with its label, its verdict and its distance."""
    st.subheader("Nearest labelled photos, as stage 1 sees them", anchor=False)
    try:
        index = neighbours.neighbours(board.evaluation)
    except TriageError as problem:
        messages.show_error(problem)
        return
    if index is None:
        messages.how_to_evaluate("This evaluation kept no features of its photos", board.evaluation)
        return
    rows = board.evaluation.predictions
    nearest_photos = index.of(place, MANY, original_groups(rows))
    if not nearest_photos:
        st.info("Every photo of this data set comes from the same original.")
        return
    labels = rows.label
    same = sum(labels.iloc[other] == labels.iloc[place] for other, _ in nearest_photos)
    agreement = f"{same} of {len(nearest_photos)} have the true label of this photo."
    if labels.nunique() == 1:
        agreement = "All photos of this data set have one label, so theirs says nothing."
    st.caption(
        f"By the cosine distance of the network's own features: 0 is the same, 1 unrelated. {agreement} Edits of "
        "the same original, and that original, are left out."
    )
    _draw_cards(board, nearest_photos, search)


def _draw_cards(board: Board, nearest_photos: list[tuple[int, float]], search: Search | None) -> None:
    photos = photos_at(board, board.given, [place for place, _ in nearest_photos])
    small = thumbnails([photo.row["sha256"] for photo in photos], search)
    grid = st.grid(min_column_width=190)
    for photo, (_, distance) in zip(photos, nearest_photos, strict=True):
        row, label = photo.row, photo.verdict.label
        with grid.container(border=True):
            st.html(
                f"{pictures_html(photo, small.get(row['sha256']))}"
                f'<p class="tt-small">true label <b>{html.escape(row["label"])}</b> · {html.escape(row["kind"])}<br>'
                f"{shape_html(label)}{html.escape(CHIPS[label])}, {OUTCOMES[photo.outcome]}<br>"
                f"distance {distance:.3f}</p>"
            )
            if st.button("Open", key=f"near-{row['id']}", width="stretch"):
                address.open_evaluated(row["id"])
