"""Leave one source out: what stage 1 reaches on a collection that it was not trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.draw import calibration_words, charts, measured, words
from dashboard.draw.message import told
from pipeline.evaluation.audits import Figure
from pipeline.evaluation.folder import BadEvaluation, Evaluation
from pipeline.evaluation.slices import HOMES

WITHOUT = "trained without"
FORGED = "same-originals"
"""What evaluations on the benchmark of forged photos are called, or begin with where only a part was measured."""


@dataclass(frozen=True)
class Pair:
    """Stage 1's AUC on a source: trained without it, and the release's.

    Attributes:
        source: what was left out.
        without: of the release that was trained without it.
        shipped: of the release; None where it was not measured on the same photos.
    """

    source: str
    without: Figure
    shipped: Figure | None

    @property
    def lost(self) -> float:
        """How much of the AUC goes with the source; 0 where that is not known."""
        return 0.0 if self.shipped is None else self.shipped["value"] - self.without["value"]


def pairs_of(shown: Evaluation) -> tuple[list[Pair], list[str]]:
    """Return what was measured with a source left out, the largest loss first; and what could not be used, and why."""
    found, problems = [], []
    for one in state.left_out():
        name = f"{one.path.parent.name}/{one.path.name}"
        source = str(one.run.get(WITHOUT, ""))
        if one.problem or not source:
            problems.append(f"{name}: {one.problem or f'its run.json does not say what it was {WITHOUT}.'}")
            continue
        try:
            without = _auc(state.evaluation(one.path), source)
        except BadEvaluation as problem:
            problems.append(f"{name}: {problem}")
            continue
        if without is None:
            problems.append(f"{name}: it has no figure of stage 1 on {source}.")
        else:
            found.append(Pair(source, without, _shipped(shown, one.run, source)))
    return sorted(found, key=lambda pair: -pair.lost), problems


def _auc(measurement: Evaluation, source: str) -> Figure | None:
    """Return stage 1's AUC on a source; one without edits of its own stands under the collection that it belongs to."""
    part = measurement.metrics.get("edited", {})
    figure = part.get(source, part.get(HOMES.get(source, ""), {})).get("AUC")
    return None if figure is None or figure["value"] is None else figure


def _shipped(shown: Evaluation, run: dict, source: str) -> Figure | None:
    """Return the release's own AUC on the same photos: same data set, same revision."""
    for one in reversed(state.evaluations()):
        same = not one.problem and all(one.run.get(name) == run.get(name) for name in ("dataset", "revision"))
        if same and one.run["release"] == shown.release:
            return _auc(state.evaluation(one.path), source)
    return None


def section(shown: Evaluation) -> None:
    """Draw what is lost where a source was left out; where that was not measured, say so and what is known instead."""
    found, problems = pairs_of(shown)
    if found:
        _plot(found)
        st.markdown("\n".join(f"- {line}" for line in in_words(found)))
    else:
        st.info(
            "**Not measured for this release.** No release was trained without one of its collections and then tried "
            "on it. So it is not known how much of its score on a collection comes from having learned from that "
            "collection: on edits from anywhere else, trust its figures less than they look."
        )
    for line in problems:
        st.caption(f"Left aside: {words.escaped(line)}")
    instead(shown)


def _plot(found: Sequence[Pair]) -> None:
    made = charts.figure("Stage 1 on a source left out", "AUC: 0.5 is guessing", "",
                         150 + 46 * len(found))  # fmt: skip
    kinds = (
        ("trained without it", [(place, pair.without) for place, pair in enumerate(found)], "triangle-up", "#D55E00"),
        ("the release, trained with it",
         [(place, pair.shipped) for place, pair in enumerate(found) if pair.shipped], "circle", "#0072B2"),
    )  # fmt: skip
    for turn, (name, mine, symbol, colour) in enumerate(kinds):
        made.add_scatter(
            x=[figure["value"] for _, figure in mine], y=[place + 0.2 * (turn - 0.5) for place, _ in mine],
            error_x=charts.whiskers(*([figure[end] for _, figure in mine] for end in ("value", "low", "high"))),
            mode="markers", name=name, marker={"symbol": symbol, "size": 11, "color": colour},
            text=[measured.said("AUC", figure) for _, figure in mine],
            hovertemplate=f"{name}: %{{text}}<extra></extra>",
        )  # fmt: skip
    made.add_vline(0.5, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    names = [words.short(pair.source, 30).replace("<", "‹") for pair in found]
    made.update_layout(legend={"y": -75 / (46 * len(found))})
    made.update_yaxes(tickvals=list(range(len(found))), ticktext=names, range=[len(found) - 0.4, -0.6], showgrid=False)
    parts = (("without it", lambda pair: pair.without), ("with it", lambda pair: pair.shipped))
    table = pd.DataFrame([{"source": pair.source, "trained": name, **part(pair)} for pair in found
                          for name, part in parts if part(pair)])  # fmt: skip
    charts.show(made, table, "left-out", "AUC on each source, trained with it and without it.",
                "The largest loss on top; whiskers: 95 % intervals.")  # fmt: skip


def in_words(found: Sequence[Pair]) -> list[str]:
    """Say what each source left out costs, as markdown."""
    return [
        f"**{words.escaped(pair.source)}**: trained without it, stage 1 reaches AUC {_said(pair.without)} on it, "
        + (f"the release, trained with it, {_said(pair.shipped)}." if pair.shipped
           else "the release was not measured on the same photos.")
        for pair in found
    ]  # fmt: skip


def _said(figure: Figure) -> str:
    return f"{measured.plain(figure['value'])} ({measured.interval('AUC', figure)}), n {measured.count(figure['n'])}"


def instead(shown: Evaluation) -> None:
    """Say what is known of photos of sources that no model saw: false alarms."""
    unseen = state.newest(shown.release, "unseen")
    if unseen is None:
        st.caption("False alarms on real photos of sources that no model saw were not measured for this release.")
        return
    with told():
        _instead(shown, state.evaluation(unseen.path))


def _instead(shown: Evaluation, there: Evaluation) -> None:
    st.markdown(
        f"What is known of sources that no model saw are **false alarms**: of their unedited photos "
        f"**{_alarms(there)}** were flagged, of those of the collections {_alarms(shown)}."
    )
    st.markdown(_forged(shown, sorted(set(there.predictions.source))))


def _forged(shown: Evaluation, sources: Sequence[str]) -> str:
    """Say what is known of edits of photos of sources that no model saw: those that Telltale made itself."""
    for one in reversed(state.evaluations()):
        if not one.problem and one.run["release"] == shown.release and str(one.run["dataset"]).startswith(FORGED):
            part = state.evaluation(one.path).metrics.get("edited", {})
            told = [f"{words.escaped(source)} AUC {_said(part[source]['AUC'])}" for source in sources
                    if part.get(source, {}).get("AUC", {}).get("value") is not None]  # fmt: skip
            if told:
                return (f"Of **edits** that Telltale itself made of photos of such sources: {'; '.join(told)}. They "
                        "are of kinds that it has learned from; edits by other tools were not tried.")  # fmt: skip
    return "How many **edits** of photos of such sources it finds was not measured."


def _alarms(measurement: Evaluation) -> str:
    tally = state.tally(measurement)
    rates = tally.rates(~tally.cells.edited.to_numpy(bool))
    return f"{calibration_words.share(rates.figure('flagged'))}, n {measured.count(rates.n)}"
