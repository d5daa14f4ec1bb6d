"""What abstaining buys: risk against coverage, and the sets of labels that a release leaves possible."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, choose_evaluation, markup, theme
from dashboard.views.calibration import cached
from models.release import Release, read_release
from pipeline.errors import TriageError
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words.shares import share

OWN = "with forgeries"
"""The joint figures of all photos: those that the curve is about."""
SIZES = {"0": "none", "1": "one", "2": "two", "3": "all three"}
SHADES = {"0": "#7F7F7F", "1": "#0072B2", "2": "#56B4E9", "3": "#CCCCCC"}
PATTERNS = {"0": "x", "1": "", "2": "/", "3": "."}


def risk(shown: Evaluation) -> None:
    """Draw the risk-coverage curve with the release's own working point, and say it; or why there is none."""
    curve = [one for one in shown.metrics.get("risk coverage", []) if one["value"] is not None]
    if not curve:
        st.info("Risk and coverage were not measured on these photos.")
        return
    own = shown.metrics.get("joint", {}).get(OWN, {})
    table = pd.DataFrame(curve)
    made = charts.figure("Wrong answers by photos answered", "photos answered, %", "wrong among them, %")
    shade: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    made.add_scatter(x=100 * table.coverage, y=100 * table.low, **shade)
    made.add_scatter(
        x=100 * table.coverage, y=100 * table.high, fill="tonexty", fillcolor="rgba(0,114,178,.2)", **shade
    )
    made.add_scatter(
        x=100 * table.coverage,
        y=100 * table.value,
        mode="lines+markers",
        name="without abstaining otherwise",
        line={"color": "#0072B2"},
        text=[measured.said("risk", one) for one in curve],
        customdata=table.confidence,
        hovertemplate="surest %{x:.0f} %, down to a probability of %{customdata:.2f}<br>wrong: %{text}<extra></extra>",
    )
    if _known(own):
        made.add_scatter(
            x=[100 * own["coverage"]["value"]],
            y=[100 * own["risk"]["value"]],
            mode="markers",
            name="the release, as it is",
            marker={"symbol": "diamond", "size": 13, "color": theme.COLOURS["deepfake"]},
            error_x=_whisker(own["coverage"]),
            error_y=_whisker(own["risk"]),
            hovertemplate=f"answered {measured.said('coverage', own['coverage'])}<br>"
            f"wrong {measured.said('risk', own['risk'])}<extra></extra>",
        )
    made.update_xaxes(range=[0, 103])
    made.update_yaxes(rangemode="tozero")
    caption = "Band and whiskers: 95 % intervals. Wrong: an edit missed, an unedited photo flagged, or the wrong kind."
    charts.show(made, table, "risk-coverage", "Risk rises with the share of photos answered.", caption)
    st.markdown("\n".join(f"- {line}" for line in in_words(curve, own)))


def _known(own: Mapping[str, Any]) -> bool:
    return all(own.get(name, {}).get("value") is not None for name in ("coverage", "risk"))


def _whisker(figure: Mapping[str, Any]) -> dict[str, Any]:
    return charts.whiskers(
        *([None if figure[name] is None else 100 * figure[name]] for name in ("value", "low", "high"))
    )


def in_words(curve: Sequence[Mapping[str, Any]], own: Mapping[str, Any]) -> list[str]:
    """Say the curve's ends and the release's own point, as markdown."""
    half = min(curve, key=lambda one: abs(one["coverage"] - 0.5))
    said = [
        f"Were every photo answered, **{share(curve[-1])}** of the answers would be wrong.",
        f"Were only the surest {measured.percent(half['coverage'])} answered, **{share(half)}**.",
    ]
    if not _known(own):
        return [*said, "Where the release itself stands was not measured on these photos."]
    return [
        *said,
        f"The release answers **{measured.percent(own['coverage']['value'])}** of them (the others are "
        f"“inconclusive”), and **{share(own['risk'])}** of its answers are wrong.",
    ]


def label_sets(shown: Evaluation) -> None:
    """Draw how many labels the release leaves possible, and whether that holds what was promised; or why not."""
    found = measured_release(shown)
    if isinstance(found, str):
        st.info(found)
        return
    quantiles = found.conformal.get("quantiles")
    if not quantiles or "coverage" not in found.conformal:
        st.info("This release makes no sets of labels that stay possible (conformal sets).")
        return
    figures = cached.label_sets(shown, quantiles)
    promised = float(found.conformal["coverage"])
    table = pd.DataFrame(
        [
            {"true label": label, "labels left": name, **figure}
            for label, part in figures.items()
            for name, figure in part.items()
        ]
    )
    made = charts.figure("Labels that stay possible", "photos, %", "true label", 150 + 55 * len(figures))
    for size, name in SIZES.items():
        mine = table[table["labels left"] == size]
        if mine.value.sum():
            made.add_bar(
                x=100 * mine.value,
                y=mine["true label"],
                orientation="h",
                name=name,
                marker={"color": SHADES[size], "pattern": {"shape": PATTERNS[size], "fgcolor": theme.ink(), "size": 5}},
                text=[share(figures[str(label)][size]) for label in mine["true label"]],
                textposition="none",
                hovertemplate=f"{name}: %{{text}}<extra>%{{y}}</extra>",
            )
    made.update_layout(barmode="stack", legend={"title": {"text": "labels left: "}, "y": -0.35, "traceorder": "normal"})
    made.update_yaxes(autorange="reversed")
    alt = "For each true label: the shares of photos with one, two or all three labels left."
    caption = "The fewer are left, the more the set says; with all three it says nothing."
    charts.show(made, table, "label-sets", alt, caption)
    st.markdown("\n".join(f"- {line}" for line in sets_in_words(figures, promised)))


def measured_release(shown: Evaluation) -> Release | str:
    """Return the release that was measured; or why its file tells nothing about these scores."""
    try:
        release = read_release(shown.release)
    except TriageError as problem:
        return f"What the release itself says is not known here: {markup.escaped(str(problem))}"
    if choose_evaluation.changed(shown):
        return "The release's file has changed since this was measured: it does not belong to these scores."
    return release


def sets_in_words(figures: Mapping[str, Mapping[str, Any]], promised: float) -> list[str]:
    """Say for each true label whether its sets hold it as often as promised, as markdown."""
    return [
        f"Of {measured.count(part['held']['n'])} photos that are **{markup.escaped(label)}**, the set holds that label "
        f"in **{share(part['held'])}**: {_kept(part['held'], promised)} {measured.percent(promised)} promised. "
        f"All three stay possible for {measured.percent(part['3']['value'])} of them."
        for label, part in figures.items()
    ]


def _kept(figure: Mapping[str, Any], promised: float) -> str:
    if figure["high"] is not None and figure["high"] < promised:
        return "**less** than the"
    return "more than the" if figure["low"] is not None and figure["low"] > promised else "in keeping with the"
