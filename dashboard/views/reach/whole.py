"""The page Reach once there are figures: what is adjusted at the left, the ranking and its plots at the right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.views.reach import address, cached, controls, left_out, listing, plots, sources
from dashboard.views.reach.controls import Asked
from pipeline.errors import BadEngagement
from pipeline.reach.columns import columns_of
from pipeline.reach.coverage import Coverage, count_warnings
from pipeline.reach.engagement import read_header
from pipeline.reach.harm import PARTS
from pipeline.reach.kept import FigureFiles
from pipeline.reach.ranking import Join, Ranked, rank
from pipeline.words import readable
from pipeline.words.figures import count, percent, say_photos
from pipeline.words.warnings import LEVELS, NAMES, NO_WARNING

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook


def draw_whole(sha256: str) -> None:
    """Draw what a file of figures and the verdicts of a source amount to.

    Args:
        sha256: of the file, as the address names it.
    """
    try:
        kept, data = FigureFiles().read(sha256)
    except BadEngagement as problem:
        messages.show_error(problem)
        if st.button("Back to the start", key="reach-start", icon=":material/arrow_back:"):
            address.leave_figures()
        return
    left, right = st.columns([1, 2.9], gap="large")
    with left:
        st.markdown(f"**{markup.escaped(readable.short(kept.name, 60))}**")
        st.caption(controls.say_kept(kept.at))
        usable, source = _draw_figures(sha256, kept.name, data), ""
        with messages.showing_errors():
            book = sources.casebook()
            source = sources.ask_source(book)
            asked = controls.ask()
        controls.draw_forget(sha256)
    with right, messages.showing_errors():
        if usable and source:
            _draw_ranking(sha256, source, book, asked)


def _draw_figures(sha256: str, name: str, data: bytes) -> bool:
    """Draw how the file's columns are read; return whether they can be."""
    said = address.columns()
    header = read_header(data, name, said)
    known: dict[str, str] = {field: header.headings[at] for field, at in columns_of(header.headings).items()}
    try:
        read = cached.engagement(sha256, said)
    except BadEngagement as problem:
        messages.show_error(problem)
        controls.draw_columns(header, known, opened=True)
        return False
    controls.draw_columns(read.header, known)
    return True


def _draw_ranking(sha256: str, source: str, book: "Casebook | None", asked: Asked) -> None:
    with st.spinner("Reading figures and verdicts …"):
        joined, covered = cached.joined(sha256, address.columns(), source, book, asked.per_view)
    ranked = rank(joined, asked.weights, asked.threshold)
    _draw_formula(ranked, asked)
    if not ranked:
        st.info(
            "No photo has both figures and a probability. Look below at what was left out: the names may be written "
            "otherwise there, or the verdicts may be those of other photos."
        )
        left_out.draw_left_out(joined)
        return
    _draw_tiles(joined, covered, ranked, asked.threshold)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("What to look at first", anchor=False)
        listing.offer_exports(joined, ranked, asked)
    listing.draw_list(ranked, source, book)
    one, two = st.columns(2, gap="large")
    with one:
        plots.draw_scatter(ranked, asked.threshold)
    with two:
        plots.draw_coverage(covered, asked.threshold)
    plots.draw_growth(ranked)
    left_out.draw_left_out(joined)


def _draw_formula(ranked: Sequence[Ranked], asked: Asked) -> None:
    st.html(f'<p class="tt-formula"><strong>{asked.weights.formula.replace("|", "&#124;")}</strong></p>')
    notes = [f"{PARTS}."]
    if split := sum(one.harm.split for one in ranked):
        notes.append(
            f"Of {count(split)} photos the kind was not asked, as stage 1 found no edit or abstained: "
            f"p(deepfake | edited) is taken as {asked.weights.split:g}."
        )
    if estimated := sum(bool(one.engaged.estimated) for one in ranked):
        notes.append(f"The reach of {count(estimated)} is estimated, in part or whole, and marked ≈.")
    st.caption(markup.escaped(" ".join(notes)))


def _draw_tiles(joined: Join, covered: Coverage, ranked: Sequence[Ranked], threshold: float) -> None:
    place, counts = covered.at(threshold), count_warnings(ranked)
    warned, photos = float(covered.warned[place]), int(covered.photos[place])
    tiles = (
        ("Photos ranked", count(len(ranked)), f"of {count(len(joined.scored.photos))}"),
        ("Views warned of", percent(warned), f"{say_photos(photos)}, from {threshold:.2f} on"),
        (
            "Views not checked",
            percent(float(covered.share(covered.unchecked))),
            f"{say_photos(covered.unchecked_photos)} without an answer",
        ),
        (
            "Views of others",
            percent(float(covered.share(joined.elsewhere))),
            "with no verdict here",
        ),
    )
    grid = st.grid(4, min_column_width=140)
    for label, value, under in tiles:
        with grid.container(border=True):
            st.metric(label, value)
            st.caption(under)
    parts = [f"{NAMES[level]}: {count(counts[level][0])}" for level in LEVELS if level in counts]
    st.caption(f"Of the ranked photos, viewers would read: {' · '.join(parts)}. {NO_WARNING}")
