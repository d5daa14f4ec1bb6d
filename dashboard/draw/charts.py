"""Plots as every page draws them: plotly, in the theme's colours, with its numbers as CSV beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.draw import theme

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "scrollZoom": False,
}


def figure(title: str, x: str, y: str, height: int = 380) -> "go.Figure":
    """Return an empty plot; axis titles carry their unit."""
    import plotly.graph_objects as go

    made = go.Figure()
    made.update_layout(
        title={"text": title, "font": {"size": 15}, "x": 0.01, "xref": "container"},
        height=height,
        margin={"l": 10, "r": 10, "t": 48, "b": 10},
        hoverlabel={"align": "left"},
        legend={"orientation": "h", "y": -0.22, "x": 0},
        font={"size": 13},
    )
    made.update_xaxes(title=x, automargin=True, zeroline=False)
    made.update_yaxes(title=y, automargin=True, zeroline=False)
    return made


def show(made: "go.Figure", data: pd.DataFrame, name: str, alt: str, caption: str = "") -> None:
    """Draw a plot, and under it a button that saves its numbers as CSV; the plot's own menu saves it as PNG.

    Args:
        made: the plot.
        data: the numbers that it draws.
        name: of the files and the widgets; unique on the page.
        alt: what is seen, for those who do not see it.
        caption: one line under it: n, the interval, what is left out.
    """
    picture = {"format": "png", "filename": f"telltale-{name}", "scale": 2}
    st.plotly_chart(made, config=CONFIG | {"toImageButtonOptions": picture}, key=f"plot-{name}", alt=alt)
    if caption:
        st.caption(caption)
    save(data, name)


def save(data: pd.DataFrame, name: str, label: str = "Save as CSV") -> None:
    """Draw a button that saves a table as CSV."""
    st.download_button(
        label,
        lambda: data.to_csv(index=False).encode("utf-8-sig"),
        f"telltale-{name}.csv",
        "text/csv",
        key=f"csv-{name}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def whiskers(values: Sequence[Any], lows: Sequence[Any], highs: Sequence[Any]) -> dict[str, Any]:
    """Return plotly's error bars of figures with intervals; None counts as no interval."""
    up = [0 if high is None or value is None else high - value for value, high in zip(values, highs, strict=True)]
    down = [0 if low is None or value is None else value - low for value, low in zip(values, lows, strict=True)]
    return {"type": "data", "array": up, "arrayminus": down, "thickness": 1.4, "width": 4, "color": theme.ink()}
