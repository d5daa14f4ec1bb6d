"""The ranked photos: a page of them with thumbnails, and all of them to take away."""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.kit.theme import COLOURS
from dashboard.kit.verdict import shape_html
from dashboard.views.reach import cached
from dashboard.views.reach.controls import Asked
from pipeline.reach.forms import rows_of
from pipeline.reach.printed import Printed, json_of
from pipeline.reach.ranking import Join, Ranked
from pipeline.reach.scored import Scored
from pipeline.words import verdicts
from pipeline.words.figures import count
from pipeline.words.numbers import two_digits
from pipeline.words.warnings import NAMES

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook

PAGE = 15
HEADS = ("", "", "Photo", "Probability", "Reach", "Expected harm", "Viewers would read")
NUMERIC = ("Reach", "Expected harm")


def draw_list(ranked: Sequence[Ranked], source: str, book: "Casebook | None") -> None:
    """Draw a page of the ranked photos.

    Args:
        ranked: all of them, in order.
        source: whose verdicts they have.
        book: the cases that the person who asks may see.
    """
    pages = -(-len(ranked) // PAGE)
    page = st.pagination(pages, key=f"reach-page-{pages}", persist_state="page") if pages > 1 else 1
    first = (page - 1) * PAGE
    part = ranked[first : first + PAGE]
    most = max((one.harm.total for one in ranked), default=0.0)
    rows = [row_html(first + place, one, most, source, cached.thumbnail(source, one.photo, book))
            for place, one in enumerate(part, 1)]  # fmt: skip
    heads = "".join(f'<th scope="col"{_numeric(head)}>{head}</th>' for head in HEADS)
    st.html(f'<table class="tt-reach"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>')


def _numeric(head: str) -> str:
    return ' class="tt-num"' if head in NUMERIC else ""


def row_html(place: int, one: Ranked, most: float, source: str, picture: str) -> str:
    """Return a ranked photo as a row of HTML; everything that came from outside is escaped.

    Args:
        place: its place, from 1.
        one: the photo.
        most: the largest expected harm of all.
        source: whose verdict it has.
        picture: data URI of its thumbnail; "" without one.
    """
    photo = one.photo
    name = markup.html_name(photo.name)
    drawn = f'<img src="{picture}" alt="Photo {name}">' if picture else '<span class="tt-blank">no picture</span>'
    word = html.escape(verdicts.CHIPS.get(photo.label, "No verdict"))
    link = f'<a href="{html.escape(link_to(source, photo))}" target="_self">{name}</a>'
    cells = (
        f'<td class="tt-num tt-place">{place}</td><td class="tt-pic">{drawn}</td>'
        f'<td class="tt-what"><p class="tt-head">{shape_html(photo.label)}{word}</p><p class="tt-name">{link}</p></td>'
        f'<td class="tt-chance" data-label="Probability">{_chances(one)}</td>'
        f'<td class="tt-num" data-label="Reach">{_reach(one)}</td>'
        f'<td class="tt-num tt-harm" data-label="Expected harm">{_amount(one.harm.total)}{_parts(one, most)}</td>'
        f'<td data-label="Viewers would read">{html.escape(NAMES[one.warning])}</td>'
    )
    return f"<tr>{cells}</tr>"


def link_to(source: str, photo: Scored) -> str:
    """Return the address of a photo in its case or run, beside this page's own."""
    kind, _, name = source.partition(" ")
    page = "cases?case" if kind == cached.CASE else "./?run"
    return f"{page}={name}&photo={photo.number}"


def _chances(one: Ranked) -> str:
    edited = html.escape(two_digits(one.photo.p_edited))
    if one.photo.p_deepfake is None:
        return f'edited {edited}<p class="tt-small">kind not asked</p>'
    deepfake = html.escape(two_digits(one.photo.p_deepfake))
    return f'edited {edited}<p class="tt-small">if so, deepfake {deepfake}</p>'


def _reach(one: Ranked) -> str:
    """Return how many a photo reached, where, and how fast that grows, as HTML."""
    about = "≈ " if one.engaged.estimated else ""
    names = ", ".join(markup.html_name(name) for name in one.engaged.platforms[:3])
    posts = f"{count(len(one.engaged.posts))} posts" if len(one.engaged.posts) > 1 else ""
    lines = [" · ".join(filter(None, (posts, f"on {names}" if names else "")))]
    if one.engaged.per_day is not None:
        lines.append(f"{one.engaged.per_day:+,.0f} a day".replace(",", "\u202f").replace("-", "−"))
    return f"{about}{_amount(one.reach)}" + "".join(f'<p class="tt-small">{line}</p>' for line in filter(None, lines))


def _amount(value: float) -> str:
    """Say a number of views; small ones with a digit behind the point."""
    return f"{value:.1f}" if 0 < value < 10 and value != round(value) else count(round(value))


def _parts(one: Ranked, most: float) -> str:
    """Return a bar of the harm by kind, as a share of the largest of all."""
    if not most:
        return ""
    parts = ((one.harm.deepfake, "deepfake"), (one.harm.facetune, "facetune"))
    told = html.escape(f"deepfake {_amount(one.harm.deepfake)}, retouching {_amount(one.harm.facetune)}")
    bars = "".join(
        f'<span style="width:{100 * value / most:.2f}%;background:{COLOURS[kind]}"></span>' for value, kind in parts
    )
    return f'<div class="tt-part" role="img" title="{told}" aria-label="{told}">{bars}</div>'


def offer_exports(joined: Join, ranked: Sequence[Ranked], asked: Asked) -> None:
    """Offer the whole ranking as CSV and as JSON, made once that is wanted."""
    with st.popover("Save the ranking", icon=":material/download:", disabled=not ranked):
        st.caption(f"{count(len(ranked))} photos, as ranked here. The JSON also holds what was left out.")
        st.download_button(
            "CSV",
            lambda: csv_of_ranking(ranked),
            "telltale-reach.csv",
            "text/csv",
            key="csv-reach",
            on_click="ignore",
        )
        st.download_button(
            "JSON",
            lambda: json_of_ranking(joined, ranked, asked),
            "telltale-reach.json",
            "application/json",
            key="json-reach",
            on_click="ignore",
        )


def csv_of_ranking(ranked: Sequence[Ranked]) -> bytes:
    """Return the ranking as CSV, in which no spreadsheet finds a formula."""
    return charts.csv_of(pd.DataFrame(rows_of(ranked)))


def json_of_ranking(joined: Join, ranked: Sequence[Ranked], asked: Asked) -> bytes:
    """Return the ranking as JSON, with formula, account, and what was left out."""
    return json_of(Printed(joined, ranked, asked.weights, asked.threshold))
