"""A release and the cards of its weights, as tables; figures are nested freely and drawn as they come."""

from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_object_dtype

from dashboard.kit import charts, markup
from dashboard.kit.fact_list import html_list
from models.base import read_base_card
from models.card import COURSE, LOOKS, LOSSES
from models.release import Release, Stage
from pipeline.words import readable

DEEPEST = 4
SILENT = "The card does not say."
NO_FAILURE = "Nowhere by the limits of these sentences; the evaluation pages show where it is wrong all the same."


def draw_release(entry: Release) -> None:
    """Draw what a release is."""
    if entry.notes:
        st.info(markup.escaped(entry.notes), icon=":material/info:")
    facts = {
        "Name": entry.name,
        "Date": entry.date,
        "Smallest face judged": f"{entry.min_face} px",
        "Preprocessing": say_flat(entry.preprocessing),
    }
    st.html(html_list(facts))
    st.markdown("SHA-256 of the release file")
    st.code(entry.sha256, language=None, wrap_lines=True)


def draw_stage(entry: Stage, card: Any) -> None:
    """Draw one stage: how it decides, and the card of its weights (a `models.card.Card`)."""
    _draw_rule(entry, card)
    _draw_network(card)
    for title, text in (("What it is for", card.intended), ("Limits", card.limits), ("Ethics", card.ethics)):
        st.markdown(f"**{title}**\n\n{markup.escaped(text) if text else SILENT}")
    st.markdown("**Where it was measured to fail**")
    st.markdown(
        "\n".join(f"- {markup.escaped(line)}" for line in card.failures) or (NO_FAILURE if card.figures else SILENT)
    )
    st.markdown("**Collections it was trained on, and their terms**")
    st.html(html_list(card.data)) if card.data else st.caption(SILENT)
    _draw_curves(card.weights, card.training)
    for title, data in (("How it was trained", card.training), ("Held-out figures", card.figures)):
        with st.expander(title):
            draw_tables(data) if data else st.caption(SILENT)


def _draw_rule(entry: Stage, card: Any) -> None:
    low, high = entry.abstain
    st.markdown("**How it decides**")
    st.html(
        html_list(
            {
                "Says": f"“{card.positive}” from {entry.threshold:.2f} up, else “{card.negative}”",
                "Abstains": f"from {low:.2f} up to {high:.2f}" if high > low else "never",
                "Rule": entry.rule,
                "Calibration": f"probability = 1 / (1 + exp(−({entry.slope:.4g} · logit + {entry.intercept:.4g})))",
            }
        )
    )


def _draw_network(card: Any) -> None:
    st.markdown("**What it is**")
    st.html(
        html_list(
            {
                "Weights": card.weights,
                "Network": f"{card.architecture}, {card.input_size} × {card.input_size} px input",
                "Trained": card.date,
                "Licence": card.licence,
                "SHA-256": card.sha256,
                "SHA-256 of the training photos' hashes": card.training_sha256 or "not given",
            }
        )
    )
    if card.base:
        _draw_base(card)


def _draw_base(card: Any) -> None:
    """Draw what the base is that the weights adapt, and how the two are served."""
    held = read_base_card(card.base, card.base_sha256)
    st.markdown("**The base that it adapts**, which was not trained here and is the same for both stages")
    st.html(
        html_list(
            {
                "Base": held.name,
                "Network": held.architecture,
                "Numbers": f"{held.parameters:,}".replace(",", "\u202f"),
                "Trained on": held.training,
                "Source": held.source,
                "Licence": held.licence,
                "Served": f"adapters merged into it, {card.form}",
                "SHA-256 of its card": card.base_sha256,
            }
        )
    )


def _draw_curves(weights: str, training: dict[str, Any]) -> None:
    """Draw what was lost in each epoch of the training, and the validation AUC where it was looked at."""
    losses, looks = (training.get(name, {}) for name in (LOSSES, LOOKS))
    if not losses:
        _draw_course(weights, training.get(COURSE, {}))
        return
    rows = pd.DataFrame({"epoch": [int(epoch) + 1 for epoch in losses], "loss": list(losses.values())})
    rows["validation AUC"] = [looks.get(epoch, {}).get("all") for epoch in losses]
    plot = charts.empty_plot("How the training went", "epoch", "training loss", 320)
    plot.add_scatter(x=rows.epoch, y=rows.loss, mode="lines", name="training loss", line={"color": "#0072B2"})
    seen = rows.dropna()
    plot.add_scatter(
        x=seen.epoch,
        y=seen["validation AUC"],
        mode="lines+markers",
        name="validation AUC, all sources",
        yaxis="y2",
        line={"color": "#D55E00", "dash": "dot"},
    )
    plot.update_layout(
        yaxis2={
            "title": {"text": "AUC"},
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "range": [0.5, 1],
            "tickmode": "linear",
            "dtick": 0.1,
        },
        legend={"y": -0.4},
    )
    alt = "Training loss by epoch, and validation AUC where it was looked at."
    begun = markup.escaped(say_flat(training.get("started from")))
    charts.draw_plot(plot, rows, f"curves-{weights}", alt, f"It started from: {begun}.")


DASHES, MARKS = ("solid", "dot", "dash", "dashdot"), ("circle", "square", "diamond", "triangle-up")
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def _draw_course(weights: str, course: dict[str, dict[str, float]]) -> None:
    """Draw how validation went while weights were trained elsewhere: a line a source or kind of edit."""
    if not course:
        return
    rows = pd.DataFrame(course).T.rename_axis("share of the run").reset_index()
    rows["share of the run"] = 100 * rows["share of the run"].astype(float)
    plot = charts.empty_plot("How the training went", "share of the run, %", "validation AUC", 420)
    for place, name in enumerate(rows.columns[1:]):
        look = {"color": OKABE_ITO[place % len(OKABE_ITO)], "dash": DASHES[place // len(OKABE_ITO) % len(DASHES)]}
        plot.add_scatter(
            x=rows["share of the run"],
            y=rows[name],
            mode="lines+markers",
            name=readable.plain(name),
            line=look,
            marker={"symbol": MARKS[place % len(MARKS)]},
        )
    plot.update_layout(legend={"y": -0.3})
    alt = "Validation AUC by source or kind of edit, at four points of the training."
    charts.draw_plot(
        plot, rows, f"curves-{weights}", alt, "As the training's own script measured it, on its own edits."
    )


def draw_tables(data: dict[str, Any], title: str = "", depth: int = 0) -> None:
    """Draw a nested mapping: its plain values as a list, mappings of a kind as one table, the rest one by one."""
    if title:
        st.markdown(f"{'#' * min(6, 5 + depth)} {markup.escaped(title)}")
    simple = {key: say_flat(value) for key, value in data.items() if not _is_nested(value)}
    if simple:
        st.html(html_list(simple))
    nested = {key: value for key, value in data.items() if _is_nested(value)}
    if len(nested) > 1 and all(_is_row(value) for value in nested.values()):
        _draw_table([{"": key, **value} for key, value in nested.items()])
        return
    for key, value in nested.items():
        _draw_part(key, value, depth)


def _draw_part(key: str, value: Any, depth: int) -> None:
    if isinstance(value, list):
        st.markdown(f"{'#' * min(6, 5 + depth)} {markup.escaped(key)}")
        _draw_table(value)
    elif depth < DEEPEST:
        draw_tables(value, key, depth + 1)
    else:
        st.html(html_list({key: say_flat(value)}))


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and all(map(_is_row, value)))


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and not any(_is_nested(part) for part in value.values())


def _draw_table(rows: list[dict[str, Any]]) -> None:
    cells = [
        {key: part if isinstance(part, int | float) else say_flat(part) for key, part in row.items()} for row in rows
    ]
    frame = pd.DataFrame(cells)
    for name in (name for name in frame if is_object_dtype(frame[name])):  # numbers and words in one column
        frame[name] = frame[name].map(
            lambda part: part if isinstance(part, str) else say_flat(part), na_action="ignore"
        )
    st.dataframe(frame, hide_index=True, placeholder="–", alt="Figures as a table")


def say_flat(value: Any) -> str:
    """Say a value on one line: an interval as low–high, a mapping as its parts."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {say_flat(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        pair = len(value) == 2 and all(isinstance(part, float) for part in value)
        return (" – " if pair else ", ").join(say_flat(part) for part in value)
    return str(value)
