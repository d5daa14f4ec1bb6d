"""Are probabilities what they say? The reliability curve of a stage in a plot and in words, and its error by source."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, theme
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words import readable, verdicts
from pipeline.words.shares import share

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

Bin = Mapping[str, Any]

POSITIVE = {"edited": "edited", "deepfake": "a deepfake"}
AMONG = {"edited": "photos", "deepfake": "edited photos"}
TOLD = (0.8, 0.5, 0.2)
"""Probabilities that are put into words, as far as photos were given about as much."""
LEAST = 20
"""Photos of a bin under which nothing is said of it in words."""
NAMES = {"collections": "all collections", "all": "all edited photos", "same originals": "same originals"}


def reliability(shown: Evaluation, stage: str) -> None:
    """Draw a stage's reliability curve, and say it in words; or why there is none."""
    st.markdown(f"**{verdicts.STAGES[stage]}**")
    bins = [one for one in shown.metrics.get("reliability", {}).get(stage, []) if one["n"]]
    if reason := _lacking(bins):
        st.info(reason)
        return
    title = f"Given, and found {POSITIVE[stage]}"
    alt = f"Of each range of probabilities: the share of {AMONG[stage]} that were {POSITIVE[stage]}, and the diagonal."
    caption = (
        f"n {measured.count(sum(one['n'] for one in bins))} {AMONG[stage]}; whiskers: 95 % intervals; larger points "
        "and longer bars: more photos. On the dashed line a probability is what it says."
    )
    charts.show(_curve(title, bins, stage), pd.DataFrame(bins), f"reliability-{stage}", alt, caption)
    st.markdown("\n".join(f"- {line}" for line in in_words(bins, stage)))


def _lacking(bins: Sequence[Bin]) -> str:
    """Say why no curve is drawn; "" where one is."""
    if not bins:
        return "No curve: there is no photo here that this stage is asked about."
    kinds = {round(one["value"], 9) for one in bins if one["value"] is not None}
    if kinds <= {0.0} or kinds <= {1.0}:
        return "No curve: all of these photos are of one class, so whatever was given, the share found is the same."
    return ""


def _curve(title: str, bins: Sequence[Bin], stage: str) -> "go.Figure":
    drawn = [one for one in bins if one["value"] is not None]
    made = charts.figure(title, "probability given", f"{POSITIVE[stage]}, %", 460)
    made.add_scatter(x=[0, 1], y=[0, 100], mode="lines", line={"dash": "dash", "color": "#7F7F7F"}, hoverinfo="skip")
    most = max(one["n"] for one in drawn)
    made.add_scatter(
        x=[one["score"] for one in drawn],
        y=[100 * one["value"] for one in drawn],
        error_y=charts.whiskers(*([_hundred(one[name]) for one in drawn] for name in ("value", "low", "high"))),
        mode="markers+lines",
        cliponaxis=False,
        marker={"color": theme.COLOURS["real"], "size": [7 + 13 * (one["n"] / most) ** 0.5 for one in drawn]},
        line={"color": theme.COLOURS["real"], "width": 1},
        text=[f"{share(one)}, n {measured.count(one['n'])}" for one in drawn],
        hovertemplate=f"given %{{x:.2f}} on average<br>{POSITIVE[stage]}: %{{text}}<extra></extra>",
    )
    made.add_bar(
        x=[(one["from"] + one["to"]) / 2 for one in bins],
        y=[one["n"] for one in bins],
        text=[measured.count(one["n"]) for one in bins],
        textposition="outside",
        cliponaxis=False,
        width=0.08,
        marker={"color": "#7F7F7F"},
        yaxis="y2",
        hovertemplate="about %{x:.2f}: n %{text}<extra></extra>",
    )
    made.update_layout(showlegend=False, yaxis={"domain": [0.28, 1], "range": [-3, 103]})
    made.update_layout(yaxis2={"domain": [0, 0.17], "title": "n", "showticklabels": False, "showgrid": False})
    made.update_xaxes(range=[-0.02, 1.02], anchor="y2")
    return made


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def in_words(bins: Sequence[Bin], stage: str) -> list[str]:
    """Say of some ranges of probability how often they were right, as markdown; highest first."""
    known = [one for one in bins if one["n"] >= LEAST and one["value"] is not None]
    if not known:
        return [f"No range of probabilities has {LEAST} photos: too few to put into words."]
    told = [one for given in TOLD for one in known if one["from"] <= given < one["to"]]
    wrong = {name: sum(_against(one) == name for one in known) for name in ("more", "less")}
    said = [_sentence(one, stage) for one in told or known[:1]]
    alike = sum(measured.alike(one) for one in known)
    untold = f"; in {alike} that cannot be told, for all photos came out alike" if alike else ""
    return [
        *said,
        f"In {wrong['more']} of {len(known)} ranges it was so more often than said, in {wrong['less']} less "
        f"often, in the others as said{untold} (ranges of at least {LEAST} photos).",
    ]


def _sentence(one: Bin, stage: str) -> str:
    held = "too few differ to tell whether that is as it says" if measured.alike(one) else "as often as it says"
    stands = {"more": "more often than it says", "less": "less often than it says", "": held}
    return (
        f"Of the {measured.count(one['n'])} {AMONG[stage]} that were given about **{one['score']:.2f}**, "
        f"**{share(one)}** were {POSITIVE[stage]}: {stands[_against(one)]}."
    )


def _against(one: Bin) -> str:
    """Tell whether photos were so "more" or "less" often than said, beyond the interval; "" where that is not told."""
    if one["low"] is None or one["score"] is None or measured.alike(one):
        return ""
    if one["low"] <= one["score"] <= one["high"]:
        return ""
    return "more" if one["score"] < one["low"] else "less"


def errors(shown: Evaluation, stage: str) -> None:
    """Draw a stage's expected calibration error, over all and by source, the worst first; or say why there is none.

    Photos of one class only are left out: probabilities that hold at an even base rate cannot be right on those.
    """
    both = {name: part for name, part in shown.metrics.get(stage, {}).items() if part.get("AUC", {}).get("value")}
    found = {name: part["ECE"] for name, part in both.items() if part.get("ECE", {}).get("n")}
    rows = [
        {"photos": NAMES.get(name, name), **figure} for name, figure in found.items() if figure["value"] is not None
    ]
    if not rows:
        st.caption(f"{verdicts.STAGES[stage]} The error of its probabilities was not measured on these photos.")
        return
    table = pd.DataFrame(rows).sort_values("value", ignore_index=True)
    made = charts.figure(
        f"{verdicts.STAGES[stage].partition(':')[0]}, by source", "ECE, 0 is perfect", "", 150 + 30 * len(table)
    )
    made.add_scatter(
        x=table.value,
        y=_names(table),
        mode="markers",
        error_x=charts.whiskers(*(table[end].tolist() for end in ("value", "low", "high"))),
        showlegend=False,
        marker={"size": 10, "color": theme.COLOURS["real"]},
        text=[measured.said("ECE", row) for row in rows_of(table)],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    luck = _chances(made, table)
    made.update_xaxes(rangemode="tozero")
    worst = table.iloc[-1]
    alt = f"ECE by source with 95 % intervals; the largest is {worst.value:.2f}, of {readable.plain(worst.photos)}."
    caption = f"Worst on top. n {measured.count(int(table.n.min()))} to {measured.count(int(table.n.max()))} photos."
    charts.show(made, table[::-1], f"ece-{stage}", alt, caption + luck)


def _names(table: pd.DataFrame) -> list[str]:
    return [readable.short(name, 40).replace("<", "‹") for name in table.photos]


def _chances(made: "go.Figure", table: pd.DataFrame) -> str:
    """Draw beside each error what is luck of few photos, and say so; "" of evaluations of before, which do not tell."""
    if "chance" not in table:
        return ""
    made.add_scatter(
        x=table.chance,
        y=_names(table),
        mode="markers",
        name="by luck alone",
        showlegend=False,
        marker={"symbol": "line-ns", "size": 15, "line": {"width": 3, "color": theme.ink()}},
        hovertemplate="%{y}: by luck alone %{x:.3f}<extra></extra>",
    )
    return " Upright stroke: what a perfectly calibrated score shows on average on as many photos, by luck alone."


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as plain dicts."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
