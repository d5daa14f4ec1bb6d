"""Stage 1 by pairs of facts: a photo may be easy for its size, easy for its light, and hard for both."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from pipeline.figures import bootstrap, measures
from pipeline.figures.slices import LEAST, SKIN_TONE, bins

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
        One a pair: "slices", the two facts, "values" of them, and of "false alarms" and "recall" those, as figures,
        that at least 20 photos of 10 groups are about. Of more than `MOST` pairs only the worst.
    """
    places = {name: _places(values) for name, values in _facts(table).items()}
    groups, names = pd.factorize(table.group, sort=True)
    found = [row for pair in combinations(places, 2) for row in _pairs(table, pair, places, groups, len(names))]
    worst = sorted(range(len(found)), key=lambda place: _rank(found[place]))[:MOST]
    return [found[place] for place in sorted(worst)]


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
    truth, said = table.positive.to_numpy(bool), table.said.to_numpy(bool)
    figures = {
        name: _shares(said, np.where(truth == positive, cells, -1), room, groups, count)
        for name, positive in ABOUT.items()
    }
    for cell in range(room):
        told = {name: mine[cell] for name, mine in figures.items() if cell in mine}
        if told:
            values = [firsts[cell // len(seconds)], seconds[cell % len(seconds)]]
            yield {"slices": list(pair), "values": values} | told


def _shares(said: np.ndarray, cells: np.ndarray, room: int, groups: np.ndarray, count: int) -> dict[int, Any]:
    """Return, by cell, the share of its photos that were said to be edited; only where they are enough.

    A draw holds whole groups, so photos are counted by group first: (G, K) counts instead of (N, K).
    """

    def counted(some: np.ndarray) -> np.ndarray:
        return np.bincount(groups[some] * room + cells[some], minlength=count * room).reshape(count, room)

    among, hits = counted(cells >= 0), counted((cells >= 0) & said)
    enough = np.flatnonzero((among.sum(axis=0) >= LEAST) & ((among > 0).sum(axis=0) >= LEAST_GROUPS))
    if not len(enough):
        return {}
    top, bottom = hits[:, enough].astype(float), among[:, enough].astype(float)

    def shares(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return measures.divided(weights @ top, weights @ bottom)

    figures = bootstrap.figures_of(pd.DataFrame({"group": np.arange(count)}), shares)
    return {int(cell): figure | {"n": int(among[:, cell].sum())} for cell, figure in zip(enough, figures, strict=True)}


def _rank(row: dict[str, Any]) -> float:
    """Return how bad the worse of a pair's figures surely is, by the near end of its interval; lower is worse."""
    return -max(surely(row[name] if name == "false alarms" else _missed(row[name])) for name in ABOUT if name in row)


def _missed(recall: dict[str, Any]) -> dict[str, Any]:
    return {"value": 1 - recall["value"], "low": 1 - recall["high"], "high": 1 - recall["low"], "n": recall["n"]}


def surely(figure: dict[str, Any]) -> float:
    """Return how bad a share of errors surely is: the near end of its interval.

    Where all photos came out alike no draw differs, so the interval is a point and says nothing; 3 / n is what an event
    that was not seen in n photos may still have (the rule of three: Hanley & Lippman-Hand, JAMA 1983).
    """
    low, high = figure["low"], figure["high"]
    return float(low) if low < high else max(0.0, figure["value"] - 3 / figure["n"])
