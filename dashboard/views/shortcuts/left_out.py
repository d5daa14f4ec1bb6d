"""Leave one source out: what both stages reach on a collection that they were not trained on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.kit.messages import told
from dashboard.session import evaluations
from pipeline.datasets.sources import FORGED as FORGE
from pipeline.datasets.sources import collection, home
from pipeline.errors import BadEvaluation
from pipeline.results.audit import Figure
from pipeline.results.evaluation import TOLD, WITHOUT, Evaluation
from pipeline.results.index import Found
from pipeline.words import figures as measured
from pipeline.words import readable, shares, verdicts

FORGED = "same-originals"
"""What evaluations on the benchmark of forged photos are called, or begin with where only a part was measured."""
TITLES = {"edited": "Stage 1 on a source left out", "deepfake": "Stage 2 on edits of a source left out"}
NOTES = {
    "edited": "AUC of its edits against its real photos.",
    "deepfake": "AUC of deepfakes against retouching, both forged from its photos.",
}
KINDS = (
    ("without", "trained without it", "triangle-up", "#D55E00"),
    ("beside", "the same training, with it", "diamond-open", "#009E73"),
    ("shipped", "the release, trained far longer, with it", "circle", "#0072B2"),
)
"""Of a `Three`: its field, what it is called, and how it is drawn."""


@dataclass(frozen=True)
class Three:
    """A stage's AUC on a source.

    Attributes:
        without: of networks that were trained without the source.
        beside: of networks trained as these were, but with it too; None where there are none on the same photos.
        shipped: the release's; None where it was not measured on the same photos.
    """

    without: Figure | None
    beside: Figure | None = None
    shipped: Figure | None = None


@dataclass(frozen=True)
class LeftOut:
    """What leaving out a source costs.

    Attributes:
        source: what was left out.
        stages: stage → its figures.
        kinds: share of the source's own edits of which stage 2 says the right kind, as in `Three`.
    """

    source: str
    stages: Mapping[str, Three]
    kinds: Three

    @property
    def lost(self) -> float:
        """How much of stage 1's AUC goes with the source; 0 where that is not known."""
        mine = self.stages["edited"]
        other = mine.beside or mine.shipped
        return 0.0 if other is None or mine.without is None else other["value"] - mine.without["value"]


def known(shown: Evaluation) -> tuple[list[LeftOut], list[str]]:
    """Return what was measured with a source left out, the largest loss first; and what could not be used, and why."""
    found, problems, without = [], [], evaluations.left_out()
    releases = [one for one in evaluations.evaluations() if one.run.get("release") == shown.release]
    for one in without:
        try:
            made = _left_out(one, without, releases)
            found += [made] if made else []
        except BadEvaluation as problem:
            problems.append(f"{one.path.parent.name}/{one.path.name}: {problem}")
    return sorted(found, key=lambda one: -one.lost), problems


def _left_out(one: Found, every: Sequence[Found], releases: Sequence[Found]) -> LeftOut | None:
    """Return what a measurement tells; None where it lacks no source, or is of sources that no model saw.

    Args:
        one: the measurement.
        every: all of networks that lack a source, or for comparison none.
        releases: those of the release that stands beside it.

    Raises:
        BadEvaluation: it cannot be read, or does not tell what it should.
    """
    if one.problem or WITHOUT not in one.run:
        raise BadEvaluation(one.problem or f"its run.json does not say what it was {WITHOUT}.")
    source, mine = str(one.run[WITHOUT]), evaluations.figures(one.path)
    if not source or one.run["dataset"] != "test":
        return None
    parts = (mine, _beside(one.run, every), _shipped(one.run, releases))
    stages = {stage: Three(*(auc(part, stage, source) for part in parts)) for stage in verdicts.STAGES}
    if stages["edited"].without is None:
        raise BadEvaluation(f"it has no figure of stage 1 on {source}.")
    return LeftOut(source, stages, Three(*(_of(part.get(TOLD, {}).get(source)) for part in parts)))


def auc(metrics: Mapping[str, Any], stage: str, source: str) -> Figure | None:
    """Return a stage's AUC on a source; one without edits of its own stands under the collection that it belongs to.

    Stage 2's is that on edits of both kinds that were forged from the source's photos: its own are of one kind.
    """
    names = (source, collection(source)) if stage == "edited" else (f"{FORGE}{home(source)}",)
    part = metrics.get(stage, {})
    return _of(next((part[name].get("AUC") for name in names if name in part), None))


def _of(figure: Figure | None) -> Figure | None:
    return None if figure is None or figure["value"] is None else figure


def _beside(run: Mapping[str, Any], every: Sequence[Found]) -> Mapping[str, Any]:
    """Return the figures of the same training with nothing left out; {} where there is none on the same photos."""
    for one in _on_the_same(run, every):
        if one.run.get(WITHOUT) == "" and _recipe(one.run) == _recipe(run):
            with suppress(BadEvaluation):  # `known` tells of it
                return evaluations.figures(one.path)
    return {}


def _shipped(run: Mapping[str, Any], releases: Sequence[Found]) -> Mapping[str, Any]:
    """Return a release's figures on the same photos; {} where it was not measured on them."""
    newest = next(_on_the_same(run, releases), None)
    return evaluations.figures(newest.path) if newest else {}


def _on_the_same(run: Mapping[str, Any], found: Sequence[Found]) -> Iterator[Found]:
    """Yield the whole ones that were measured on the photos of a run, the newest first."""
    for one in reversed(found):
        if not one.problem and all(one.run.get(name) == run.get(name) for name in ("dataset", "revision")):
            yield one


def _recipe(run: Mapping[str, Any]) -> list[Any]:
    """Return how networks were trained, but for what was left out."""
    trained = [run.get("baseline", {}).get(stage, {}).get("config", {}) for stage in verdicts.STAGES]
    return [{name: value for name, value in one.items() if name != "leave_out"} for one in trained]


def section(shown: Evaluation) -> None:
    """Draw what is lost where a source was left out; where that was not measured, say so and what is known instead."""
    found, problems = known(shown)
    if found:
        _measured(found)
    else:
        st.info(
            "**Not measured.** No networks were trained without one of the collections and then tried on it. So it is "
            "not known how much of the release's score on a collection comes from having learned from that collection: "
            "on edits from anywhere else, trust its figures less than they look."
        )
    for line in problems:
        st.caption(f"Left aside: {markup.escaped(line)}")
    instead(shown)


def _range(found: Sequence[LeftOut]) -> str:
    """Say in a sentence what stage 1 reaches on sources that it was not trained on."""
    reached = sorted(one.stages["edited"].without["value"] for one in found if one.stages["edited"].without)
    between = measured.plain(reached[0]) + (f" to {measured.plain(reached[-1])}" if len(reached) > 1 else "")
    return f"**On edits from a source that it was not trained on, stage 1 reaches AUC {between}**; 0.5 is guessing. "


def _measured(found: Sequence[LeftOut]) -> None:
    st.markdown(
        _range(found)
        + "Networks of the release's kind were trained again without one source, its originals and all that was forged "
        "from them, and then tried on it."
        + (
            " They were trained for a short while; beside them stands **the same short training with the source**. "
            "The gap between these two is what knowing a source is worth; the release may owe it as much."
            if any(one.stages["edited"].beside for one in found)
            else ""
        )
    )
    for column, stage in zip(st.columns(2, gap="large"), verdicts.STAGES, strict=True):
        with column:
            _plot(found, stage)
    st.markdown("\n".join(f"- {line}" for line in in_words(found)))


def _plot(found: Sequence[LeftOut], stage: str) -> None:
    made = charts.figure(TITLES[stage], "AUC: 0.5 is guessing", "", 215 + 60 * len(found))
    rows = []
    for turn, (field, name, symbol, colour) in enumerate(KINDS):
        mine = [(place, figure) for place, one in enumerate(found) if (figure := getattr(one.stages[stage], field))]
        rows += [{"source": found[place].source, "trained": name, **figure} for place, figure in mine]
        made.add_scatter(
            x=[figure["value"] for _, figure in mine],
            y=[place + 0.22 * (turn - 1) for place, _ in mine],
            error_x=charts.whiskers(*([figure[end] for _, figure in mine] for end in ("value", "low", "high"))),
            mode="markers",
            name=name,
            marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2, "color": colour}},
            text=[measured.said("AUC", figure) for _, figure in mine],
            hovertemplate=f"{name}: %{{text}}<extra></extra>",
        )
    made.add_vline(0.5, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    names = [readable.short(one.source, 30).replace("<", "‹") for one in found]
    made.update_layout(legend={"y": -110 / (60 * len(found)), "orientation": "v"})
    made.update_yaxes(tickvals=list(range(len(found))), ticktext=names, range=[len(found) - 0.4, -0.6], showgrid=False)
    charts.show(
        made,
        pd.DataFrame(rows),
        f"left-out-{stage}",
        f"{TITLES[stage]}: AUC, trained with it and without it.",
        f"{NOTES[stage]} Stage 1's largest loss on top; whiskers: 95 % intervals.",
    )


def in_words(found: Sequence[LeftOut]) -> list[str]:
    """Say what each source left out costs, as markdown."""
    return [f"**{markup.escaped(one.source)}**: {_stage_1(one.stages['edited'])}{_stage_2(one)}" for one in found]


def _stage_1(figures: Three) -> str:
    assert figures.without is not None
    beside = f"the same training with it {_said(figures.beside)}, " if figures.beside else ""
    shipped = (
        f"the release, trained with it, {_said(figures.shipped)}."
        if figures.shipped
        else "the release was not measured on the same photos."
    )
    return f"trained without it, stage 1 reaches AUC {_said(figures.without)} on it, {beside}{shipped}"


def _stage_2(one: LeftOut) -> str:
    """Say what stage 2 reaches, on edits forged from the source's photos and on the source's own."""
    mine, kinds, said = one.stages["deepfake"], one.kinds, ""
    if mine.without:
        said += f" Stage 2, on edits forged from its photos: {_said(mine.without)} without it"
        said += f", {_said(mine.beside)} with it." if mine.beside else "."
    if kinds.without:
        said += f" Of its own edits stage 2 tells the right kind of {_share(kinds.without)} without it"
        said += f", {_share(kinds.beside)} with it." if kinds.beside else "."
    return said


def _share(figure: Figure) -> str:
    return f"{measured.percent(figure['value'])} ({measured.interval('recall', figure)})"


def _said(figure: Figure) -> str:
    return f"{measured.plain(figure['value'])} ({measured.interval('AUC', figure)}), n {measured.count(figure['n'])}"


def instead(shown: Evaluation) -> None:
    """Say what is known of photos of sources that no model saw: false alarms."""
    unseen = evaluations.newest(shown.release, "unseen")
    if unseen is None:
        st.caption("False alarms on real photos of sources that no model saw were not measured for this release.")
        return
    with told():
        _instead(shown, evaluations.evaluation(unseen.path))


def _instead(shown: Evaluation, there: Evaluation) -> None:
    st.markdown(
        f"What is known of sources that no model saw are **false alarms**: of their unedited photos "
        f"**{_alarms(there)}** were flagged, of those of the collections {_alarms(shown)}."
    )
    st.markdown(_forged(shown, sorted(set(there.predictions.source))))


def _forged(shown: Evaluation, sources: Sequence[str]) -> str:
    """Say what is known of edits of photos of sources that no model saw: those that Telltale made itself."""
    for one in reversed(evaluations.evaluations()):
        if not one.problem and one.run["release"] == shown.release and str(one.run["dataset"]).startswith(FORGED):
            part = evaluations.evaluation(one.path).metrics.get("edited", {})
            told = [
                f"{markup.escaped(source)} AUC {_said(part[source]['AUC'])}"
                for source in sources
                if part.get(source, {}).get("AUC", {}).get("value") is not None
            ]
            if told:
                return (
                    f"Of **edits** that Telltale itself made of photos of such sources: {'; '.join(told)}. They "
                    "are of kinds that it has learned from; edits by other tools were not tried."
                )
    return "How many **edits** of photos of such sources it finds was not measured."


def _alarms(measurement: Evaluation) -> str:
    tally = evaluations.tally(measurement)
    rates = tally.rates(~tally.cells.edited.to_numpy(bool))
    return f"{shares.share(rates.figure('flagged'))}, n {measured.count(rates.n)}"
