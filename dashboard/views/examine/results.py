"""The results of a run: filters, gallery or table, what failed, and what can be taken away."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.kit import markup
from dashboard.kit.fact_list import html_list
from dashboard.kit.rows import SORTS, Filter, Row
from dashboard.kit.verdict import card_html
from dashboard.views.examine import export
from pipeline.errors import advice_on
from pipeline.intake import Account
from pipeline.verdict import LABELS, Label
from pipeline.words import numbers, readable, verdicts

PAGE = 24
Open = Callable[[int], None]


def choose_verdicts(rows: list[Row]) -> tuple[str, ...]:
    """Ask which verdicts are wanted; none chosen means all."""
    counts = Counter(row.verdict.label for row in rows if row.verdict)

    def chip(label: Label) -> str:
        return f"{verdicts.SHAPES[label]} {verdicts.CHIPS[label]} · {counts[label]}"

    return tuple(
        st.pills(
            "Verdicts",
            LABELS,
            selection_mode="multi",
            key="labels",
            persist_state="session",
            format_func=chip,
            label_visibility="collapsed",
        )
        or ()
    )


def choose_filter(labels: tuple[str, ...]) -> tuple[Filter, str]:
    """Ask for the order, a part of the name and the least probability."""
    with st.popover("Sort and filter", icon=":material/tune:"):
        sort = st.selectbox("Sort", list(SORTS), key="sort", persist_state="session")
        text = st.text_input("Name contains", key="text", persist_state="session")
        low = st.slider(
            "p(edited) at least",
            0.0,
            1.0,
            0.0,
            0.05,
            key="least",
            persist_state="session",
            help="Calibrated probability that the most suspicious face was edited.",
        )
    return Filter(labels, float(low), text), sort or next(iter(SORTS))


def draw_gallery(rows: list[Row], thumbnail: Callable[[int], Path | None], on_open: Open) -> None:
    """Draw rows as cards, a page at a time."""
    pages = -(-len(rows) // PAGE)
    page = st.pagination(pages, key=f"page-of-{pages}", persist_state="page") if pages > 1 else 1
    with st.container(key="gallery"):
        grid = st.grid(min_column_width=190)
        for row in rows[(page - 1) * PAGE : page * PAGE]:
            with grid.cell(), st.container(border=True):
                _draw_card(row, thumbnail(row.index), on_open)


def _draw_card(row: Row, picture: Path | None, on_open: Open) -> None:
    assert row.verdict is not None
    if picture:
        st.image(str(picture), width="stretch", alt=f"Photo {readable.plain(row.name)}")
    st.html(card_html(row))
    if st.button("Open", key=f"open-{row.index}", width="stretch"):
        on_open(row.index)


def draw_table(rows: list[Row], run_id: str, on_open: Open) -> None:
    """Draw rows as a table; a click on a row opens it."""
    frame = pd.DataFrame([_cells(row) for row in rows])
    probability = st.column_config.ProgressColumn("p(edited)", min_value=0, max_value=1, format="%.2f")
    number = st.column_config.NumberColumn(format="%.2f")
    event = st.dataframe(
        frame,
        hide_index=True,
        height=min(620, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        key=f"table-{run_id}",
        placeholder="–",
        column_config={"p(edited)": probability, "p(deepfake | edited)": number, "threshold": number},
        alt="Results as a table",
    )
    st.caption("Click the box at the left of a row to open the photo.")
    if picked := event.selection.rows:
        on_open(rows[picked[0]].index)


def _cells(row: Row) -> dict[str, object]:
    verdict = row.verdict
    assert verdict is not None
    return {
        "verdict": f"{verdicts.SHAPES[verdict.label]} {verdicts.CHIPS[verdict.label]}",
        "name": readable.cell(row.name),
        "p(edited)": numbers.cell(row.p_edited),
        "threshold": verdict.edited.threshold if verdict.edited else None,
        "p(deepfake | edited)": numbers.cell(verdict.deepfake.probability if verdict.deepfake else None),
        "strength": verdict.strength or "–",
        "reason": verdicts.reasons(verdict.reasons),
        "faces": row.faces_account,
        "same file as": readable.cell(row.same_as),
        "width": row.record["width"],
        "height": row.record["height"],
        "SHA-256": row.record["sha256"],
        "ms": row.record["ms"],
    }


def draw_account(account: Account) -> None:
    """Draw what became of everything that was handed over, and the kinds that were left out."""
    st.caption(f"**Accounted for:** {markup.escaped(account.sentence())}")
    if account.left_out:
        with st.expander(f"Left out: {account.left_out.total()}, no photos by their bytes or their names"):
            kinds = account.left_out.most_common()
            st.html(html_list({readable.plain(kind): f"{count}" for kind, count in kinds}))


def draw_failures(rows: list[Row], on_partial: Open) -> None:
    """Draw what could not be examined, why, and what to do; what is left of a cut file is examined on request."""
    failed = [row for row in rows if row.error]
    if not failed:
        return
    st.subheader(f"Could not be examined: {len(failed)}", anchor=False)
    for row in failed[:100]:
        problem = row.error or {}
        with st.container(border=True):
            st.html(f'<p class="tt-head">⚠ {markup.html_name(row.name)}</p>')
            st.markdown(f"{markup.escaped(problem['message'])}  \n{advice_on(problem['code'])}")
            if problem.get("cut_short") and st.button("Examine what is left of it", key=f"partial-{row.index}"):
                on_partial(row.index)
    if len(failed) > 100:
        st.caption(f"The first 100 of {len(failed)} are shown; all are in the export.")


def offer_exports(matching: list[Row], rows: list[Row], run_id: str, account: Callable[[], Account]) -> None:
    """Offer the results as CSV and JSON lines, and the account of everything handed over, made once it is wanted."""
    with st.popover("Export", icon=":material/download:"):
        scopes = {
            f"As filtered and sorted here: {len(matching)} rows": matching,
            f"Everything, with what failed: {len(rows)} rows": rows,
        }
        wanted = scopes[st.radio("Which", list(scopes), label_visibility="collapsed") or next(iter(scopes))]
        st.download_button(
            f"CSV, {len(wanted)} rows",
            lambda: export.csv_table(row.record for row in wanted),
            f"telltale-{run_id}.csv",
            "text/csv",
            key="csv",
            on_click="ignore",
        )
        st.download_button(
            f"JSON lines, {len(wanted)} rows",
            lambda: export.json_lines(row.record for row in wanted),
            f"telltale-{run_id}.jsonl",
            "application/jsonl",
            key="jsonl",
            on_click="ignore",
        )
        st.download_button(
            "Account of everything handed over, JSON",
            lambda: export.summary(account(), run_id),
            f"telltale-{run_id}-account.json",
            "application/json",
            key="account",
            on_click="ignore",
        )
