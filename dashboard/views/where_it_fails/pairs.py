"""Pairs of slices: a heat table of two facts, and the worst pairs of all."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, theme
from dashboard.views.where_it_fails import rows as slice_rows
from dashboard.views.where_it_fails.rows import ALARMS, MISSED, Measure
from pipeline.figures.slice_pairs import LEAST_GROUPS, MOST, surely
from pipeline.figures.slices import LEAST
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words import readable

KEY = "slice pairs"
PARTS = ("value", "low", "high", "n")
LISTED = 20
"""Worst pairs that are listed."""
SAME = 0.95
"""A pair that holds such a share of the photos of one of its slices says what that slice says."""
COLUMNS = ("first", "second", "value", "low", "high", "n", "alone", "same", "surely", "news")


def draw(shown: Evaluation) -> None:
    """Draw the pairs of one measure, chosen here."""
    if KEY not in shown.metrics:
        slice_rows.lacking("pairs of slices", shown)
        return
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        measure = slice_rows.choose((MISSED, ALARMS), shown.metrics[KEY], "pair-measure")
    rows = [row for row in shown.metrics[KEY] if measure.of(row)]
    if not rows:
        st.info(f"No pair of slices has the {LEAST} {measure.about} that a figure needs.")
        return
    names = list(dict.fromkeys(tuple(row["slices"]) for row in rows))
    pair = right.selectbox("Facts", names, format_func=lambda two: " × ".join(two), key="pair-facts")
    _heat(shown, [row for row in rows if tuple(row["slices"]) == pair], measure, pair)
    _worst(told(shown.metrics, measure), measure)


def told(metrics: Mapping[str, Any], measure: Measure) -> pd.DataFrame:
    """Return the pairs of a measure, worst first by what is sure.

    Returns:
        `COLUMNS`: first and second as "fact: value", the figure, "alone": what each slice has alone, "same": whether
        the pair holds all but the same photos as one of them, "surely": by which they are ordered, and "news": whether
        it is surely worse than each of its slices alone.
    """
    single = {(row["slice"], row["value"]): figure for row in metrics.get("slices", []) if (figure := measure.of(row))}
    rows = []
    for row in metrics[KEY]:
        if figure := measure.of(row):
            parts = list(zip(row["slices"], row["values"], strict=True))
            alone = [single.get(part) for part in parts]
            said = " · ".join(measured.value(measure.key, one) if one else "–" for one in alone)
            same = any(one is not None and figure["n"] >= SAME * one["n"] for one in alone)
            sure, most = surely(figure), max(one["value"] if one else 1.0 for one in alone)
            named = [f"{fact}: {value}" for fact, value in parts]
            rows.append((*named, *(figure[part] for part in PARTS), said, same, sure, sure > most))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("surely", ascending=False, kind="stable", ignore_index=True)


def _heat(shown: Evaluation, rows: Sequence[Mapping[str, Any]], measure: Measure, pair: tuple[str, str]) -> None:
    """Draw one pair of facts as a table whose cells are coloured; the fact with fewer values lies across."""
    downs, acrosses = (_ordered(shown.metrics, rows, place, pair) for place in (0, 1))
    turned = len(downs) < len(acrosses)
    down, across = (acrosses, downs) if turned else (downs, acrosses)
    figures = {tuple(row["values"])[:: -1 if turned else 1]: measure.of(row) for row in rows}
    cells = [[figures.get((one, other)) for other in across] for one in down]
    _plot(cells, down, across, measure, pair[::-1] if turned else pair)


def _ordered(
    metrics: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], place: int, pair: tuple[str, str]
) -> list[str]:
    """Return the values of one fact of a pair, in the order in which its slices stand in the file."""
    known = [row["value"] for row in metrics.get("slices", []) if row["slice"] == pair[place]]
    order = {value: number for number, value in enumerate(dict.fromkeys(known))}
    return sorted(dict.fromkeys(row["values"][place] for row in rows), key=lambda value: order.get(value, len(order)))


def _plot(cells: list[list[Any]], down: list[str], across: list[str], measure: Measure, pair: tuple[str, str]) -> None:
    title = f"{measure.name.capitalize()}: {pair[0]} × {pair[1]}"
    made = charts.figure(title, pair[1], "", 150 + 44 * len(down))
    made.update_layout(title={"xref": "container", "x": 0.01})
    values = np.array([[np.nan if cell is None else 100 * cell["value"] for cell in row] for row in cells])
    texts = [
        ["–" if cell is None else f"{measured.value(measure.key, cell)}<br>n {cell['n']}" for cell in row]
        for row in cells
    ]
    hover = [["too few photos" if cell is None else measure.said(cell) for cell in row] for row in cells]
    made.add_heatmap(
        z=values,
        x=[_broken(one) for one in across],
        y=[_broken(one) for one in down],
        text=texts,
        customdata=hover,
        texttemplate="%{text}",
        textfont={"size": 11},
        colorscale="Cividis",
        zmin=0,
        zmax=max(1.0, np.nanmax(values)),
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        hovertemplate="%{y} × %{x}: %{customdata}<extra></extra>",
    )
    made.update_yaxes(
        autorange="reversed", tickfont={"size": 11, "color": theme.ink()}, fixedrange=True, showgrid=False
    )
    made.update_xaxes(tickfont={"size": 11, "color": theme.ink()}, fixedrange=True, showgrid=False)
    charts.show(
        made,
        _flat(cells, down, across, pair),
        "pair-table",
        f"{title}, as coloured cells with their n",
        f"Per cent of the {measure.about} of each cell, and how many there are; lighter is worse. Hover "
        f"for the interval. –: fewer than {LEAST} photos or {LEAST_GROUPS} groups (persons).",
    )


def _broken(value: str) -> str:
    """Break a value's name before its brackets, or between words."""
    value = escape(value)
    return value.replace(" (", "<br>(") if " (" in value else value.replace(" to ", "<br>to ").replace("-", "-<br>", 1)


def _flat(cells: list[list[Any]], down: list[str], across: list[str], pair: tuple[str, str]) -> pd.DataFrame:
    rows = [
        {pair[0]: one, pair[1]: other, **{name: cell[name] for name in PARTS}}
        for one, row in zip(down, cells, strict=True)
        for other, cell in zip(across, row, strict=True)
        if cell
    ]
    return pd.DataFrame(rows)


def _worst(table: pd.DataFrame, measure: Measure) -> None:
    st.markdown(f"**The worst pairs**, of all facts, by what is sure: the near end of the interval ({measure.name})")
    news = st.toggle("Only pairs that are surely worse than each of their slices alone", key="pair-news")
    fresh = table[~table.same & (table.news | (not news))].head(LISTED).drop(columns=["same", "surely", "news"])
    if fresh.empty:
        st.caption(
            "No pair is surely worse than each of its slices alone."
            if news
            else "Every pair holds all but the same photos as one of its slices alone."
        )
        return
    shown = fresh.assign(**{name: 100 * fresh[name] for name in PARTS[:3]})
    shown.loc[shown.low == shown.high, ["low", "high"]] = None
    number = {
        name: st.column_config.NumberColumn(label, format="%.0f %%")
        for name, label in (("value", measure.short), ("low", "95 % from"), ("high", "to"))
    }
    one, other = (st.column_config.TextColumn(label) for label in ("slice", "and slice"))
    names = {"first": one, "second": other, "alone": st.column_config.TextColumn("each alone", alignment="right")}
    st.dataframe(shown, hide_index=True, column_config=number | names, placeholder="–", alt="The worst pairs of slices")
    dropped = f" Only the worst {MOST} pairs are kept in the file." if len(table) >= MOST else ""
    st.caption(
        f"{len(table)} pairs have enough photos; with so many, some look bad by luck alone. A pair tells something new "
        f"where it is worse than each of its slices alone; pairs that hold all but the same photos as one of them are "
        "left out. Where all photos of a pair came out alike there is no interval, and 3 / n stands for its reach."
        f"{dropped}"
    )
    charts.save(table, f"pairs-{readable.plain(measure.key).replace(' ', '-')}", "Save all pairs as CSV")
