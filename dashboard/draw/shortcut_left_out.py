"""Leave one source out: what both stages reach on a collection that they were not trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.draw import calibration_words, charts, measured, words
from dashboard.draw.message import told
from pipeline.evaluation.audits import Figure
from pipeline.evaluation.folder import FORGED as FORGE
from pipeline.evaluation.folder import BadEvaluation, Evaluation, Found
from pipeline.evaluation.slices import HOMES

WITHOUT = "trained without"
FORGED = "same-originals"
"""What evaluations on the benchmark of forged photos are called, or begin with where only a part was measured."""
STAGES = {"edited": "Stage 1 on a source left out", "deepfake": "Stage 2 on edits of a source left out"}
TOLD = "kind told right"
KINDS = (
    ("without", "trained without it", "triangle-up", "#D55E00"),
    ("beside", "the same training, with it", "circle-open", "#0072B2"),
    ("shipped", "the release, trained longer, with it", "circle", "#0072B2"),
)
"""Of a `Pair`: its field, what it is called, and how it is drawn."""


@dataclass(frozen=True)
class Pair:
    """A stage's AUC on a source: trained without it, the same training with it, and the release's.

    Attributes:
        source: what was left out.
        without: of the networks that were trained without it.
        beside: of networks trained as these were, but with it too; None where there are none on the same photos.
        shipped: of the release; None where it was not measured on the same photos.
        kinds: share of its own edits of which stage 2 says the right kind: without it, and with it; None if unknown.
    """

    source: str
    without: Figure
    beside: Figure | None
    shipped: Figure | None
    kinds: tuple[Figure | None, Figure | None] = (None, None)

    @property
    def lost(self) -> float:
        """How much of the AUC goes with the source; 0 where that is not known."""
        other = self.beside or self.shipped
        return 0.0 if other is None else other["value"] - self.without["value"]


def pairs_of(shown: Evaluation, stage: str = "edited") -> tuple[list[Pair], list[str]]:
    """Return what was measured with a source left out, the largest loss first; and what could not be used, and why."""
    found, problems = [], []
    every = state.left_out()
    for one in every:
        name = f"{one.path.parent.name}/{one.path.name}"
        if one.problem or WITHOUT not in one.run:
            problems.append(f"{name}: {one.problem or f'its run.json does not say what it was {WITHOUT}.'}")
            continue
        source = str(one.run[WITHOUT])
        if not source or one.run["dataset"] != "test":
            continue
        try:
            without = state.figures(one.path)
            figure = _auc(without, stage, source)
        except BadEvaluation as problem:
            problems.append(f"{name}: {problem}")
            continue
        if figure is None:
            problems.append(f"{name}: it has no figure of stage {list(STAGES).index(stage) + 1} on {source}.")
            continue
        beside, shipped = _same(every, one.run, ""), _same(state.evaluations(), one.run, None, shown.release)
        kinds = tuple(part.get(TOLD, {}).get(source) for part in (without, beside))
        found.append(Pair(source, figure, _auc(beside, stage, source), _auc(shipped, stage, source), kinds))
    return sorted(found, key=lambda pair: -pair.lost), problems


def _auc(metrics: Mapping[str, Any], stage: str, source: str) -> Figure | None:
    """Return a stage's AUC on a source; one without edits of its own stands under the collection that it belongs to.

    Stage 2's is that on edits of both kinds that were forged from the source's photos: its own are of one kind.
    """
    beside = {collection: home for home, collection in HOMES.items()}
    names = (source, HOMES.get(source, "")) if stage == "edited" else (f"{FORGE}{source}",
                                                                       f"{FORGE}{beside.get(source, '')}")  # fmt: skip
    part = metrics.get(stage, {})
    figure = next((part[name].get("AUC") for name in names if name in part), None)
    return None if figure is None or figure["value"] is None else figure


def _same(found: Sequence[Found], run: Mapping[str, Any], without: str | None, release: str = "") -> Mapping[str, Any]:
    """Return the figures of the newest measurement on the same photos, data set and revision alike; {} for none.

    Args:
        found: among which.
        run: of the measurement that it stands beside.
        without: what it must have been trained without; None for releases.
        release: its name; "" for any.
    """
    for one in reversed(found):
        same = not one.problem and all(one.run.get(name) == run.get(name) for name in ("dataset", "revision"))
        if same and one.run.get(WITHOUT) == without and release in ("", one.run["release"]):
            return state.figures(one.path)
    return {}


def section(shown: Evaluation) -> None:
    """Draw what is lost where a source was left out; where that was not measured, say so and what is known instead."""
    found, problems = pairs_of(shown)
    if found:
        _explained()
        first, second = st.columns(2, gap="large")
        with first:
            _plot(found, "edited")
        with second:
            others, more = pairs_of(shown, "deepfake")
            problems += [line for line in more if line not in problems]
            _plot(others, "deepfake") if others else st.caption("Stage 2 was not measured with a source left out.")
        st.markdown("\n".join(f"- {line}" for line in in_words(found)))
    else:
        st.info(
            "**Not measured for this release.** No networks were trained without one of its collections and then tried "
            "on it. So it is not known how much of its score on a collection comes from having learned from that "
            "collection: on edits from anywhere else, trust its figures less than they look."
        )
    for line in problems:
        st.caption(f"Left aside: {words.escaped(line)}")
    instead(shown)


def _explained() -> None:
    st.markdown(
        "Networks of the release's kind were trained from the beginning, for a short while, each without one source, "
        "its originals and everything forged from them. **The gap between the open circle and the triangle is what "
        "knowing a source is worth**: on photos from anywhere else, expect the triangle."
    )


def _plot(found: Sequence[Pair], stage: str) -> None:
    made = charts.figure(STAGES[stage], "AUC: 0.5 is guessing", "", 190 + 56 * len(found))
    for turn, (field, name, symbol, colour) in enumerate(KINDS):
        mine = [(place, getattr(pair, field)) for place, pair in enumerate(found) if getattr(pair, field)]
        made.add_scatter(
            x=[figure["value"] for _, figure in mine], y=[place + 0.22 * (turn - 1) for place, _ in mine],
            error_x=charts.whiskers(*([figure[end] for _, figure in mine] for end in ("value", "low", "high"))),
            mode="markers", name=name, marker={"symbol": symbol, "size": 11, "color": colour},
            text=[measured.said("AUC", figure) for _, figure in mine],
            hovertemplate=f"{name}: %{{text}}<extra></extra>",
        )  # fmt: skip
    made.add_vline(0.5, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    names = [words.short(pair.source, 30).replace("<", "‹") for pair in found]
    made.update_layout(legend={"y": -85 / (56 * len(found)), "orientation": "v"})
    made.update_yaxes(tickvals=list(range(len(found))), ticktext=names, range=[len(found) - 0.4, -0.6], showgrid=False)
    table = pd.DataFrame([{"source": pair.source, "trained": name, **getattr(pair, field)} for pair in found
                          for field, name, _, _ in KINDS if getattr(pair, field)])  # fmt: skip
    charts.show(made, table, f"left-out-{stage}", "AUC on each source, trained with it and without it.",
                "The largest loss on top; whiskers: 95 % intervals." if stage == "edited" else
                "Edits of both kinds, forged from photos of the source; whiskers: 95 % intervals.")  # fmt: skip


def in_words(found: Sequence[Pair]) -> list[str]:
    """Say what each source left out costs, as markdown."""
    return [
        f"**{words.escaped(pair.source)}**: trained without it, stage 1 reaches AUC {_said(pair.without)} on it, "
        + (f"the same training with it {_said(pair.beside)}, " if pair.beside else "")
        + (f"the release, trained with it, {_said(pair.shipped)}." if pair.shipped
           else "the release was not measured on the same photos.") + _kinds(pair)
        for pair in found
    ]  # fmt: skip


def _kinds(pair: Pair) -> str:
    """Say of how many of a source's own edits stage 2 tells the right kind."""
    without, beside = pair.kinds
    if without is None or without["value"] is None:
        return ""
    told = f" Of its own edits stage 2 tells the right kind of {_share(without)} without it"
    return told + (f", {_share(beside)} with it." if beside and beside["value"] is not None else ".")


def _share(figure: Figure) -> str:
    return f"{measured.percent(figure['value'])} ({measured.interval('recall', figure)})"


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
