"""The photos whose verdict flipped from one evaluation to another: pictures of their maps, a table, CSV."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.kit.confusion import verdict_name
from dashboard.session import route
from dashboard.views.compare.wording import table_of
from pipeline.errors import BadGrid
from pipeline.pictures.face_outline import face_outline
from pipeline.results.canonical import unpack_grid
from pipeline.words import numbers, readable
from pipeline.words.figures import count

PAGE = 12
CAPTION = 40
"""Letters of a name under a map: with a revision behind it it needs three lines."""
ORDER = (
    "right → wrong",
    "wrong → right",
    "right → no verdict",
    "no verdict → right",
    "wrong → no verdict",
    "no verdict → wrong",
    "wrong → wrong",
)
AGAIN = {"wrong → wrong": "wrong → another wrong"}


def ask_way(flipped: pd.DataFrame) -> str:
    """Ask which way the verdict flipped; return one of `ORDER`. Ways that no photo took are not offered."""
    counts = flipped.turned.value_counts()
    ways = [way for way in ORDER if way in counts]
    key = "-".join(str(ORDER.index(way)) for way in ways)
    asked = st.pills(
        "Which way",
        ways,
        default=ways[0],
        key=f"flip-way-{key}",
        label_visibility="collapsed",
        required=True,
        format_func=lambda way: f"{AGAIN.get(way, way)}: {count(int(counts[way]))}",
    )
    return asked or ways[0]


def ask_view(pictures: bool) -> str:
    """Ask for maps or a table; without any maps there is only the table."""
    if not pictures:
        return "Table"
    views = ["Maps", "Table"]
    return (
        st.segmented_control(
            "View", views, default=views[0], key="flip-view", label_visibility="collapsed", required=True
        )
        or views[0]
    )


def ask_page(n: int, key: str) -> int:
    """Ask for a page of so many photos; return the place of its first."""
    pages = -(-n // PAGE)
    if pages == 1:
        return 0
    return PAGE * (int(st.pagination(pages, key=f"flip-page-{key}")) - 1)


def draw_gallery(part: pd.DataFrame, first: str, second: str, evaluation: str) -> None:
    """Draw a page of flipped photos with both coarse maps, each with a link to all that is known of it.

    Args:
        part: rows of `pipeline.figures.compare.flips`.
        first, second: the names of the two.
        evaluation: the one that the page Errors opens a photo of, "release/data set"; "" for none.
    """
    rows: list[dict[Any, Any]] = part.to_dict("records")
    errors, grid = route.page("Errors"), st.grid(min_column_width=270)
    for row in rows:
        with grid.cell(), st.container(border=True):
            _draw_card(row, first, second)
            if errors is not None and evaluation:
                where = {route.EVALUATION: evaluation, route.EVALUATED: str(row["id"])}
                st.page_link(errors, label="Open on the page Errors", icon=":material/open_in_new:", query_params=where)


def _draw_card(row: Mapping[Any, Any], first: str, second: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for side, name in (("first", first), ("second", second)):
            grid = _grid(str(row[f"heatmap_{side}"]))
            alt = f"Map of {readable.plain(name)} for photo {row['id']}" + ("" if grid is not None else ": none")
            st.image(
                face_outline(grid, side=128),
                alt=alt,
                caption=readable.short(name, CAPTION) if grid is not None else "no map",
                width=112,
            )
    st.markdown(f"**{markup.escaped(row['label'])}** · {markup.escaped(row['kind'])} · {markup.escaped(row['source'])}")
    st.markdown(
        f"{verdict_name(row['verdict_first'])} → {verdict_name(row['verdict_second'])}  \n"
        f"p(edited) {numbers.two_digits(_none(row['p_edited_first']))} → "
        f"{numbers.two_digits(_none(row['p_edited_second']))}"
    )
    st.caption(markup.escaped(str(row["id"])))


def _none(value: float) -> float | None:
    return None if value != value else value


def _grid(text: str) -> Any:
    """Return a map, or None where there is none or it is damaged."""
    try:
        return unpack_grid(text) if text else None
    except BadGrid:
        return None


def draw_table(part: pd.DataFrame, first: str, second: str) -> None:
    """Draw flipped photos as a table."""
    data = table_of(
        [
            ("photo", part.id),
            ("is", part.label),
            ("kind", part.kind),
            ("source", part.source),
            (readable.plain(first), part.verdict_first.map(verdict_name)),
            (readable.plain(second), part.verdict_second.map(verdict_name)),
            ("p(edited) before", part.p_edited_first),
            ("p(edited) after", part.p_edited_second),
            ("reasons before", part.reasons_first),
            ("reasons after", part.reasons_second),
        ]
    )
    number = st.column_config.NumberColumn(format="%.2f")
    st.dataframe(
        data,
        hide_index=True,
        alt="Photos whose verdict flipped",
        column_config={"p(edited) before": number, "p(edited) after": number},
    )


def draw_save(flipped: pd.DataFrame) -> None:
    """Offer all flipped photos, whichever way, as CSV."""
    charts.offer_csv(flipped.drop(columns=["heatmap_first", "heatmap_second"]), "flips", "Save all flips as CSV")
