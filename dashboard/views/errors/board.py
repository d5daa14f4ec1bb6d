"""An evaluation's photos as arrays, quick enough to follow a slider, and what is said of them under some thresholds."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from dashboard.views.errors.facets import Facets, facets_of
from pipeline.datasets import LABELS
from pipeline.errors import BadEvaluation
from pipeline.figures.curves import confidence
from pipeline.figures.what_if import INCONCLUSIVE, VERDICTS, Band, is_fixed, judge_arrays
from pipeline.results.evaluation import RUN, Evaluation

PAGE = 12
"""Photos on a page of the gallery."""
CLEAN = "clean"
"""The tier in which a photo is left as it is."""

Bands = tuple[Band, Band]
"""Both stages' answers to a probability."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is said of every photo under some thresholds.

    Attributes:
        label: (N,) int, the true label's place in `LABELS`.
        verdict: (N,) int, the verdict's place in `VERDICTS`.
        forced: (N,) int, the place of the verdict without abstention.
        sure: (N,) float64, the joint probability of the forced label.
        asked: (N,) bool, whether the second stage was asked.
        bands: both stages' thresholds.
        own: whether these are the release's.
    """

    label: np.ndarray
    verdict: np.ndarray
    forced: np.ndarray
    sure: np.ndarray
    asked: np.ndarray
    bands: Bands
    own: bool

    @property
    def wrong(self) -> np.ndarray:
        """(N,) bool: a verdict is given and it is wrong."""
        return (self.verdict != self.label) & (self.verdict != INCONCLUSIVE)


@dataclass(frozen=True, eq=False)
class Board:
    """An evaluation made ready; treat it as read-only.

    Attributes:
        evaluation: whose photos they are.
        given: the verdicts as they were measured.
        facets: what can be filtered by, without tags.
        fixed: (N,) bool, photos that stay inconclusive whatever the thresholds.
        flips: (N,) float64, in how many tiers the verdict differs from the clean one's; NaN where not measured.
        tiers: how many tiers a photo was tried in besides the clean one.
        places: (N,) int, the order of the ids.
    """

    evaluation: Evaluation
    given: Judgement
    facets: Facets
    fixed: np.ndarray
    flips: np.ndarray
    tiers: int
    places: np.ndarray

    @classmethod
    def of(cls, evaluation: Evaluation) -> Self:
        """Make an evaluation ready.

        Raises:
            BadEvaluation: its run.json does not say the release's thresholds.
        """
        table = evaluation.predictions
        given = _as_measured(table, _bands(evaluation))
        flips, tiers = _flips(evaluation)
        places = np.argsort(np.argsort(table.id.to_numpy(str)))
        return cls(evaluation, given, facets_of(table), is_fixed(table.reasons), flips, tiers, places)

    @property
    def bands(self) -> Bands:
        """The release's own thresholds."""
        return self.given.bands

    @property
    def scores(self) -> tuple[np.ndarray, np.ndarray]:
        """p(edited) and p(deepfake), (N,) float64 each."""
        table = self.evaluation.predictions
        return table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)

    @property
    def count(self) -> int:
        """N, the number of photos."""
        return len(self.fixed)

    def row_of(self, photo: str) -> int | None:
        """Return the place of a photo by its id; None where there is none."""
        places = np.flatnonzero((self.evaluation.predictions.id == photo).to_numpy(bool))
        return int(places[0]) if len(places) else None


def _bands(evaluation: Evaluation) -> Bands:
    try:
        known = evaluation.run["thresholds"]
        return Band.of_run(known["edited"]), Band.of_run(known["deepfake"])
    except (KeyError, TypeError, ValueError) as problem:
        raise BadEvaluation(f"{evaluation.path / RUN} does not say the thresholds of both stages.") from problem


def _flips(evaluation: Evaluation) -> tuple[np.ndarray, int]:
    table = evaluation.tiers
    if table is None or table.empty or CLEAN not in set(table.tier):
        return np.full(len(evaluation.predictions), np.nan), 0
    verdicts = table.drop_duplicates(["id", "tier"]).pivot(index="id", columns="tier", values="verdict")
    others = verdicts.drop(columns=CLEAN)
    turned = (others.ne(verdicts[CLEAN], axis=0) & others.notna()).sum(axis=1).where(verdicts[CLEAN].notna())
    return turned.reindex(evaluation.predictions.id).to_numpy(float), others.shape[1]


def judge(board: Board, bands: Bands) -> Judgement:
    """Judge all photos, fast enough to follow a slider; see `pipeline.figures.what_if.judge_arrays`.

    Under the release's own thresholds the verdicts are those that were measured.
    """
    given = board.given
    if bands == board.bands:
        return given
    first, second = board.scores
    verdicts = judge_arrays(first, second, *bands, board.fixed)
    asked = np.where(board.fixed, given.asked, verdicts.asked)
    sure = np.choose(verdicts.forced, [1 - first, first * second, first * (1 - second)])
    return Judgement(given.label, verdicts.verdict, verdicts.forced, sure, asked, bands, False)


def _as_measured(table: pd.DataFrame, bands: Bands) -> Judgement:
    codes = [pd.Categorical(table[name], VERDICTS).codes.astype(int) for name in ("label", "verdict", "forced")]
    asked = (table.decided_by == "deepfake").to_numpy(bool)
    return Judgement(codes[0], codes[1], codes[2], confidence(table), asked, bands, True)


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: a true label, and a verdict."""

    label: str
    verdict: str

    @classmethod
    def of(cls, name: str) -> "Cell | None":
        """Return the cell that an address names; None where it names none."""
        label, _, verdict = name.partition("-")
        return cls(label, verdict) if label in LABELS and verdict in VERDICTS else None

    @property
    def name(self) -> str:
        """How it stands in an address."""
        return f"{self.label}-{self.verdict}"

    def of_photos(self, judgement: Judgement) -> np.ndarray:
        """Return (N,) bool: which photos are in it."""
        return (judgement.label == LABELS.index(self.label)) & (judgement.verdict == VERDICTS.index(self.verdict))
