"""What the page Errors counts: the confusion matrix, and the rates that it tells, each with n and an interval."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from dashboard.views.errors.board import VERDICTS, Board, Judged
from pipeline.datasets import LABELS


def matrix(found: Judged, among: np.ndarray) -> np.ndarray:
    """Return (3, 4) int, true label by verdict, of the photos that `among`, (N,) bool, names."""
    known = among & (found.label >= 0) & (found.verdict >= 0)
    places = found.label[known] * len(VERDICTS) + found.verdict[known]
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


def rates(cells: np.ndarray) -> list[Rate]:
    """Return what a matrix says: false alarms, recall of each kind, coverage and risk."""
    edited = cells[:, 1] + cells[:, 2]
    of = cells.sum(axis=1)
    given = int(cells[:, :3].sum())
    found = [rate("real photos called edited", int(edited[0]), int(of[0]))]
    for place, name in ((1, "deepfakes"), (2, "facetune edits")):
        found.append(rate(f"{name} called edited", int(edited[place]), int(of[place])))
        found.append(rate(f"{name} called by their kind", int(cells[place, place]), int(of[place])))
    wrong = given - int(np.trace(cells[:, :3]))
    return [*found, rate("photos that get a verdict", given, int(cells.sum())), rate("wrong verdicts", wrong, given)]


def rates_by_kind(board: Board, found: Judged, among: np.ndarray) -> list[Rate]:
    """Return for each kind of edit the share called edited, the most photos first."""
    said = (found.verdict == 1) | (found.verdict == 2)
    edits = among & (found.label > 0)
    parts = {kind: mine & edits for kind, mine in board.facets["kind"].items()}
    made = [rate(kind, int((mine & said).sum()), int(mine.sum())) for kind, mine in parts.items() if mine.any()]
    return sorted(made, key=lambda one: -one.n)
