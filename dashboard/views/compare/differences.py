"""How one evaluation differs from another on the same photos: a plot around zero, a table, and McNemar's test."""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from pipeline.figures.bootstrap import DRAWS
from pipeline.figures.compare import LESS_IS_BETTER
from pipeline.words import figures as measured
from pipeline.words import readable

if TYPE_CHECKING:  # imported where it is used: it takes half a second
    import plotly.graph_objects as go

SAID = {
    "recall": "edits found",
    "false alarms": "real called edited",
    "coverage": "gets a verdict",
    "risk": "wrong verdicts",
}
"""Measures by plainer names."""
LOOKS = {
    "better": ("#009E73", "triangle-right"),
    "worse": ("#E69F00", "triangle-left"),
    "not told apart": ("#7F7F7F", "circle-open"),
    "more": ("#0072B2", "diamond"),
    "fewer": ("#0072B2", "diamond"),
}
WORDS = {"more": "more verdicts", "fewer": "fewer verdicts"}
SURE = 0.05
HOW_TO_READ = (
    "A point is 0.01 of an AUC or F1, or one percentage point of a share. Of “real called edited” and “wrong verdicts” "
    f"fewer is better, so the plot turns their sign. Whiskers: 95 % intervals of {DRAWS} resamples by person or group, "
    "both measured on each; one in twenty of such intervals misses by chance. Fewer verdicts leave fewer to be wrong: "
    "read the last two together."
)


def draw(found: Sequence[Mapping[str, Any]], first: str, second: str, photos: str) -> None:
    """Draw differences.

    Args:
        found: of `pipeline.figures.compare.differences`.
        first, second: the names of the two.
        photos: which photos stage 1 and both stages were compared on, in words.
    """
    table = pd.DataFrame([_row(one) for one in found])
    known = table[table.standing != "not measured"].reset_index(drop=True)
    if known.empty:
        st.info("No figure can be compared: the common photos lack one of the classes that they need.")
        return
    st.markdown(summary(known, first, second))
    caption = f"Stage 1 and both stages: {photos}. {HOW_TO_READ}"
    charts.show(_plot(known, first, second), table, "differences", _alt(known, second), caption)
    _table(table, first, second)


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    sides = {f"{side}_{part}": one[side][part] for side in ("first", "second") for part in ("value", "low", "high")}
    gap = {f"difference_{part}" if part != "value" else "difference": one[part] for part in ("value", "low", "high")}
    numbers = {name: float("nan") if value is None else value for name, value in (sides | gap).items()}
    return {"stage": one["stage"], "measure": one["measure"], "n": one["n"], **numbers, "standing": one["standing"]}


def named(row: Any) -> str:
    """Name a measure with its stage: "stage 1: edits found"."""
    return f"{row.stage}: {SAID.get(row.measure, row.measure)}"


def summary(known: pd.DataFrame, first: str, second: str) -> str:
    """Say in a sentence on which figures the second is better, on which worse, and which are not told apart."""
    parts = []
    for standing, said in (
        ("better", "is **better** on"),
        ("worse", "is **worse** on"),
        ("not told apart", "is **not told apart** on"),
        ("more", "gives **more** verdicts"),
        ("fewer", "gives **fewer** verdicts"),
    ):
        names = [markup.escaped(named(row)) for row in known[known.standing == standing].itertuples()]
        if names:
            parts.append(said if standing in WORDS else f"{said} {', '.join(names)}")
    return f"Against {markup.escaped(first)}, **{markup.escaped(second)}** {'; it '.join(parts)}."


def _plot(known: pd.DataFrame, first: str, second: str) -> "go.Figure":
    import plotly.graph_objects as go

    sign = known.measure.map(lambda name: -100 if name in LESS_IS_BETTER else 100)
    shown = known.assign(
        at=known.difference * sign,
        one=known.difference_low * sign,
        two=known.difference_high * sign,
        said=[_axis_name(row) for row in known.itertuples()],
    )
    made = charts.figure("Difference: better lies to the right", "difference, points of 100", "", 180 + 38 * len(known))
    made.add_vline(x=0, line={"color": "#7F7F7F", "width": 1.5})
    for standing, (colour, symbol) in LOOKS.items():
        mine = shown[shown.standing == standing]
        if len(mine):
            low, high = mine[["one", "two"]].min(axis=1), mine[["one", "two"]].max(axis=1)
            rows: list[Any] = list(mine.itertuples())
            made.add_trace(
                go.Scatter(
                    x=mine["at"],
                    y=mine.said,
                    mode="markers",
                    name=WORDS.get(standing, standing),
                    marker={"color": colour, "symbol": symbol, "size": 13, "line": {"width": 2, "color": colour}},
                    error_x=charts.whiskers(list(mine["at"]), list(low), list(high)),
                    customdata=[f"{_pair(row)}<br>difference {_gap(row)}, n {measured.count(row.n)}" for row in rows],
                    hovertemplate="%{y}<br>%{customdata}<br>%{fullData.name}<extra></extra>",
                )
            )
    made.update_yaxes(categoryorder="array", categoryarray=list(shown.said)[::-1])
    _sides(made, float(shown[["at", "one", "two"]].abs().max().max()), first, second)
    return made


def _sides(made: "go.Figure", widest: float, first: str, second: str) -> None:
    """Make zero the middle, and say over each side who is better there."""
    reach = max(widest * 1.15, 1.0)
    made.update_xaxes(range=[-reach, reach])
    made.update_layout(title_xref="container", margin_t=84)
    for side, name, said, raised in ((0.0, first, "◀ {} is better", 0), (1.0, second, "{} is better ▶", 18)):
        text = html.escape(said.format(readable.short(name, 28)))
        made.add_annotation(
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


def _axis_name(row: Any) -> str:
    return f"{row.stage.partition(',')[0]}:<br>{SAID.get(row.measure, row.measure)}"


def _pair(row: Any) -> str:
    one, other = (
        {part: _none(getattr(row, f"{side}_{part}")) for part in ("value", "low", "high")}
        for side in ("first", "second")
    )
    return f"{_with_interval(row.measure, one)} → {_with_interval(row.measure, other)}"


def _with_interval(measure: str, figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return "–"
    return f"{measured.value(measure, figure)} ({measured.interval(measure, figure)})"


def _none(value: float) -> float | None:
    return None if value != value else value


def _gap(row: Any) -> str:
    """Say a difference in points with its interval: "+3.1 (0.4 to 5.8)"; second − first, not turned."""
    if row.difference != row.difference:
        return "–"
    low, high = row.difference_low * 100, row.difference_high * 100
    return f"{100 * row.difference:+.1f} ({low:+.1f} to {high:+.1f})".replace("-", "−")


def _alt(known: pd.DataFrame, second: str) -> str:
    rows: list[Any] = list(known.itertuples())
    said = "; ".join(f"{named(row)} {_gap(row)}, {WORDS.get(row.standing, row.standing)}" for row in rows)
    return f"Differences of {readable.plain(second)} in points: {said}."


def _table(table: pd.DataFrame, first: str, second: str) -> None:
    rows: list[Any] = list(table.itertuples())
    sides = [tuple(_pair(row).split(" → ")) for row in rows]
    shown = pd.DataFrame(
        {
            "figure": [named(row) for row in rows],
            readable.plain(first): [one for one, _ in sides],
            readable.plain(second): [other for _, other in sides],
            "difference in points": [_gap(row) for row in rows],
            f"so {readable.plain(second)} is": [WORDS.get(row.standing, row.standing) for row in rows],
            "n": table.n,
        }
    )
    st.dataframe(shown, hide_index=True, alt="Differences with intervals")


def mcnemar(found: Mapping[str, Any], first: str, second: str) -> None:
    """Draw McNemar's test: the two-by-two table, p, and what it says.

    Args:
        found: of `pipeline.figures.compare.mcnemar`.
        first, second: the names of the two.
    """
    one, other = markup.escaped(first), markup.escaped(second)
    won, lost = found["only second right"], found["only first right"]
    if not won + lost:
        st.markdown("Both are right and wrong on the very same photos.")
        return
    p = "p < 0.001" if found["p"] < 0.001 else f"p = {found['p']:.3f}"
    better = f"**{other}** is right more often" if won > lost else f"**{one}** is right more often"
    said = better if found["p"] < SURE else "that may well be chance"
    st.markdown(
        f"On {measured.count(won)} photos only {other} is right, on {measured.count(lost)} only {one}: {said} "
        f"({p}, exact, n {measured.count(found['n'])})."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "": [f"{readable.plain(first)} right", f"{readable.plain(first)} wrong"],
                f"{readable.plain(second)} right": [found["both right"], won],
                f"{readable.plain(second)} wrong": [lost, found["both wrong"]],
            }
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
