"""What a verdict is worth where edits are as rare as the reader says: choices, sentences, rates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts
from dashboard.kit.messages import told
from dashboard.session import evaluations, widgets
from dashboard.views.calibration import pictures
from pipeline.figures.base_rates import OUTCOMES, Rates, Tally, worth
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured
from pipeline.words import readable
from pipeline.words.shares import hundred, interval, share

STEPS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000)
FIRST = 10
FEW = 50
"""Groups under which a rate is called uncertain."""
TEST, UNSEEN = "these photos", "unseen sources"
SAID = {"flagged": "flagged as edited", "passed": "no indication found", "inconclusive": "inconclusive"}


@dataclass(frozen=True, eq=False)
class Sorts:
    """A sort of photo that can be chosen: its name, and how often it comes to what."""

    name: str
    rates: Rates


def section(shown: Evaluation) -> None:
    """Draw the choices and what follows from them; says why where these photos do not tell."""
    tally = evaluations.tally(shown)
    edited = tally.cells.edited.to_numpy(bool)
    if not edited.any():
        st.info("These photos hold no edited ones, so they cannot tell what a verdict is worth. Choose “test” above.")
        return
    others = unseen_of(shown)
    unedited = sorts(tally, others)
    if not unedited:
        st.info("There are no unedited photos here, so false alarms are not known, nor what a verdict is worth.")
        return
    one_in = st.select_slider(
        "If one photo in … that you see is edited",
        STEPS,
        FIRST,
        key="rate-one-in",
        format_func=lambda many: f"1 in {measured.count(many)}",
    )
    left, right = st.columns(2, gap="large")
    with left:
        seen = _edits(tally, edited)
    with right:
        names = {one.name: one for one in unedited}
        chosen = names[
            st.selectbox(
                "The unedited photos that you see are like",
                list(names),
                key="rate-unedited",
                format_func=lambda name: f"{name} ({_said_n(names[name].rates)})",
            )
        ]
    if not seen.n:
        st.warning("There are no edited photos of this choice: choose another kind, or other sources.")
        return
    _sentences(seen, chosen.rates, one_in)
    widgets.paint("base rates")
    pictures.draw(seen, chosen.rates, one_in)
    _rates(Sorts("edited, as chosen", seen), unedited)


def unseen_of(shown: Evaluation) -> Tally | None:
    """Return the tally of the same release on sources that no model saw; None where that was not measured.

    One that is damaged is said and passed over.
    """
    for one in reversed(evaluations.evaluations()):
        mine = not one.problem and (one.run["release"], one.run["dataset"]) == (shown.release, "unseen")
        if mine and one.path != shown.path:
            with told():
                return evaluations.tally(evaluations.evaluation(one.path))
    return None


def sorts(tally: Tally, others: Tally | None) -> list[Sorts]:
    """Return the unedited photos that can be chosen: all, those of unseen sources, and each source's."""
    found = []
    for name, part in ((TEST, tally), (UNSEEN, others)):
        if part is not None and (~part.cells.edited).any():
            real = ~part.cells.edited.to_numpy(bool)
            found.append(Sorts(f"all of {name}", part.rates(real)))
            sources = sorted(set(part.cells.source[real]))
            mine = [(source, (part.cells.source == source).to_numpy(bool) & real) for source in sources]
            found += [Sorts(f"{readable.short(source, 30)}, of {name}", part.rates(cells)) for source, cells in mine]
    return sorted(found, key=lambda one: not one.name.startswith("all of "))


def _edits(tally: Tally, edited: np.ndarray) -> Rates:
    """Ask which edits are seen; return how often they come to what."""
    kinds = sorted(set(tally.cells.kind[edited]))
    sources = sorted(set(tally.cells.source[edited]))
    counts = tally.cells[edited].groupby("kind").n.sum()

    def with_n(kind: str) -> str:
        return f"{readable.short(kind, 40)} (n {measured.count(int(counts[kind]))})"

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
        help="“forge-…” are edits that Telltale made of a source's photos.",
    )
    alike = st.toggle(
        "Every kind as frequent as the others",
        key="rate-alike",
        disabled=len(asked) == 1,
        help="Otherwise they are as frequent as among these photos.",
    )
    chosen = edited & tally.cells.kind.isin(asked or kinds).to_numpy(bool)
    return tally.rates(chosen & tally.cells.source.isin(among or sources).to_numpy(bool), alike)


def _said_n(rates: Rates) -> str:
    return f"n {measured.count(rates.n)}, flagged {measured.percent(rates.figure('flagged')['value'], 1)}"


def _sentences(seen: Rates, unedited: Rates, one_in: int) -> None:
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
            limits = interval(row[f"{name}_low"], row[f"{name}_high"])
            met = pictures.met(seen, unedited, name)
            told = hundred(row[name]) if met else f"anything in {limits}"
            st.html(f'<p class="tt-reading">{told} {ending}</p>')
            unknown = "Not known better: edited photos, or the others, never came to that here."
            st.caption(f"95 % interval {limits} of 100{more}." if met else unknown)
    for line in cautions(seen, unedited, one_in):
        st.caption(line)


def cautions(seen: Rates, unedited: Rates, one_in: int) -> list[str]:
    """Return what must be known of the two sentences, as markdown."""
    both = seen.value[2] / one_in + unedited.value[2] * (1 - 1 / one_in)
    lines = [
        f"About {100 * both:.0f} of 100 photos are called inconclusive and count in neither. Measured on n "
        f"{measured.count(seen.n)} edited and n {measured.count(unedited.n)} unedited photos; intervals by groups."
    ]
    if unedited.counts[0] == 0:
        high = measured.percent(unedited.figure("flagged")["high"])
        lines.append(
            f"**None** of these {measured.count(unedited.n)} unedited photos was flagged. That is no promise: "
            f"in truth up to {high} of such photos may be, and the interval counts with that."
        )
    if min(seen.groups, unedited.groups) < FEW:
        lines.append(
            f"**Few photos**: {measured.count(min(seen.groups, unedited.groups))} persons or groups of near "
            "duplicates; look at the interval, not at the number."
        )
    return lines


def _rates(edited: Sorts, unedited: list[Sorts]) -> None:
    """Draw how often each sort of photo comes to what: the rates that everything above follows from."""
    st.markdown("**What this follows from**: the release's verdicts, in % of the photos of a sort (95 % interval)")
    table = pd.DataFrame([_row(one) for one in (edited, *unedited)])
    st.dataframe(table, hide_index=True, column_config={"photos": st.column_config.TextColumn(pinned=True)})
    charts.save(table, "rates")
    means = {one.name: share(one.rates.figure("flagged")) for one in unedited if one.name.startswith("all of ")}
    if len(means) == 2:
        st.markdown(
            f"False alarms: **{means[f'all of {TEST}']}** of the unedited ones of these photos, "
            f"**{means[f'all of {UNSEEN}']}** of those of sources that no model saw. Yours come from such sources too."
        )
    else:
        st.caption("False alarms on sources that no model saw were not measured for this release.")


def _row(one: Sorts) -> dict[str, Any]:
    shares = {SAID[outcome]: share(one.rates.figure(outcome)) for outcome in OUTCOMES}
    return {"photos": one.name} | shares | {"n": one.rates.n, "groups": one.rates.groups}
