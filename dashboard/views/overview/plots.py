"""Where a release errs: by kind of edit, by source of real photos, and where in the cascade."""

import html
import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, theme
from pipeline.figures.curves import OUTCOMES
from pipeline.figures.slices import LEAST
from pipeline.words import figures as measured
from pipeline.words import readable

NAMES = {
    "right": "right",
    "stage 1 missed": "stage 1 missed it",
    "stage 1 false alarm": "stage 1 false alarm",
    "stage 2 wrong": "stage 2: wrong kind",
    "stage 1 abstained": "stage 1 abstained",
    "stage 2 abstained": "stage 2 abstained",
    "out of scope": "out of scope",
}
LOOKS = {
    "right": ("#009E73", ""),
    "stage 1 missed": ("#E69F00", "/"),
    "stage 1 false alarm": ("#F0E442", "x"),
    "stage 2 wrong": ("#56B4E9", "\\"),
    "stage 1 abstained": ("#9A9A9A", "."),
    "stage 2 abstained": ("#9A9A9A", "-"),
    "out of scope": ("#C8C8C8", "+"),
}
"""Colour and pattern of an outcome: none is a label's colour, and the patterns tell them apart in grey."""
READABLE = 0.05
"""Share from which a bar's part has room for its word."""


def draw_by_kind(metrics: Mapping[str, Any]) -> None:
    """Draw how many edits of each kind stage 1 finds."""
    rows = [
        {"what": str(one["value"]), **one["recall"]}
        for one in metrics.get("slices", [])
        if one.get("slice") == "kind" and one["recall"]["value"] is not None
    ]
    _draw_dots(
        rows,
        "Edits found, by kind",
        "share found by stage 1, %",
        "kinds",
        "diamond",
        f"Forged edits too; at stage 1's threshold. Kinds with fewer than {LEAST} edits are left out.",
    )


def draw_by_source(test: Mapping[str, Any], unseen: Mapping[str, Any] | None) -> None:
    """Draw how many real photos of each source are called edited."""
    rows = [
        {"what": f"{source}{mark}", **figure}
        for metrics, mark in ((test, ""), (unseen or {}, " (unseen)"))
        for source, figure in metrics.get("false alarms", {}).items()
        if figure["value"] is not None
    ]
    _draw_dots(
        rows,
        "Real photos called edited, by source",
        "share called edited, %",
        "sources",
        "circle",
        "By the verdict, so after abstaining. Unseen: no photo of that source was ever trained or tuned on. Where none "
        "of a few was called edited, the interval shrinks to 0: read n.",
    )


def _draw_dots(figures: list[dict[str, Any]], title: str, axis: str, name: str, shape: str, caption: str) -> None:
    import plotly.graph_objects as go

    if not figures:
        st.caption(f"{title}: not measured.")
        return
    table = pd.DataFrame(figures)[["what", "value", "low", "high", "n"]].sort_values("value", ignore_index=True)
    shares = table[["value", "low", "high"]] * 100
    rows: list[dict[Any, Any]] = table.to_dict("records")
    names = [f"{_wrap(row['what'])}, n {measured.count(row['n'])}" for row in rows]
    plot = charts.empty_plot(title, axis, "", height=110 + 38 * len(table))
    plot.add_trace(
        go.Scatter(
            x=shares.value,
            y=names,
            mode="markers",
            marker={"size": 11, "color": "#0072B2", "symbol": shape},
            error_x=charts.whiskers(list(shares.value), list(shares.low), list(shares.high)),
            showlegend=False,
            customdata=[measured.say(row, "%") for row in rows],
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
        )
    )
    plot.update_layout(title_xref="container")
    reach = min(102.0, max(20.0, 1.1 * float(shares.max().max())))
    plot.update_xaxes(range=[-reach / 50, reach])
    values = "; ".join(f"{readable.plain(row['what'])} {measured.say_value(row, '%')}" for row in rows)
    charts.draw_plot(plot, table, name, f"{title}: {values}.", f"{charts.WHISKERS} {caption}")


def _wrap(name: str) -> str:
    """Break a name into lines that leave a narrow plot some room."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(readable.plain(name), 18)) or "–"


def draw_cascade(metrics: Mapping[str, Any]) -> None:
    """Draw what became of the photos of each true label, as stacked bars."""
    errors = metrics.get("cascade errors") or {}
    if not errors:
        st.caption("Where errors arise: not measured.")
        return
    table = pd.DataFrame(
        [
            {"label": label, "outcome": became, **mine[became]}
            for label, mine in errors.items()
            for became in OUTCOMES
            if became in mine
        ]
    )[["label", "outcome", "value", "low", "high", "n", "count"]]
    plot = charts.empty_plot("Where in the cascade errors arise", "share of the photos, %", "", height=380)
    for became in OUTCOMES:
        _add_part(plot, table[table.outcome == became], became)
    plot.update_layout(barmode="stack", title_xref="container", uniformtext={"minsize": 11, "mode": "hide"})
    plot.update_layout(legend={"traceorder": "normal", "yanchor": "top", "y": -0.34})
    plot.update_xaxes(range=[0, 100.5])
    plot.update_yaxes(autorange="reversed")
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    values = "; ".join(f"{row['label']}: {row['outcome']} {measured.say_value(row, '%')}" for row in rows)
    charts.draw_plot(
        plot,
        table,
        "cascade",
        f"Stacked bars. {values}.",
        "Forged edits too. Abstained: its score lay in a band where it says nothing, or the answer would turn "
        "on a re-save. Out of scope: the photo is unlike those the release was made for.",
    )


def _add_part(plot: Any, mine: pd.DataFrame, became: str) -> None:
    import plotly.graph_objects as go

    if mine.empty:
        return
    colour, pattern = LOOKS[became]
    rows: list[dict[Any, Any]] = mine.to_dict("records")
    texts = [f"{NAMES[became]}<br>{measured.percent(share)}" if share >= READABLE else "" for share in mine.value]
    plot.add_trace(
        go.Bar(
            x=mine.value * 100,
            y=[f"{row['label']}<br>n {measured.count(row['n'])}" for row in rows],
            orientation="h",
            name=NAMES[became],
            text=texts,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": "#10171E"},
            constraintext="inside",
            marker={
                "color": colour,
                "pattern": {"shape": pattern, "size": 6, "fillmode": "overlay", "fgopacity": 0.3, "fgcolor": "#10171E"},
                "line": {"color": theme.ink(), "width": 0.6},
            },
            customdata=[f"{measured.say(row, '%')}; {measured.count(row['count'])} photos" for row in rows],
            hovertemplate="%{y}: %{fullData.name}<br>%{customdata}<extra></extra>",
        )
    )
