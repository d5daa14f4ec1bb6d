"""What the page Errors counts: the confusion matrix, and the rates that follow from it, with n and interval."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd

from dashboard.views.errors.board import Board, Judgement
from pipeline.datasets import LABELS
from pipeline.figures.what_if import DEEPFAKE, FACETUNE, REAL, VERDICTS


def count_cells(judgement: Judgement, among: np.ndarray) -> np.ndarray:
    """Count the photos in each cell: (3, 4) int, true label by verdict.

    Args:
        judgement: what is said of all photos.
        among: (N,) bool, which photos are counted.
    """
    known = among & (judgement.label >= 0) & (judgement.verdict >= 0)
    places = judgement.label[known] * len(VERDICTS) + judgement.verdict[known]
    return np.bincount(places, minlength=len(LABELS) * len(VERDICTS)).reshape(len(LABELS), len(VERDICTS))


@dataclass(frozen=True)
class Rate:
    """A share, k of n, with its 95 % interval; without photos all three are None."""

    name: str
    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def rate(name: str, k: int, n: int) -> Rate:
    """Return k of n with its Wilson score interval (Wilson, JASA 1927), photos taken as independent."""
    if not n:
        return Rate(name, 0, 0, None, None, None)
    z, share = 1.959964, k / n
    middle, spread = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (float(np.clip(edge / (1 + z * z / n), 0, 1)) for edge in (middle - spread, middle + spread))
    return Rate(name, k, n, share, low if k else 0.0, high if k < n else 1.0)


def rates_of(cells: np.ndarray) -> list[Rate]:
    """Return what a matrix says: false alarms, recall of each kind, coverage and risk."""
    edited = cells[:, DEEPFAKE] + cells[:, FACETUNE]
    of = cells.sum(axis=1)
    given = int(cells[:, :3].sum())
    shares = [rate("real photos called edited", int(edited[REAL]), int(of[REAL]))]
    for place, name in ((DEEPFAKE, "deepfakes"), (FACETUNE, "facetune edits")):
        shares.append(rate(f"{name} called edited", int(edited[place]), int(of[place])))
        shares.append(rate(f"{name} called by their kind", int(cells[place, place]), int(of[place])))
    wrong = given - int(np.trace(cells[:, :3]))
    return [*shares, rate("photos that get a verdict", given, int(cells.sum())), rate("wrong verdicts", wrong, given)]


def rates_by_kind(board: Board, judgement: Judgement, among: np.ndarray) -> list[Rate]:
    """Return for each kind of edit the share called edited, the most photos first."""
    called_edited = (judgement.verdict == DEEPFAKE) | (judgement.verdict == FACETUNE)
    edits = among & (judgement.label > REAL)
    parts = {kind: mine & edits for kind, mine in board.facets["kind"].items()}
    shares = [
        rate(kind, int((mine & called_edited).sum()), int(mine.sum())) for kind, mine in parts.items() if mine.any()
    ]
    return sorted(shares, key=lambda one: -one.n)


def matrix_table(cells: np.ndarray) -> pd.DataFrame:
    """Return the matrix as rows of true label, verdict, count, share of the label's photos, and their n."""
    rows = [
        {
            "true label": label,
            "verdict": verdict,
            "count": int(cells[row, column]),
            "n": int(cells[row].sum()),
            "share of row": cells[row, column] / total if (total := cells[row].sum()) else None,
        }
        for row, label in enumerate(LABELS)
        for column, verdict in enumerate(VERDICTS)
    ]
    return pd.DataFrame(rows)
