"""A part of many photos, evenly of each source and label."""

import pandas as pd

from pipeline.errors import BadSetting
from pipeline.forge.casting import draw_number


def count_names(names: pd.Series) -> dict[str, int]:
    """Return how often each name is there, the most frequent first."""
    return {str(name): int(count) for name, count in names.value_counts().items()}


def in_drawn_order(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return rows in an order that hashes draw: one photo more or less changes nothing for the others.

    Args:
        rows: with `sha256`, and with `recipe` where edits of one photo are told apart; alike ones stay in their order.
        seed: of the order.
    """
    keys = rows.sha256 + rows.recipe if "recipe" in rows else rows.sha256
    drawn = pd.Series([draw_number(seed, "sampled", key) for key in keys], rows.index, dtype=int)
    return rows.loc[drawn.sort_values(kind="stable").index]


def sample_evenly(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most so many rows, in their order, with as many of each source and label as can be.

    Args:
        rows: with `source`, `label` and what `in_drawn_order` needs; a small stratum is taken whole, the others share
            what is left.
        most: rows at most.
        seed: of the choice.

    Raises:
        BadSetting: fewer than one row is asked for.
    """
    if most < 1:
        raise BadSetting(f"At least one photo must be asked for, not {most}.")
    rank = in_drawn_order(rows, seed).groupby(["source", "label"]).cumcount()
    return rows.loc[rank.sort_values(kind="stable").index[:most].sort_values()]
