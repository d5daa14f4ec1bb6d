"""A release beside plain baselines and beside earlier releases."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from pipeline.results.figure import Figure
from pipeline.results.index import KEY_FIGURES
from pipeline.words import readable
from pipeline.words.figures import say

BASELINES = {
    "baselines/majority": "always the commonest class",
    "baselines/metadata": "a table of the file's facts: size, JPEG tables, sharpness",
    "baselines/svm": "support vector machine on noise and JPEG statistics",
    "baselines/three-class": "one network for all three classes",
    "baselines/resnet-152": "two ResNet-152, as in the original system",
}
LOOKS = {
    "stage 1: AUC": ("#0072B2", "circle", "solid"),
    "stage 2, same originals: AUC": ("#E69F00", "square", "dash"),
    "both stages: macro-F1": ("#009E73", "diamond", "dot"),
}


def say_baseline(run: Mapping[str, Any]) -> tuple[str, str]:
    """Say what a baseline is, and what must be known of its figures; "" where nothing must.

    Of networks that began with random weights it must be known that they did, and how long all trained.
    """
    name = str(run.get("release", ""))
    kind = BASELINES.get(name, "this release" if "/" not in name else readable.plain(name))
    parts = run.get("baseline")
    stages = [one for one in parts.values() if isinstance(one, dict)] if isinstance(parts, dict) else []
    if not any(one.get("started from") == "random weights" for one in stages):
        return kind, ""
    minutes = sum(float(one.get("seconds of training", 0)) for one in stages) / 60
    return kind, f"from random weights, {minutes:.0f} minutes of training: shows its cost, not what it can reach"


def draw_baselines(
    table: pd.DataFrame, release: str, elsewhere: Sequence[str], kinds: Mapping[str, tuple[str, str]]
) -> None:
    """Draw the baselines beside a release, and say of each figure whether it is told apart from the best of them.

    Args:
        table: of `pipeline.results.index.beside`, the release and the baselines.
        release: its name in the table.
        elsewhere: baselines that were measured on other photos.
        kinds: name in the table → what it is and what must be known of it, see `what`.
    """
    st.subheader("Does it beat something simpler?", anchor=False)
    others = table[table.release != release]
    if others.empty:
        st.info("No baseline was measured on these photos. Make one, also `svm` and `majority`:")
        st.code("python -m pipeline baseline metadata .telltale/prepared --out .telltale/baselines", language="sh")
    else:
        st.markdown("  \n".join(say_standing(table, release, name) for name in KEY_FIGURES))
        _draw_table(table, kinds)
    if elsewhere:
        st.caption(f"Measured on other photos, so not beside it: {', '.join(map(markup.escaped, elsewhere))}.")


def say_standing(table: pd.DataFrame, release: str, measure: str) -> str:
    """Say how the release's figure stands to the best baseline's: by whether their 95 % intervals meet."""
    known = table[(table.measure == measure) & table.value.notna()]
    mine, others = known[known.release == release], known[known.release != release]
    if mine.empty or others.empty:
        return f"**{measure}**: not measured of {'the release' if mine.empty else 'any baseline'}."
    own, best = mine.iloc[0], others.sort_values("value").iloc[-1]
    how = (
        "above it"
        if own.low > best.high
        else "below it"
        if own.high < best.low
        else "not clearly apart from it: the intervals meet"
    )
    against = f"{markup.escaped(_short(best.release))} {say(_figure_of(best), '', n=False)}"
    return f"**{measure}** {say(_figure_of(own), '', n=False)}; best baseline {against}: {how}."


def _figure_of(row: Any) -> Figure:
    """Return the figure of a table's row, which holds a value."""
    return Figure.read({"value": row.value, "low": row.low, "high": row.high, "n": row.n})


def _short(release: str) -> str:
    return release.removeprefix("baselines/")


def _draw_table(table: pd.DataFrame, kinds: Mapping[str, tuple[str, str]]) -> None:
    texts = table.assign(said=[_say_row(row) for row in table.itertuples()])
    wide = texts.pivot(index="release", columns="measure", values="said")[list(KEY_FIGURES)]
    wide = wide.loc[list(dict.fromkeys(table.release))]
    known = {name: kinds.get(name, (name, "")) for name in wide.index}
    wide.insert(0, "what", [kind for kind, _ in known.values()])
    cells = wide.reset_index().assign(release=lambda rows: rows.release.map(_short))
    st.dataframe(cells, hide_index=True, alt="Baselines beside the release")
    charts.offer_csv(table, "baselines")
    for name, (_, remark) in known.items():
        if remark:  # a cell of the table would cut it off
            st.caption(f"⚠ **{markup.escaped(_short(name))}**: {markup.escaped(remark)}")
    st.caption(
        "95 % intervals in brackets. Where n differs, not all photos are the same: the page Compare pairs them. "
        "“–”: not measured; a forged edit has no file of its own, so file facts cannot be asked about it."
    )


def _say_row(row: Any) -> str:
    return "–" if row.value != row.value else say(_figure_of(row), "")


def draw_trend(table: pd.DataFrame) -> None:
    """Draw the key figures over releases, oldest first; one release alone is said, not drawn.

    Args:
        table: of `pipeline.results.index.beside`, the releases.
    """
    st.subheader("Over releases", anchor=False)
    names = list(dict.fromkeys(table.release))
    if len(names) < 2:
        st.info("Only one release has been evaluated on this data set, so there is no trend to show yet.")
        return
    charts.draw_plot(_plot_of(table), table, "trend", _alt(table), _caption(table))


def _plot_of(table: pd.DataFrame) -> Any:
    import plotly.graph_objects as go

    plot = charts.empty_plot("Key figures over releases", "release", "AUC, or F1 (0–1)", height=380)
    for measure, (colour, symbol, dash) in LOOKS.items():
        mine = table[(table.measure == measure) & table.value.notna()]
        rows: list[Any] = list(mine.itertuples())
        plot.add_trace(
            go.Scatter(
                x=[html.escape(readable.plain(row.release)) for row in rows],
                y=mine.value,
                name=measure,
                mode="lines+markers",
                marker={"symbol": symbol, "size": 10, "color": colour},
                line={"dash": dash, "color": colour},
                error_y=charts.whiskers(list(mine.value), list(mine.low), list(mine.high)),
                customdata=[
                    f"{_say_row(row)}<br>measured {html.escape(row.date)}, revision {html.escape(row.revision)}"
                    for row in rows
                ],
                hovertemplate="%{x}, %{fullData.name}<br>%{customdata}<extra></extra>",
            )
        )
    plot.update_xaxes(type="category")
    plot.update_yaxes(range=[0, 1.02])
    return plot


def _alt(table: pd.DataFrame) -> str:
    rows = "; ".join(f"{row.release} {row.measure} {_say_row(row)}" for row in table.itertuples())
    return f"Key figures by release: {readable.plain(rows)}."


def _caption(table: pd.DataFrame) -> str:
    caption = charts.WHISKERS
    if table.revision.nunique() > 1:
        caption += (
            " The releases were measured on different revisions of the data: a step may come from the photos "
            "rather than from the release."
        )
    return caption
