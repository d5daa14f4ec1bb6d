"""A confusion matrix: counts, and which share of each true label got which verdict."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.kit import charts
from pipeline.words import figures as measured
from pipeline.words import verdicts

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

Counts = Mapping[str, Mapping[str, int]]
"""By true label, then by verdict, as `evaluate` wrote it."""
TRUE = ("real", "deepfake", "facetune")
VERDICTS = ("real", "deepfake", "facetune", "inconclusive")
SCALE = [[0, "#E9F1F8"], [0.5, "#3D8FC4"], [1, "#08306B"]]


def draw_confusion(counts: Counts, title: str, name: str, caption: str = "") -> None:
    """Draw a confusion matrix with counts and row shares, and offer both as CSV.

    Args:
        counts: by true label and verdict.
        title: of the plot.
        name: of its files and widgets, unique on the page.
        caption: one line under it.
    """
    table = shares(counts)
    charts.draw_plot(_heatmap(table, title), table, name, _alt(table), caption)


def shares(counts: Counts) -> pd.DataFrame:
    """Return {"label", "verdict", "count", "share"}, a row a cell; share is None where a label has no photos."""
    rows = []
    for label in TRUE:
        mine = {verdict: int(counts.get(label, {}).get(verdict, 0)) for verdict in VERDICTS}
        n = sum(mine.values())
        rows += [
            {"label": label, "verdict": verdict, "count": count, "share": count / n if n else None}
            for verdict, count in mine.items()
        ]
    return pd.DataFrame(rows).astype({"share": "float64"})


def verdict_name(verdict: str) -> str:
    """Say a verdict with its shape: "○ No indication"."""
    return f"{verdicts.SHAPES.get(verdict, '')} {verdicts.CHIPS.get(verdict, verdict)}".strip()


def _heatmap(table: pd.DataFrame, title: str) -> "go.Figure":
    import plotly.graph_objects as go

    plot = charts.empty_plot(title, "verdict", "what it is", height=350)
    by = {
        name: table.pivot(index="label", columns="verdict", values=name).loc[list(TRUE), list(VERDICTS)]
        for name in ("count", "share")
    }
    texts = [
        [_cell(count, share) for count, share in zip(*row, strict=True)]
        for row in zip(by["count"].to_numpy(), by["share"].to_numpy(), strict=True)
    ]
    names = [f"{label}<br>n {measured.count(n)}" for label, n in by["count"].sum(axis=1).items()]
    plot.add_trace(
        go.Heatmap(
            z=by["share"].to_numpy(),
            x=[verdict_name(one).replace(" ", "<br>", 1) for one in VERDICTS],
            y=names,
            text=texts,
            texttemplate="%{text}",
            textfont={"size": 14},
            zmin=0,
            zmax=1,
            colorscale=SCALE,
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="%{y}<br>verdict: %{x}<br>%{text}<extra></extra>",
        )
    )
    plot.update_yaxes(autorange="reversed", showgrid=False)
    plot.update_xaxes(showgrid=False)
    return plot


def _cell(count: int, share: float) -> str:
    return "–" if share != share else f"<b>{measured.percent(share)}</b><br>{measured.count(int(count))}"


def _alt(table: pd.DataFrame) -> str:
    cells = [f"{row.label} called {verdicts.CHIPS[row.verdict]}: {int(row['count'])}" for _, row in table.iterrows()]
    return f"Confusion matrix. {'; '.join(cells)}."
