"""Leave one source out: what both stages reach on a collection that they were not trained on, drawn and said."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.kit.messages import showing_errors
from dashboard.session import evaluations
from models.release import STAGES
from pipeline.figures.left_out import ByTraining, LeftOut, sources_left_out
from pipeline.results.evaluation import BENCHMARK, Evaluation
from pipeline.results.figure import Figure, figure_at
from pipeline.words import readable
from pipeline.words.figures import count, plain, say

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
"""Of a `ByTraining`: its field, what it is called, and how it is drawn."""


def draw_left_out(evaluation: Evaluation) -> None:
    """Draw what is lost where a source was left out; where that was not measured, say so and what is known instead."""
    releases = [one for one in evaluations.evaluations() if one.run.get("release") == evaluation.release]
    sources, problems = sources_left_out(evaluations.left_out(), releases, evaluations.read_figures)
    if sources:
        _draw_measured(sources)
    else:
        st.info(
            "**Not measured.** No networks were trained without one of the collections and then tried on it. So it is "
            "not known how much of the release's score on a collection comes from having learned from that collection: "
            "on edits from anywhere else, trust its figures less than they look."
        )
    for line in problems:
        st.caption(f"Left aside: {markup.escaped(line)}")
    _draw_instead(evaluation)


def _draw_measured(sources: Sequence[LeftOut]) -> None:
    st.markdown(
        _say_range(sources)
        + "Networks of the release's kind were trained again without one source, its originals and all that was forged "
        "from them, and then tried on it."
        + (
            " They were trained for a short while; beside them stands **the same short training with the source**. "
            "The gap between these two is what knowing a source is worth; the release may owe it as much."
            if any(one.stages["edited"].beside for one in sources)
            else ""
        )
    )
    for column, stage in zip(st.columns(2, gap="large"), STAGES, strict=True):
        with column:
            _draw_plot(sources, stage)
    st.markdown("\n".join(f"- {line}" for line in say_sources(sources)))


def _draw_plot(sources: Sequence[LeftOut], stage: str) -> None:
    plot = charts.empty_plot(TITLES[stage], "AUC: 0.5 is guessing", "", 215 + 60 * len(sources))
    rows = []
    for turn, (field, name, symbol, colour) in enumerate(KINDS):
        mine = [(place, figure) for place, one in enumerate(sources) if (figure := getattr(one.stages[stage], field))]
        rows += [{"source": sources[place].source, "trained": name, **figure.as_dict()} for place, figure in mine]
        plot.add_scatter(
            x=[figure.value for _, figure in mine],
            y=[place + 0.22 * (turn - 1) for place, _ in mine],
            error_x=charts.whiskers(
                *([getattr(figure, end) for _, figure in mine] for end in ("value", "low", "high"))
            ),
            mode="markers",
            name=name,
            marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2, "color": colour}},
            text=[say(figure, "") for _, figure in mine],
            hovertemplate=f"{name}: %{{text}}<extra></extra>",
        )
    plot.add_vline(0.5, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    names = [readable.short(one.source, 30).replace("<", "‹") for one in sources]
    plot.update_layout(legend={"y": -110 / (60 * len(sources)), "orientation": "v"})
    plot.update_yaxes(
        tickvals=list(range(len(sources))), ticktext=names, range=[len(sources) - 0.4, -0.6], showgrid=False
    )
    charts.draw_plot(
        plot,
        pd.DataFrame(rows),
        f"left-out-{stage}",
        f"{TITLES[stage]}: AUC, trained with it and without it.",
        f"{NOTES[stage]} Stage 1's largest loss on top. {charts.WHISKERS}",
    )


def _say_range(sources: Sequence[LeftOut]) -> str:
    """Say in a sentence what stage 1 reaches on sources that it was not trained on."""
    reached = sorted(one.stages["edited"].without.value or 0.0 for one in sources if one.stages["edited"].without)
    between = plain(reached[0]) + (f" to {plain(reached[-1])}" if len(reached) > 1 else "")
    return f"**On edits from a source that it was not trained on, stage 1 reaches AUC {between}**; 0.5 is guessing. "


def say_sources(sources: Sequence[LeftOut]) -> list[str]:
    """Say what each source left out costs, as markdown."""
    return [
        f"**{markup.escaped(one.source)}**: {_say_stage_1(one.stages['edited'])}{_say_stage_2(one)}" for one in sources
    ]


def _say_stage_1(figures: ByTraining) -> str:
    assert figures.without is not None
    beside = f"the same training with it {say(figures.beside, '')}, " if figures.beside else ""
    shipped = (
        f"the release, trained with it, {say(figures.shipped, '')}."
        if figures.shipped
        else "the release was not measured on the same photos."
    )
    return f"trained without it, stage 1 reaches AUC {say(figures.without, '')} on it, {beside}{shipped}"


def _say_stage_2(one: LeftOut) -> str:
    """Say what stage 2 reaches, on edits forged from the source's photos and on the source's own."""
    mine, kinds, text = one.stages["deepfake"], one.kinds, ""
    if mine.without:
        text += f" Stage 2, on edits forged from its photos: {say(mine.without, '')} without it"
        text += f", {say(mine.beside, '')} with it." if mine.beside else "."
    if kinds.without:
        text += f" Of its own edits stage 2 tells the right kind of {say(kinds.without, '%', n=False)} without it"
        text += f", {say(kinds.beside, '%', n=False)} with it." if kinds.beside else "."
    return text


def _draw_instead(evaluation: Evaluation) -> None:
    """Say what is known of photos of sources that no model saw: false alarms."""
    unseen = evaluations.newest(evaluation.release, "unseen")
    if unseen is None:
        st.caption("False alarms on real photos of sources that no model saw were not measured for this release.")
        return
    with showing_errors():
        there = evaluations.read_evaluation(unseen.path)
        st.markdown(
            f"What is known of sources that no model saw are **false alarms**: of their unedited photos "
            f"**{_say_alarms(there)}** were flagged, of those of the collections {_say_alarms(evaluation)}."
        )
        st.markdown(_say_forged(evaluation, sorted(set(there.predictions.source))))


def _say_forged(evaluation: Evaluation, sources: Sequence[str]) -> str:
    """Say what is known of edits of photos of sources that no model saw: those that Telltale made itself."""
    for figures in _forged_figures(evaluation, sources):
        lines = [f"{markup.escaped(source)} AUC {say(figure, '')}" for source, figure in figures.items()]
        if lines:
            return (
                f"Of **edits** that Telltale itself made of photos of such sources: {'; '.join(lines)}. They "
                "are of kinds that it has learned from; edits by other tools were not tried."
            )
    return "How many **edits** of photos of such sources it finds was not measured."


def _forged_figures(evaluation: Evaluation, sources: Sequence[str]) -> list[dict[str, Figure]]:
    """Return stage 1's AUC by source of a release's measurements on forged photos, the newest first."""
    every = [
        one
        for one in reversed(evaluations.evaluations())
        if not one.problem
        and one.run["release"] == evaluation.release
        and str(one.run["dataset"]).startswith(BENCHMARK)
    ]
    metrics = [evaluations.read_evaluation(one.path).metrics for one in every]
    return [
        {source: figure for source in sources if (figure := figure_at(part, "edited", source, "AUC"))}
        for part in metrics
    ]


def _say_alarms(evaluation: Evaluation) -> str:
    tally = evaluations.tally(evaluation)
    rates = tally.rates(~tally.cells.edited.to_numpy(bool))
    return f"{say(rates.figure('flagged'), '%', n=False)}, n {count(rates.n)}"
