"""How one evaluation differs from another on the same photos, drawn: a plot around zero, tables, McNemar's test."""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts
from dashboard.views.compare.wording import (
    STANDING_WORDS,
    axis_name,
    difference_row,
    name_measure,
    say_all,
    say_gap,
    say_mcnemar,
    say_n,
    say_pair,
    say_side,
    say_summary,
    table_of,
)
from pipeline.figures.bootstrap import DRAWS
from pipeline.figures.compare import LESS_IS_BETTER
from pipeline.words import readable

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

LOOKS = {
    "better": ("#009E73", "triangle-right"),
    "worse": ("#E69F00", "triangle-left"),
    "not told apart": ("#7F7F7F", "circle-open"),
    "more": ("#0072B2", "diamond"),
    "fewer": ("#0072B2", "diamond"),
}
HOW_TO_READ = (
    "A point is 0.01 of an AUC or F1, or one percentage point of a share. Of “real called edited” and “wrong "
    f"verdicts” fewer is better, so the plot turns their sign. {charts.WHISKERS} Both were measured on each of the "
    f"{DRAWS} resamples; one in twenty of such intervals misses by chance. Fewer verdicts leave fewer to "
    "be wrong: read the last two together. n of wrong verdicts are the photos that got one, so each side has its own."
)


def draw_differences(figures: Sequence[Mapping[str, Any]], first: str, second: str, photos: str) -> None:
    """Draw differences: a sentence, the plot, and the table.

    Args:
        figures: of `pipeline.figures.compare.differences`.
        first, second: the names of the two.
        photos: which photos stage 1 and both stages were compared on, in words.
    """
    table = pd.DataFrame([difference_row(one) for one in figures]).astype({"n": "Int64"})
    known = table[table.standing != "not measured"].reset_index(drop=True)
    if known.empty:
        st.info("No figure can be compared: the common photos lack one of the classes that they need.")
        return
    st.markdown(say_summary(known, first, second))
    caption = f"Stage 1 and both stages: {photos}. {HOW_TO_READ}"
    charts.draw_plot(_plot_of(known, first, second), table, "differences", say_all(known, second), caption)
    _draw_table(table, first, second)


def _plot_of(known: pd.DataFrame, first: str, second: str) -> "go.Figure":
    import plotly.graph_objects as go

    sign = known.measure.map(lambda name: -100 if name in LESS_IS_BETTER else 100)
    points = known.assign(
        at=known.difference * sign,
        one=known.difference_low * sign,
        two=known.difference_high * sign,
        name=[axis_name(row) for row in known.itertuples()],
    )
    plot = charts.empty_plot(
        "Difference: better lies to the right", "difference, points of 100", "", 180 + 38 * len(known)
    )
    plot.add_vline(x=0, line={"color": "#7F7F7F", "width": 1.5})
    for standing, (colour, symbol) in LOOKS.items():
        mine = points[points.standing == standing]
        if len(mine):
            low, high = mine[["one", "two"]].min(axis=1), mine[["one", "two"]].max(axis=1)
            rows: list[Any] = list(mine.itertuples())
            plot.add_trace(
                go.Scatter(
                    x=mine["at"],
                    y=mine["name"],
                    mode="markers",
                    name=STANDING_WORDS.get(standing, standing),
                    marker={"color": colour, "symbol": symbol, "size": 13, "line": {"width": 2, "color": colour}},
                    error_x=charts.whiskers(list(mine["at"]), list(low), list(high)),
                    customdata=[f"{say_pair(row)}<br>difference {say_gap(row)}{say_n(row)}" for row in rows],
                    hovertemplate="%{y}<br>%{customdata}<br>%{fullData.name}<extra></extra>",
                )
            )
    plot.update_yaxes(categoryorder="array", categoryarray=list(points["name"])[::-1])
    _draw_sides(plot, float(points[["at", "one", "two"]].abs().max().max()), first, second)
    return plot


def _draw_sides(plot: "go.Figure", widest: float, first: str, second: str) -> None:
    """Make zero the middle, and say over each side who is better there."""
    reach = max(widest * 1.15, 1.0)
    plot.update_xaxes(range=[-reach, reach])
    plot.update_layout(title_xref="container", margin_t=84)
    for side, name, template, raised in ((0.0, first, "◀ {} is better", 0), (1.0, second, "{} is better ▶", 18)):
        text = html.escape(template.format(readable.short(name, 34)))
        plot.add_annotation(
            x=side,
            xref="paper",
            xanchor="left" if side == 0 else "right",
            y=1.0,
            yref="paper",
            yanchor="bottom",
            yshift=raised,
            showarrow=False,
            text=text,
        )


def _draw_table(table: pd.DataFrame, first: str, second: str) -> None:
    rows: list[Any] = list(table.itertuples())
    data = table_of(
        [
            ("figure", [name_measure(row) for row in rows]),
            (readable.plain(first), [say_side(row, "first") for row in rows]),
            (readable.plain(second), [say_side(row, "second") for row in rows]),
            ("difference in points", [say_gap(row) for row in rows]),
            (f"so {readable.plain(second)} is", [STANDING_WORDS.get(row.standing, row.standing) for row in rows]),
            ("n", table.n),
        ]
    )
    st.dataframe(data, hide_index=True, alt="Differences with intervals")


def draw_mcnemar(test: Mapping[str, Any], first: str, second: str) -> None:
    """Draw McNemar's test: the two-by-two table, p, and what it says.

    Args:
        test: of `pipeline.figures.compare.mcnemar`.
        first, second: the names of the two.
    """
    st.markdown(say_mcnemar(test, first, second))
    won, lost = test["only second right"], test["only first right"]
    if not won + lost:
        return
    st.dataframe(
        table_of(
            [
                ("", [f"{readable.plain(first)} right", f"{readable.plain(first)} wrong"]),
                (f"{readable.plain(second)} right", [test["both right"], won]),
                (f"{readable.plain(second)} wrong", [lost, test["both wrong"]]),
            ]
        ),
        hide_index=True,
        width="content",
        alt="Photos that each has right and wrong",
    )
    st.caption(
        "McNemar's exact test of three-class answers without abstention, over all common photos. It counts "
        "photos as independent; those of one person are not, so p is rather too small. The intervals above "
        "allow for that."
    )
