"""Pages of a list of photos, and the whole of it to take away as CSV or JSON."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts
from dashboard.views.cases import shown
from pipeline.casebook.search import PhotoPage, PhotoQuery, PhotoRow, search
from pipeline.words.figures import count

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook

AT_ONCE = 1000
"""Photos that are read at a time for an export."""
HIDDEN = "hidden until you give your opinion"


def search_page(book: "Casebook", query: PhotoQuery, most: int, key: str) -> PhotoPage:
    """Ask which page of the photos that answer to a question is wanted, and return it.

    Args:
        book: the cases.
        query: the question, of whatever page.
        most: photos on a page.
        key: of the widget.
    """
    page = search(book, replace(query, first=0, most=most))
    pages = -(-page.total // most)
    if pages < 2:
        return page
    wanted = st.pagination(pages, key=f"page-{key}-{pages}", persist_state="page")
    return search(book, replace(query, first=(wanted - 1) * most, most=most)) if wanted > 1 else page


def offer_exports(book: "Casebook", query: PhotoQuery, total: int, name: str) -> None:
    """Offer all photos that answer to a question, over all pages, as CSV and as JSON, made once that is wanted."""
    with st.popover("Save the list", icon=":material/download:", disabled=not total):
        st.caption(f"{count(total)} photos, as filtered and sorted here.")
        st.download_button(
            "CSV",
            lambda: csv_of_list(book, query),
            f"telltale-{name}.csv",
            "text/csv",
            key=f"csv-{name}",
            on_click="ignore",
        )
        st.download_button(
            "JSON lines",
            lambda: json_of_list(book, query),
            f"telltale-{name}.jsonl",
            "application/jsonl",
            key=f"jsonl-{name}",
            on_click="ignore",
        )


def csv_of_list(book: "Casebook", query: PhotoQuery) -> bytes:
    """Return all photos that answer to a question as CSV, in which no spreadsheet finds a formula."""
    return charts.csv_of(pd.DataFrame(list(_records(book, query))))


def json_of_list(book: "Casebook", query: PhotoQuery) -> bytes:
    """Return all photos that answer to a question as JSON, one object a line, each name as it was handed over."""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in _records(book, query)).encode()


def _records(book: "Casebook", query: PhotoQuery) -> Iterator[dict[str, Any]]:
    first = 0
    while (page := search(book, replace(query, first=first, most=AT_ONCE))).rows:
        yield from (record(row) for row in page.rows)
        first += AT_ONCE


def record(row: PhotoRow) -> dict[str, Any]:
    """Return a photo as the person who asks takes it away: what is hidden from them is not in it."""
    hidden = row.hidden
    opinions = () if hidden else row.opinions
    return {
        "case": row.case_name,
        "case_id": row.case,
        "number": row.number,
        "name": row.name,
        "sha256": row.sha256,
        "bytes": row.bytes,
        "verdict": HIDDEN if hidden else row.verdict,
        "p_edited": None if hidden else row.p_edited,
        "p_deepfake": None if hidden else row.p_deepfake,
        "release": row.release,
        "error": row.error,
        "findings_to_look_at": None if hidden else row.notable,
        "tags": "; ".join(row.tags),
        "in_lists": "; ".join(row.matches),
        "opinions": "; ".join(f"{each.who}: {shown.say_held(each)}" for each in opinions),
        "added": row.at,
        "added_by": row.who,
        "source": row.source,
    }
