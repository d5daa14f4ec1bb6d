"""Would a verdict survive a re-save? Photos as they reach an investigator, and what becomes of the verdicts."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.views.where_it_fails import rows as slice_rows
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured

TIERS = {
    "clean": "the photo as it came",
    "web": "shrunk to 768 px on its longer side and saved as JPEG of quality 60",
    "hard": "shrunk to 512 px and saved as JPEG of quality 40",
    "screenshot": "shown at 73 % of its size, taken as a screenshot, and enlarged again",
    "crop": "only the face is cut out, with a margin of a fifth on each side",
    "social": "as social media commonly do: shrunk (longer side at most 1080 px), sharpened, saved as JPEG of quality "
    "80, and once more at 75",
}
"""What becomes of a photo in each tier of `pipeline.evaluation.tiers`, in words."""
LEVELS = {
    "balanced accuracy": ("balanced accuracy", "circle", "#009E73"),
    "recall": ("edits found", "diamond", "#56B4E9"),
    "false alarms": ("false alarms", "square-open", "#E69F00"),
}
CHANGES = {
    "flips": ("verdicts that change", "circle", "#009E73"),
    "lost": ("points of balanced accuracy lost", "diamond-open", "#E69F00"),
}
"""Measures drawn together: key → how it is said, shape and colour (none is a label's)."""
SHIFT = 0.2
"""Of a row, between two measures of one tier."""


def draw(shown: Evaluation) -> None:
    """Draw how well stage 1 and the verdicts stand each tier."""
    tiers = shown.metrics.get("tiers", {})
    if not tiers:
        st.info(
            "Robustness was not measured in this evaluation: its photos are no files of their own, or it was left "
            "out (--no-tiers)."
        )
        return
    left, right = st.columns(2, gap="large")
    with left:
        _plot(
            tiers, CHANGES, "Changes against the photo as it came", "share of verdicts, or points (%)", "tiers-changes"
        )
    with right:
        _plot(tiers, LEVELS, "Stage 1 in each tier", "share (%)", "tiers-levels")
    st.markdown("\n".join(f"- **{markup.escaped(name)}**: {TIERS.get(name, 'not described')}" for name in tiers))
    known = markup.escaped(str(shown.run.get("notes", {}).get("tiers", "")))
    note = f"{known.capitalize()}. " if known else ""
    st.caption(
        f"The same photos in every tier, through the whole path from finding the face to the verdict. {_faces(tiers)}"
        f"{note}“Found” and “false alarms” are stage 1's, at the release's "
        "threshold; a verdict counts as changed too where it turns to or from “inconclusive”."
    )


def _plot(tiers: Mapping[str, Any], measures: Mapping[str, Any], title: str, unit: str, name: str) -> None:
    made = charts.figure(title, unit, "", 110 + 62 * len(tiers))
    made.update_layout(title={"xref": "container", "x": 0.01})
    rows = []
    for place, (key, (said, shape, colour)) in enumerate(measures.items()):
        table = _rows(tiers, key)
        if table.empty:  # one class only: there is nothing to draw, and no entry in the legend
            continue
        rows.append(table.assign(measure=said))
        shift = SHIFT * (place - (len(measures) - 1) / 2)
        made.add_scatter(
            x=100 * table.value,
            y=table.place + shift,
            mode="markers",
            name=said,
            error_x=charts.whiskers(list(100 * table.value), list(100 * table.low), list(100 * table.high)),
            marker={"symbol": shape, "size": 11, "color": colour, "line": {"width": 2}},
            customdata=table.said,
            hovertemplate="%{customdata}<extra>" + said + "</extra>",
        )
    if not rows:
        st.info(
            f"{title}: these photos do not tell. They are all of one class, or no tier but the clean one was tried."
        )
        return
    made.update_yaxes(tickvals=list(range(len(tiers))), ticktext=list(tiers), range=[len(tiers) - 0.5, -0.5])
    made.update_xaxes(rangemode="tozero", zeroline=True, zerolinecolor=theme.ink(), zerolinewidth=1)
    data = pd.concat(rows, ignore_index=True)[["measure", "tier", "value", "low", "high", "n"]]
    alt = "; ".join(
        f"{row['measure']} {row['tier']} {measured.percent(row['value'])}" for row in slice_rows.records(data)
    )
    charts.show(made, data, name, f"{title}: {alt}", f"95 % intervals; n {measured.count(int(data.n.max()))} photos.")


def _rows(tiers: Mapping[str, Any], key: str) -> pd.DataFrame:
    """Return {"tier", "place", "value", "low", "high", "n", "said"} of the tiers in which a measure was told.

    What changes against the clean tier is not told of the clean tier itself: it is nothing.
    """
    found = [
        {
            "tier": name,
            "place": place,
            **{part: tier[key][part] for part in ("value", "low", "high", "n")},
            "said": f"{name}: {100 * tier[key]['value']:.0f} ({100 * tier[key]['low']:.0f} to "
            f"{100 * tier[key]['high']:.0f}), n {tier[key]['n']}",
        }
        for place, (name, tier) in enumerate(tiers.items())
        if tier.get(key, {}).get("value") is not None and not (name == "clean" and key in CHANGES)
    ]
    return pd.DataFrame(found, columns=["tier", "place", "value", "low", "high", "n", "said"])


def _faces(tiers: Mapping[str, Any]) -> str:
    """Say in which tiers faces are not found any more."""
    gone = {name: tier["no face"] for name, tier in tiers.items() if tier.get("no face", {}).get("value")}
    if not gone:
        return "A face was found in all of them. "
    parts = [f"{markup.escaped(name)} {measured.percent(figure['value'], 1)}" for name, figure in gone.items()]
    return f"No face was found any more: {', '.join(parts)} of the photos. "
