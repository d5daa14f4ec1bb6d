"""One evaluated photo: what is stored of it, its verdict under some thresholds, and whether that is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.views.errors.board import Board, Judgement
from pipeline.datasets.sources import is_forged_name
from pipeline.figures.what_if import INCONCLUSIVE, VERDICTS, Band
from pipeline.verdict import StageScore, Verdict

Row = Mapping[Any, Any]
"""One photo's predictions, by column."""


@dataclass(frozen=True, eq=False)
class EvaluatedPhoto:
    """One photo as it is drawn.

    Attributes:
        place: its row in the evaluation.
        row: what is stored of it.
        verdict: what is said of it; the second stage only where it was asked.
        outcome: "right", "wrong" or "open", where no verdict is given.
        flips: in how many of `tiers` ways of saving it again its verdict turned; NaN where not measured.
        tiers: how many ways were tried.
    """

    place: int
    row: Row
    verdict: Verdict
    outcome: str
    flips: float
    tiers: int

    @property
    def forged(self) -> bool:
        """Whether it exists as a recipe only; its hash is that of its original."""
        return is_forged_name(str(self.row["source"]))


def photos_at(board: Board, judgement: Judgement, places: Sequence[int] | np.ndarray) -> list[EvaluatedPhoto]:
    """Return photos as they are drawn, in the order of their places."""
    rows = board.evaluation.predictions.iloc[list(places)].to_dict("records")
    wrong = judgement.wrong
    return [
        EvaluatedPhoto(
            place,
            row,
            _verdict_of(row, judgement, place),
            "open" if judgement.verdict[place] == INCONCLUSIVE else "wrong" if wrong[place] else "right",
            float(board.flips[place]),
            board.tiers,
        )
        for place, row in zip(map(int, places), rows, strict=True)
    ]


def _verdict_of(row: Row, judgement: Judgement, place: int) -> Verdict:
    first, second = judgement.bands
    asked = score(row, "deepfake", second) if judgement.asked[place] else None
    label = VERDICTS[judgement.verdict[place]]
    edited = score(row, "edited", first)
    codes = tuple(str(row["reasons"]).split())
    return Verdict(label, edited, asked, codes if judgement.own else _reasons_under(label, codes, edited, asked))


def score(row: Row, stage: str, band: Band) -> StageScore | None:
    """Return a stage's stored answer to a photo, held against thresholds; None where there is no number."""
    probability = float(row[f"p_{stage}"])
    if not np.isfinite(probability):
        return None
    return StageScore("", probability, band.threshold, (band.low, band.high))


def _reasons_under(
    label: str, stored: tuple[str, ...], edited: StageScore | None, deepfake: StageScore | None
) -> tuple[str, ...]:
    """Return the reasons that other thresholds give: those in the photo stay, those in the scores are made anew."""
    if label != "inconclusive":
        return ()
    unsure = {
        "near_threshold": edited is not None and edited.abstains,
        "kind_unclear": deepfake is not None and deepfake.abstains,
    }
    return (*(code for code in stored if code not in unsure), *(code for code, holds in unsure.items() if holds))
