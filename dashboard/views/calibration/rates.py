"""What a verdict is worth where edits are as rare as the reader says: what the page asks, and what follows, drawn."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, choose_evaluation
from dashboard.kit.messages import showing_errors
from dashboard.session import evaluations, widgets
from dashboard.views.calibration import pictures
from dashboard.views.calibration.frequencies import met
from dashboard.views.calibration.sorts import TEST, UNSEEN, Sort, sort_row, sorts_of
from dashboard.views.calibration.wording import say_cautions
from pipeline.datasets.sources import FORGED
from pipeline.figures.base_rates import Rates, Tally, worth
from pipeline.results.evaluation import Evaluation
from pipeline.words import readable
from pipeline.words.figures import count, hundred, interval_of, percent, say

STEPS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000)
FIRST = 10


def draw_base_rates(evaluation: Evaluation) -> None:
    """Draw the choices and what follows from them; says why where these photos do not tell."""
    tally = evaluations.tally(evaluation)
    edited = tally.cells.edited.to_numpy(bool)
    if not edited.any():
        st.info("These photos hold no edited ones, so they cannot tell what a verdict is worth. Choose “test” above.")
        return
    others = unseen_of(evaluation)
    unedited = sorts_of(tally, others)
    if not unedited:
        st.info("There are no unedited photos here, so false alarms are not known, nor what a verdict is worth.")
        return
    one_in = st.select_slider(
        "If one photo in … that you see is edited",
        STEPS,
        FIRST,
        key="rate-one-in",
        format_func=lambda many: f"1 in {count(many)}",
    )
    left, right = st.columns(2, gap="large")
    with left:
        seen = _ask_edits(tally, edited)
    with right:
        names = {one.name: one for one in unedited}
        chosen = names[
            st.selectbox(
                "The unedited photos that you see are like",
                list(names),
                key="rate-unedited",
                format_func=lambda name: f"{name} ({_say_n(names[name].rates)})",
            )
        ]
    if not seen.n:
        st.warning("There are no edited photos of this choice: choose another kind, or other sources.")
        return
    _draw_sentences(seen, chosen.rates, one_in)
    widgets.paint("base rates")
    pictures.draw(seen, chosen.rates, one_in)
    _draw_rates(Sort("edited, as chosen", seen), unedited)


def unseen_of(evaluation: Evaluation) -> Tally | None:
    """Return the tally of the same release on sources unknown to every model.

    None where that was not measured. An evaluation that is damaged is said and passed over.
    """
    for one in reversed(evaluations.evaluations()):
        mine = not one.problem and (one.run["release"], one.run["dataset"]) == (evaluation.release, "unseen")
        if mine and one.path != evaluation.path:
            choose_evaluation.warn_of_unseen(evaluation.release, one.run)
            with showing_errors():
                return evaluations.tally(evaluations.read_evaluation(one.path))
    return None


def _ask_edits(tally: Tally, edited: np.ndarray) -> Rates:
    """Ask which edits are seen; return how often they come to what."""
    kinds = sorted(set(tally.cells.kind[edited]))
    sources = sorted(set(tally.cells.source[edited]))
    counts = tally.cells[edited].groupby("kind").n.sum()

    def with_n(kind: str) -> str:
        return f"{readable.short(kind, 40)} (n {count(int(counts[kind]))})"

    asked = st.multiselect(
        "The edits that you see are",
        kinds,
        key="rate-kinds",
        placeholder="of all kinds",
        format_func=with_n,
        help="The release finds some kinds far more often than others.",
    )
    among = st.multiselect(
        "… and come from",
        sources,
        key="rate-sources",
        placeholder="all sources",
        help=f"“{FORGED}…” are edits that Telltale made of a source's photos.",
    )
    alike = st.toggle(
        "Every kind as frequent as the others",
        key="rate-alike",
        disabled=len(asked) == 1,
        help="Otherwise they are as frequent as among these photos.",
    )
    chosen = edited & tally.cells.kind.isin(asked or kinds).to_numpy(bool)
    return tally.rates(chosen & tally.cells.source.isin(among or sources).to_numpy(bool), alike)


def _say_n(rates: Rates) -> str:
    return f"n {count(rates.n)}, flagged {percent(rates.figure('flagged')['value'], 1)}"


def _draw_sentences(seen: Rates, unedited: Rates, one_in: int) -> None:
    """Say what a flag and what a pass is worth."""
    row = worth(seen, unedited, np.array([1 / one_in])).iloc[0]
    parts = (
        ("flagged", "Of 100 photos that are **flagged**", "are edited", "; the others are false alarms"),
        ("passed", "Of 100 photos with **no indication found**", "are edited all the same", ""),
    )
    for column, (name, start, ending, more) in zip(st.columns(2), parts, strict=True):
        with column, st.container(border=True):
            st.markdown(start)
            if np.isnan(row[name]):
                st.markdown("None of these photos came to that: it cannot be told.")
                continue
            limits = interval_of(row[f"{name}_low"], row[f"{name}_high"], "%")
            known = met(seen, unedited, name)
            answer = hundred(row[name]) if known else f"anything in {limits}"
            st.html(f'<p class="tt-reading">{answer} {ending}</p>')
            unknown = "Not known better: edited photos, or the others, never came to that here."
            st.caption(f"95 % interval {limits} of 100{more}." if known else unknown)
    for line in say_cautions(seen, unedited, one_in):
        st.caption(line)


def _draw_rates(edited: Sort, unedited: list[Sort]) -> None:
    """Draw how often each sort of photo comes to what: the rates that everything above follows from."""
    st.markdown("**What this follows from**: the release's verdicts, in % of the photos of a sort (95 % interval)")
    table = pd.DataFrame([sort_row(one) for one in (edited, *unedited)])
    st.dataframe(table, hide_index=True, column_config={"photos": st.column_config.TextColumn(pinned=True)})
    charts.offer_csv(table, "rates")
    means = {
        one.name: say(one.rates.figure("flagged"), "%", n=False) for one in unedited if one.name.startswith("all of ")
    }
    if len(means) == 2:
        st.markdown(
            f"False alarms: **{means[f'all of {TEST}']}** of the unedited ones of these photos, "
            f"**{means[f'all of {UNSEEN}']}** of those of sources that no model saw. Yours come from such sources too."
        )
    else:
        st.caption("False alarms on sources that no model saw were not measured for this release.")
