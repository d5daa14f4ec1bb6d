"""Stage 1 by pairs of facts: a photo may be easy for its size, easy for its light, and hard for both."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from pipeline.figures import bootstrap, measures
from pipeline.figures.slices import LEAST, SKIN_TONE, bins
from pipeline.results.figure import Figure

PAIRED = ("source", "kind", "face size", "JPEG quality", "sharpness", "brightness", SKIN_TONE)
"""Facts of which all pairs are told; the thirds of the contrast and the few photos with a difficulty are left out."""
LEAST_GROUPS = 10
"""Groups (persons) under which no figure is told: drawing whole groups anew would make too narrow an interval."""
MOST = 400
"""Pairs of slices that are kept, those with the worst figures first: metrics.json is read with every page."""
ABOUT = {"false alarms": False, "recall": True}
"""The measures, and whether they are about edited photos or about real ones."""


def slice_pairs(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return false alarms and recall of the photos that two facts hold of at once.

    Slices are those of `pipeline.figures.slices`, but photos of a source are its own: beside no edit stand the real
    photos of its collection, for the false alarms would be theirs alone. Kinds are kinds of edit.

    Args:
        table: predictions with `positive`, `said` and `group`.

    Returns:
        One a pair: "slices", the two facts; "values" of them; "false alarms" and "recall" as figures, of which one may
        be missing: at least 20 photos of 10 groups must be about it. Of more than `MOST` pairs only the worst.
    """
    places = {name: _places(values) for name, values in _facts(table).items()}
    groups, names = pd.factorize(table.group, sort=True)
    rows = [row for pair in combinations(places, 2) for row in _pairs(table, pair, places, groups, len(names))]
    worst = sorted(range(len(rows)), key=lambda place: _rank(rows[place]))[:MOST]
    return [rows[place] for place in sorted(worst)]


def _facts(table: pd.DataFrame) -> dict[str, pd.Categorical]:
    words = {"source": table.source, "kind": table.kind.where(table.positive, "")}
    known = {name: pd.Categorical(column.where(column != "", None)) for name, column in words.items()} | bins(table)
    return {name: known[name] for name in PAIRED if len(known[name].categories) > 1}


def _places(values: pd.Categorical) -> tuple[np.ndarray, list[str]]:
    """Return (N,) the place of each photo's value, −1 where it is unknown, and the values."""
    return np.asarray(values.codes, int), [str(value) for value in values.categories]


def _pairs(
    table: pd.DataFrame, pair: tuple[str, str], places: dict[str, Any], groups: np.ndarray, count: int
) -> Iterator[dict[str, Any]]:
    (first, firsts), (second, seconds) = (places[name] for name in pair)
    cells = np.where((first < 0) | (second < 0), -1, first * len(seconds) + second)
    room = len(firsts) * len(seconds)
    truth, answers = table.positive.to_numpy(bool), table.said.to_numpy(bool)
    figures = {
        name: _shares(answers, np.where(truth == positive, cells, -1), room, groups, count)
        for name, positive in ABOUT.items()
    }
    for cell in range(room):
        known = {name: mine[cell] for name, mine in figures.items() if cell in mine}
        if known:
            values = [firsts[cell // len(seconds)], seconds[cell % len(seconds)]]
            yield {"slices": list(pair), "values": values} | known


def _shares(answers: np.ndarray, cells: np.ndarray, room: int, groups: np.ndarray, count: int) -> dict[int, Any]:
    """Return, by cell, the share of its photos that were said to be edited; only where they are enough.

    A draw holds whole groups, so photos are counted by group first: (G, K) counts instead of (N, K).
    """

    def count_cells(some: np.ndarray) -> np.ndarray:
        return np.bincount(groups[some] * room + cells[some], minlength=count * room).reshape(count, room)

    among, hits = count_cells(cells >= 0), count_cells((cells >= 0) & answers)
    enough = np.flatnonzero((among.sum(axis=0) >= LEAST) & ((among > 0).sum(axis=0) >= LEAST_GROUPS))
    if not len(enough):
        return {}
    top, bottom = hits[:, enough].astype(float), among[:, enough].astype(float)

    def shares(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return measures.divide(weights @ top, weights @ bottom)

    figures = bootstrap.figures_of(pd.DataFrame({"group": np.arange(count)}), shares)
    return {int(cell): figure | {"n": int(among[:, cell].sum())} for cell, figure in zip(enough, figures, strict=True)}


def _rank(row: dict[str, Any]) -> float:
    """Return how bad the worse of a pair's figures surely is, by the near end of its interval; lower is worse."""
    shares = {name: Figure.read(row[name]) for name in ABOUT if name in row}
    return -max(surely(share if name == "false alarms" else share.one_less) for name, share in shares.items())


def surely(figure: Figure) -> float:
    """Return how bad a share of errors surely is: the near end of its interval.

    Where all photos came out alike all draws are alike, and the interval is a point. There 3 / n is taken off: so often
    may come what was never seen in n photos (the rule of three: Hanley & Lippman-Hand, JAMA 1983).
    """
    if figure.value is None or figure.low is None:
        return 0.0
    return max(0.0, figure.value - 3 / figure.n) if figure.alike else figure.low
