"""Pairs of slices as rows, the worst first."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.views.where_it_fails.measures import Measure
from pipeline.figures.slice_pairs import surely
from pipeline.results.figure import Figure
from pipeline.words.figures import say_value

PAIRS = "slice pairs"
"""Where pairs stand among an evaluation's figures."""
PARTS = ("value", "low", "high", "n")
"""Of a figure."""
SAME = 0.95
"""A pair that holds such a share of the photos of one of its slices says what that slice says."""
PAIR_COLUMNS = ("first", "second", "value", "low", "high", "n", "alone", "same", "surely", "news")


def rank_pairs(metrics: Mapping[str, Any], measure: Measure) -> pd.DataFrame:
    """Return the pairs of a measure, worst first by what is sure.

    Returns:
        `PAIR_COLUMNS`:

        - "first" and "second": both slices as "fact: value"
        - "value", "low", "high", "n": the pair's figure
        - "alone": what each slice has alone, in words
        - "same": whether the pair holds all but the same photos as one of them
        - "surely": by which the rows are ordered
        - "news": whether the pair is surely worse than each of its slices alone
    """
    single = {(row["slice"], row["value"]): figure for row in metrics.get("slices", []) if (figure := measure.of(row))}
    rows = []
    for row in metrics[PAIRS]:
        if figure := measure.of(row):
            parts = list(zip(row["slices"], row["values"], strict=True))
            alone = [single.get(part) for part in parts]
            alone_in_words = " · ".join(say_value(one, measure.unit) if one else "–" for one in alone)
            same = any(one is not None and figure["n"] >= SAME * one["n"] for one in alone)
            sure, most = surely(Figure.read(figure, measure.key)), max(one["value"] if one else 1.0 for one in alone)
            names = [f"{fact}: {value}" for fact, value in parts]
            rows.append((*names, *(figure[part] for part in PARTS), alone_in_words, same, sure, sure > most))
    table = pd.DataFrame(rows, columns=list(PAIR_COLUMNS))
    return table.sort_values("surely", ascending=False, kind="stable", ignore_index=True)


def values_in_order(
    metrics: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], place: int, pair: tuple[str, str]
) -> list[str]:
    """Return the values of one fact of a pair, in the order in which its slices stand in the file."""
    known = [row["value"] for row in metrics.get("slices", []) if row["slice"] == pair[place]]
    order = {value: number for number, value in enumerate(dict.fromkeys(known))}
    return sorted(dict.fromkeys(row["values"][place] for row in rows), key=lambda value: order.get(value, len(order)))


def pair_table(cells: list[list[Any]], down: list[str], across: list[str], pair: tuple[str, str]) -> pd.DataFrame:
    """Return the cells of a heat table as rows: both facts' values and the figure.

    Args:
        cells: figures, or None where there are too few photos; by `down`, then by `across`.
        down, across: the values of the two facts.
        pair: the names of the two facts, that of `down` first.
    """
    rows = [
        {pair[0]: one, pair[1]: other, **{name: cell[name] for name in PARTS}}
        for one, row in zip(down, cells, strict=True)
        for other, cell in zip(across, row, strict=True)
        if cell
    ]
    return pd.DataFrame(rows)
