"""The release beside what shortcuts reach: where its figure is no evidence that it sees the edit."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.session import evaluations
from dashboard.views.shortcuts import wording
from pipeline.datasets.sources import collection
from pipeline.errors import BadEvaluation
from pipeline.results.audit import Audit, Figure
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured

AROUND, FACTS = "around the face", "metadata"
KINDS = {
    "the release": ("circle", "#0072B2"),
    "a simple model with the face blanked out": ("triangle-up", "#D55E00"),
    "one told only size, sharpness, brightness": ("diamond", "#CC79A7"),
    "a baseline that sees no picture": ("square-open", "#8F8F8F"),
}
RELEASE, BLANKED, MEASURED, BASELINE = KINDS
GUESS = 0.5


@dataclass(frozen=True)
class Row:
    """One scope of one stage: what the release reaches there (AUC), and what shortcuts do.

    Attributes:
        stage: "edited" or "deepfake".
        scope: as the audit names it.
        figures: one of `KINDS` → AUC.
        same_originals: whether edited photos were made of the unedited ones.
    """

    stage: str
    scope: str
    figures: dict[str, Figure]
    same_originals: bool

    @property
    def shortcut(self) -> tuple[str, Figure] | None:
        """The shortcut that reaches most, and what it reaches; None where none was measured."""
        found = [(name, figure) for name, figure in self.figures.items() if name != RELEASE]
        return max(found, key=lambda pair: pair[1]["value"], default=None)

    @property
    def doubtful(self) -> bool:
        """Whether the release's interval does not lie above that of the best shortcut."""
        best, own = self.shortcut, self.figures[RELEASE]
        return best is not None and not _above(own["low"], best[1]["high"])

    @property
    def silent(self) -> bool:
        """Whether no shortcut is above guessing there, and the release is."""
        others = [figure for name, figure in self.figures.items() if name != RELEASE]
        return (
            bool(others)
            and not any(_above(one["low"], GUESS) for one in others)
            and _above(self.figures[RELEASE]["low"], GUESS)
        )


def _above(low: float | None, limit: float | None) -> bool:
    return low is not None and limit is not None and low > limit


def rows_of(audit: Audit, shown: Evaluation, baseline: Evaluation | None) -> list[Row]:
    """Return the scopes of which both the audit and the evaluation tell, the most doubtful first."""
    found = []
    for (stage, scope), same in {(one.stage, one.scope): one.same_originals for one in audit.comparisons}.items():
        own = _own(shown, stage, scope)
        figures = {RELEASE: own} if own else {}
        for (part, where, which, by), figure in audit.areas.items():
            if (where, which) == (stage, scope) and (part == AROUND or (part, by) == (FACTS, "all facts")):
                figures[BLANKED if part == AROUND else MEASURED] = figure
        plain = _own(baseline, stage, scope) if baseline else None
        figures |= {BASELINE: plain} if plain else {}
        known = {name: figure for name, figure in figures.items() if figure["value"] is not None}
        if RELEASE in known and len(known) > 1:
            found.append(Row(stage, scope, known, same))
    return sorted(found, key=_margin)


def _own(shown: Evaluation, stage: str, scope: str) -> Figure | None:
    """Return an evaluation's AUC on a scope of the audit; None where it has none on the same photos."""
    part = shown.metrics.get(stage, {})
    figures = part.get(scope) or part.get(collection(scope), {})
    return figures.get("AUC")


def _margin(row: Row) -> float:
    best = row.shortcut
    return row.figures[RELEASE]["value"] - (best[1]["value"] if best else 0)


def baseline_of(shown: Evaluation) -> Evaluation | None:
    """Return the baseline that sees no picture, on the same data; None where it was not measured there."""
    for one in reversed(evaluations.baselines()):
        same = not one.problem and all(one.run.get(name) == shown.run.get(name) for name in ("dataset", "revision"))
        if same and str(one.run["release"]).endswith("/metadata"):
            try:
                return evaluations.evaluation(one.path)
            except BadEvaluation as problem:
                st.caption(f"The baseline that sees no picture cannot be shown: {markup.escaped(str(problem))}")
    return None


def section(audit: Audit, shown: Evaluation) -> None:
    """Draw the release's AUC beside that of shortcuts, and say where it is no evidence."""
    baseline = baseline_of(shown)
    rows = rows_of(audit, shown, baseline)
    if not rows:
        st.info("The audit and the evaluation share no collection: the release cannot be set beside the shortcuts.")
        return
    _plot(rows)
    _in_words(rows)
    _baseline(shown, baseline)


def _plot(rows: Sequence[Row]) -> None:
    made = charts.figure("AUC by collection", "AUC: 0.5 is guessing", "", 140 + 48 * len(rows))
    table = pd.DataFrame(
        [
            {"stage": row.stage, "scope": row.scope, "by": name, **figure}
            for row in rows
            for name, figure in row.figures.items()
        ]
    )
    for turn, (name, (symbol, colour)) in enumerate(KINDS.items()):
        mine = [(place, row.figures[name]) for place, row in enumerate(rows) if name in row.figures]
        if mine:
            made.add_scatter(
                x=[figure["value"] for _, figure in mine],
                y=[place + 0.18 * (turn - 1.2) for place, _ in mine],
                error_x=charts.whiskers(*([figure[end] for _, figure in mine] for end in ("value", "low", "high"))),
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 10, "color": colour},
                text=[measured.said("AUC", figure) for _, figure in mine],
                hovertemplate=f"{name}: %{{text}}<extra></extra>",
            )
    made.add_vline(GUESS, line={"color": "#7F7F7F", "dash": "dash", "width": 1})
    made.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[_label(row) for row in rows],
        range=[len(rows) - 0.4, -0.6],
        showgrid=False,
    )
    made.update_layout(legend={"y": -75 / (48 * len(rows)), "font": {"size": 12}})
    caption = (
        "The most doubtful on top; whiskers: 95 % intervals. The audit's sample and the test photos are of the "
        "same collections but not the same photos."
    )
    charts.show(made, table, "beside", "AUC of the release and of shortcuts, by collection.", caption)


def _label(row: Row) -> str:
    return wording.label(row.scope, "stage 1" if row.stage == "edited" else "stage 2")


def _in_words(rows: Sequence[Row]) -> None:
    doubtful, silent = [row for row in rows if row.doubtful], [row for row in rows if row.silent]
    lines = [f"**{_name(row)}**: {_against(row)}. {_meaning(row)}" for row in doubtful]
    if lines:
        st.markdown("**Where the release cannot be told from a shortcut**")
        st.markdown("\n".join(f"- {line}" for line in lines))
    else:
        st.markdown("On every collection that both know, the release lies above every shortcut that was looked for.")
    if silent:
        st.markdown(
            "**Where only the face can tell**, because no shortcut does better than guessing, and the release does: "
            + "; ".join(f"{_name(row)} AUC {_auc(row.figures[RELEASE])}" for row in silent)
            + ". These figures are about the edit."
        )


def _name(row: Row) -> str:
    return f"{markup.escaped(wording.scope(row.scope))} (stage {1 if row.stage == 'edited' else 2})"


def _against(row: Row) -> str:
    best = row.shortcut
    return f"the release reaches AUC {_auc(row.figures[RELEASE])}" + (f"; {best[0]}, {_auc(best[1])}" if best else "")


def _meaning(row: Row) -> str:
    if row.same_originals:
        return (
            "Both are of the same originals, so it is the edit that is told, but it shows without a look at the face."
        )
    return "There a high score may mean no more than “this is that collection”, unless the edits reach beyond the face."


def _auc(figure: Figure) -> str:
    return f"{measured.plain(figure['value'])} ({measured.interval('AUC', figure)})"


def _baseline(shown: Evaluation, baseline: Evaluation | None) -> None:
    """Say what a baseline reaches that was trained on the files' facts alone, on the very same photos."""
    if baseline is None:
        st.caption(
            "No baseline that sees no picture was measured on these photos (`python -m pipeline baseline metadata`)."
        )
        return
    theirs, own = (one.metrics.get("edited", {}).get("collections", {}).get("AUC") for one in (baseline, shown))
    if theirs and own and theirs["value"] is not None and own["value"] is not None:
        st.markdown(
            f"A baseline that was **trained on the files' facts alone** and sees no picture reaches AUC "
            f"**{_auc(theirs)}** on the collections' photos (n {measured.count(theirs['n'])}), the release "
            f"**{_auc(own)}** on the same (n {measured.count(own['n'])})."
        )
