"""Plots as every page draws them: plotly, in the theme's colours, with its numbers as CSV beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import theme
from pipeline.records import defuse

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "scrollZoom": False,
}
WHISKERS = "Whiskers: 95 % bootstrap intervals, drawn by whole groups: photos of one person, or near duplicates."
"""The sentence of every caption under a plot with error bars; other sentences follow or precede it."""


def empty_plot(title: str, x: str, y: str, height: int = 380) -> "go.Figure":
    """Return an empty plot; axis titles carry their unit."""
    import plotly.graph_objects as go

    return go.Figure(
        layout={  # at once: every update afterwards costs plotly milliseconds
            "title": {"text": title, "font": {"size": 15}, "x": 0.01, "xref": "container"},
            "height": height,
            "margin": {"l": 10, "r": 10, "t": 48, "b": 10},
            "hoverlabel": {"align": "left"},
            "legend": {"orientation": "h", "y": -0.22, "x": 0},
            "font": {"size": 13},
            "xaxis": {"title": {"text": x}, "automargin": True, "zeroline": False},
            "yaxis": {"title": {"text": y}, "automargin": True, "zeroline": False},
        }
    )


def draw_plot(plot: "go.Figure", data: pd.DataFrame, name: str, alt: str, caption: str = "") -> None:
    """Draw a plot, and under it a button that saves its numbers as CSV; the plot's own menu saves it as PNG.

    Args:
        plot: the plot.
        data: the numbers that it draws.
        name: of the files and the widgets; unique on the page.
        alt: what is seen, for those who do not see it.
        caption: one line under it: n, the interval, what is left out.
    """
    picture = {"format": "png", "filename": f"telltale-{name}", "scale": 2}
    st.plotly_chart(plot, config=CONFIG | {"toImageButtonOptions": picture}, key=f"plot-{name}", alt=alt)
    if caption:
        st.caption(caption)
    offer_csv(data, name)


def csv_of(data: pd.DataFrame) -> bytes:
    """Return a table as CSV whose words no spreadsheet takes for formulas."""
    words = {str(name): data[name].map(defuse) for name in data if not pd.api.types.is_numeric_dtype(data[name])}
    return data.assign(**words).to_csv(index=False).encode("utf-8-sig")


def offer_csv(data: pd.DataFrame, name: str, label: str = "Save as CSV") -> None:
    """Draw a button that saves a table as CSV."""
    st.download_button(
        label,
        lambda: csv_of(data),
        f"telltale-{name}.csv",
        "text/csv",
        key=f"csv-{name}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def whiskers(values: Sequence[Any], lows: Sequence[Any], highs: Sequence[Any]) -> dict[str, Any]:
    """Return plotly's error bars of figures with intervals; None counts as no interval.

    A resampled figure that errs to one side, as a calibration error does, may have its value outside its interval.
    """
    up = [0 if None in (value, high) else max(high - value, 0) for value, high in zip(values, highs, strict=True)]
    down = [0 if None in (value, low) else max(value - low, 0) for value, low in zip(values, lows, strict=True)]
    return {"type": "data", "array": up, "arrayminus": down, "thickness": 1.4, "width": 4, "color": theme.ink()}
