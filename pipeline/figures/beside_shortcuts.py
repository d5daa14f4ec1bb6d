"""`BesideShortcut`: a release's AUC on a collection beside what shortcuts reach there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.datasets.sources import collection
from pipeline.results.audit import Audit
from pipeline.results.evaluation import Evaluation
from pipeline.results.figure import Figure, figure_at
from pipeline.results.index import EvaluationFolder, on_the_same

AROUND, FACTS = "around the face", "metadata"
"""Audits that are set beside the release."""
RELEASE = "the release"
BLANKED = "a simple model with the face blanked out"
MEASURED = "one told only size, sharpness, brightness"
BASELINE = "a baseline that sees no picture"
GUESS = 0.5
"""AUC of guessing."""


@dataclass(frozen=True)
class BesideShortcut:
    """One scope of one stage: what the release reaches there (AUC), and what shortcuts do.

    Attributes:
        stage: "edited" or "deepfake".
        scope: as the audit names it.
        figures: `RELEASE`, `BLANKED`, `MEASURED` or `BASELINE` → AUC, which is known.
        same_originals: whether edited photos were made of the unedited ones.
    """

    stage: str
    scope: str
    figures: Mapping[str, Figure]
    same_originals: bool

    @property
    def shortcut(self) -> tuple[str, Figure] | None:
        """The shortcut that reaches most, and what it reaches; None where none was measured."""
        others = [(name, figure) for name, figure in self.figures.items() if name != RELEASE]
        return max(others, key=lambda pair: pair[1].value or 0.0, default=None)

    @property
    def doubtful(self) -> bool:
        """Whether the release's interval does not lie above that of the best shortcut."""
        best, own = self.shortcut, self.figures[RELEASE]
        return best is not None and not _above(own.low, best[1].high)

    @property
    def silent(self) -> bool:
        """Whether no shortcut is above guessing there, and the release is."""
        others = [figure for name, figure in self.figures.items() if name != RELEASE]
        above = any(_above(one.low, GUESS) for one in others)
        return bool(others) and not above and _above(self.figures[RELEASE].low, GUESS)

    @property
    def margin(self) -> float:
        """By how much the release reaches more than the best shortcut."""
        best = self.shortcut
        return (self.figures[RELEASE].value or 0.0) - ((best[1].value or 0.0) if best else 0.0)


def _above(low: float | None, limit: float | None) -> bool:
    return low is not None and limit is not None and low > limit


def beside_shortcuts(audit: Audit, evaluation: Evaluation, baseline: Evaluation | None) -> list[BesideShortcut]:
    """Return the scopes of which both the audit and the evaluation tell, the most doubtful first.

    Args:
        audit: what shortcuts reach.
        evaluation: of the release.
        baseline: of the blind baseline, on the same photos; None where there is none.
    """
    rows = []
    for (stage, scope), same in {(one.stage, one.scope): one.same_originals for one in audit.comparisons}.items():
        figures = {RELEASE: _auc_of(evaluation, stage, scope)}
        for (part, where, which, by), figure in audit.areas.items():
            if (where, which) == (stage, scope) and (part == AROUND or (part, by) == (FACTS, "all facts")):
                figures[BLANKED if part == AROUND else MEASURED] = figure
        figures[BASELINE] = _auc_of(baseline, stage, scope) if baseline else None
        known = {name: figure for name, figure in figures.items() if figure is not None and figure.value is not None}
        if RELEASE in known and len(known) > 1:
            rows.append(BesideShortcut(stage, scope, known, same))
    return sorted(rows, key=lambda row: row.margin)


def _auc_of(evaluation: Evaluation, stage: str, scope: str) -> Figure | None:
    """Return an evaluation's AUC on a scope of the audit; None where it has none on the same photos."""
    part = evaluation.metrics.get(stage, {})
    return figure_at(part, scope if part.get(scope) else collection(scope), "AUC")


def blind_baseline(baselines: Sequence[EvaluationFolder], run: Mapping[str, Any]) -> EvaluationFolder | None:
    """Return the newest measurement of the blind baseline on the photos of a run; None where there is none.

    Args:
        baselines: the oldest first.
        run: of an evaluation.
    """
    blind = (one for one in on_the_same(run, baselines) if str(one.run["release"]).endswith("/metadata"))
    return next(blind, None)
