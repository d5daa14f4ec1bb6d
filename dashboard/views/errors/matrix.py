"""The confusion matrix as buttons, reached by mouse or keyboard, and the rates that it tells."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.kit.theme import COLOURS
from dashboard.views.errors import address
from dashboard.views.errors.board import Cell
from dashboard.views.errors.rates import Rate, matrix_table
from dashboard.views.errors.wording import outcome_of, say_cell
from pipeline.datasets import LABELS
from pipeline.figures.what_if import VERDICTS
from pipeline.words import readable, verdicts
from pipeline.words.figures import count, percent, say_interval, say_value

TINTS = {"right": "0, 114, 178", "wrong": "213, 94, 0", "open": "127, 127, 127"}
STRONGEST = 0.45
"""Opacity of a cell that holds all photos of its row: text on it stays readable in light and dark."""

_STYLE = """<style>
.st-key-error-matrix button {min-height: 3.2rem; padding: .2rem; font-variant-numeric: tabular-nums;}
.st-key-error-matrix [data-testid="stGridCell"], .st-key-error-matrix [data-testid="stElementContainer"] {min-width: 0;}
.tt-axis {font-size: .8125rem; line-height: 1.25; margin: 0; hyphens: auto; overflow-wrap: anywhere;}
@media (max-width: 640px) {.tt-axis {font-size: .7rem;} .st-key-error-matrix button p {font-size: .8rem;}}
"""


def draw_matrix(cells: np.ndarray, opened: Cell | None) -> None:
    """Draw the matrix; a click on a cell opens its photos, a click on the opened one shows all again.

    Args:
        cells: (3, 4) int, true label by verdict.
        opened: the cell whose photos are shown.
    """
    shares = cells / np.maximum(cells.sum(axis=1, keepdims=True), 1)
    st.html(_STYLE + _tints(shares, opened) + "</style>")
    grid = st.grid(
        len(VERDICTS) + 1,
        min_column_width=56,
        wrap=False,
        gap="xsmall",
        vertical_alignment="center",
        key="error-matrix",
    )
    grid.html('<p class="tt-axis">true label ↓<br>verdict →</p>')
    for verdict in VERDICTS:
        grid.html(
            f'<p class="tt-axis"><span style="color:{COLOURS[verdict]}">{verdicts.SHAPES[verdict]}</span> '
            f"<b>{verdicts.CHIPS[verdict].replace('Incon', 'Incon&shy;')}</b></p>"
        )
    for row, label in enumerate(LABELS):
        total = int(cells[row].sum())
        grid.html(f'<p class="tt-axis"><b>{label}</b><br>n {count(total)}</p>')
        for column, verdict in enumerate(VERDICTS):
            _draw_cell(grid, Cell(label, verdict), int(cells[row, column]), total, opened)
    st.caption(
        "Blue: right, orange: wrong, grey: no verdict given; the stronger, the larger the share of its row. "
        "✓ marks the right ones. Click a cell to see its photos."
    )
    charts.offer_csv(matrix_table(cells), "errors-matrix", "Save the matrix as CSV")


def _draw_cell(grid: "st.delta_generator.DeltaGenerator", cell: Cell, n: int, total: int, opened: Cell | None) -> None:
    mark = " ✓" if outcome_of(cell) == "right" else ""
    share = percent(n / total).replace(" ", "\u00a0") if total else "–"
    grid.button(
        f"**{count(n)}**{mark} · {share}",
        key=f"cell-{cell.name}",
        width="stretch",
        wrap=True,
        type="primary" if cell == opened else "secondary",
        disabled=not n and cell != opened,
        help=f"{count(n)} of {count(total)} photos: {markup.escaped(say_cell(cell))}",
        on_click=address.show_cell,
        args=("" if cell == opened else cell.name,),
    )


def _tints(shares: np.ndarray, opened: Cell | None) -> str:
    rules = []
    for row, label in enumerate(LABELS):
        for column, verdict in enumerate(VERDICTS):
            cell = Cell(label, verdict)
            if cell != opened:
                tint = f"rgba({TINTS[outcome_of(cell)]}, {STRONGEST * shares[row, column]:.3f})"
                rules.append(f".st-key-cell-{cell.name} button {{background-color: {tint};}}")
    return "\n".join(rules)


def draw_rates(overall: Sequence[Rate], kinds: Sequence[Rate]) -> None:
    """Draw the rates with intervals and n, those by kind of edit to be unfolded."""
    st.html(_rates_html("Of all these", overall))
    with st.expander("Edits called edited, by kind"):
        if kinds:
            st.html(_rates_html("Kind of edit", kinds))
        else:
            st.caption("There is no edited photo among these.")
    st.caption(
        "95 % Wilson intervals, photos taken as independent: somewhat too narrow. The Overview's intervals, "
        "which keep a person's photos together, hold for the release's own thresholds."
    )
    charts.offer_csv(pd.DataFrame([vars(one) for one in (*overall, *kinds)]), "errors-rates", "Save the rates as CSV")


def _rates_html(title: str, shares: Sequence[Rate]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{html.escape(readable.plain(one.name))}</th><td>{say_value(vars(one), "%")}</td>'
        f"<td>{say_interval(vars(one), '%')}</td>"
        f"<td>{count(one.k)} of {count(one.n)}</td></tr>"
        for one in shares
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in (title, "share", "95 %", "n"))
    return f'<table class="tt-rates"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
