"""Pairs of slices, drawn: a heat table of two facts, and the worst pairs of all."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, messages, theme
from dashboard.views.where_it_fails.ask import choose_measure
from dashboard.views.where_it_fails.measures import ALARMS, MISSED, Measure
from dashboard.views.where_it_fails.pair_rows import PAIRS, PARTS, pair_table, rank_pairs, values_in_order
from pipeline.figures.slice_pairs import LEAST_GROUPS, MOST
from pipeline.figures.slices import LEAST
from pipeline.results.evaluation import Evaluation
from pipeline.words import readable
from pipeline.words.figures import say_value

LISTED = 20
"""Worst pairs that are listed."""


def draw(evaluation: Evaluation) -> None:
    """Draw the pairs of one measure, chosen here."""
    if PAIRS not in evaluation.metrics:
        messages.how_to_evaluate("This evaluation was written before pairs of slices were measured", evaluation)
        return
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        measure = choose_measure((MISSED, ALARMS), evaluation.metrics[PAIRS], "pair-measure")
    rows = [row for row in evaluation.metrics[PAIRS] if measure.of(row)]
    if not rows:
        st.info(f"No pair of slices has the {LEAST} {measure.about} that a figure needs.")
        return
    names = list(dict.fromkeys(tuple(row["slices"]) for row in rows))
    pair = right.selectbox("Facts", names, format_func=lambda two: " × ".join(two), key="pair-facts")
    _draw_heat(evaluation, [row for row in rows if tuple(row["slices"]) == pair], measure, pair)
    _draw_worst(rank_pairs(evaluation.metrics, measure), measure)


def _draw_heat(
    evaluation: Evaluation, rows: Sequence[Mapping[str, Any]], measure: Measure, pair: tuple[str, str]
) -> None:
    """Draw one pair of facts as a table whose cells are coloured; the fact with fewer values lies across."""
    downs, acrosses = (values_in_order(evaluation.metrics, rows, place, pair) for place in (0, 1))
    turned = len(downs) < len(acrosses)
    down, across = (acrosses, downs) if turned else (downs, acrosses)
    figures = {tuple(row["values"])[:: -1 if turned else 1]: measure.of(row) for row in rows}
    cells = [[figures.get((one, other)) for other in across] for one in down]
    _draw_plot(cells, down, across, measure, pair[::-1] if turned else pair)


def _draw_plot(
    cells: list[list[Any]], down: list[str], across: list[str], measure: Measure, pair: tuple[str, str]
) -> None:
    title = f"{measure.name.capitalize()}: {pair[0]} × {pair[1]}"
    plot = charts.empty_plot(title, pair[1], "", 150 + 44 * len(down))
    plot.update_layout(title={"xref": "container", "x": 0.01})
    values = np.array([[np.nan if cell is None else 100 * cell["value"] for cell in row] for row in cells])
    texts = [
        ["–" if cell is None else f"{say_value(cell, measure.unit)}<br>n {cell['n']}" for cell in row] for row in cells
    ]
    hover = [["too few photos" if cell is None else measure.say(cell) for cell in row] for row in cells]
    plot.add_heatmap(
        z=values,
        x=[_break_name(one) for one in across],
        y=[_break_name(one) for one in down],
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
    plot.update_yaxes(
        autorange="reversed", tickfont={"size": 11, "color": theme.ink()}, fixedrange=True, showgrid=False
    )
    plot.update_xaxes(tickfont={"size": 11, "color": theme.ink()}, fixedrange=True, showgrid=False)
    charts.draw_plot(
        plot,
        pair_table(cells, down, across, pair),
        "pair-table",
        f"{title}, as coloured cells with their n",
        f"Per cent of the {measure.about} of each cell, and how many there are; lighter is worse. Hover "
        f"for the interval. –: fewer than {LEAST} photos or {LEAST_GROUPS} groups (persons).",
    )


def _break_name(name: str) -> str:
    """Break a value's name before its brackets, or between words."""
    name = escape(name)
    return name.replace(" (", "<br>(") if " (" in name else name.replace(" to ", "<br>to ").replace("-", "-<br>", 1)


def _draw_worst(table: pd.DataFrame, measure: Measure) -> None:
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
    data = fresh.assign(**{name: 100 * fresh[name] for name in PARTS[:3]})
    data.loc[data.low == data.high, ["low", "high"]] = None
    number = {
        name: st.column_config.NumberColumn(label, format="%.0f %%")
        for name, label in (("value", measure.short), ("low", "95 % from"), ("high", "to"))
    }
    one, other = (st.column_config.TextColumn(label) for label in ("slice", "and slice"))
    names = {"first": one, "second": other, "alone": st.column_config.TextColumn("each alone", alignment="right")}
    st.dataframe(data, hide_index=True, column_config=number | names, placeholder="–", alt="The worst pairs of slices")
    dropped = f" Only the worst {MOST} pairs are kept in the file." if len(table) >= MOST else ""
    st.caption(
        f"{len(table)} pairs have enough photos; with so many, some look bad by luck alone. A pair tells something new "
        f"where it is worse than each of its slices alone; pairs that hold all but the same photos as one of them are "
        "left out. Where all photos of a pair came out alike there is no interval, and 3 / n stands for its reach."
        f"{dropped}"
    )
    charts.offer_csv(table, f"pairs-{readable.plain(measure.key).replace(' ', '-')}", "Save all pairs as CSV")
