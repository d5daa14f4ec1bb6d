"""A part of many photos, evenly of each source and label."""

import pandas as pd

from pipeline.errors import BadSetting


def count_names(names: pd.Series) -> dict[str, int]:
    """Return how often each name is there, the most frequent first."""
    return {str(name): int(count) for name, count in names.value_counts().items()}


def sample_evenly(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most so many rows, in their order, with as many of each source and label as can be.

    Args:
        rows: with `source` and `label`; a small stratum is taken whole, the others share what is left.
        most: rows at most.
        seed: of the choice.

    Raises:
        BadSetting: fewer than one row is asked for.
    """
    if most < 1:
        raise BadSetting(f"At least one photo must be asked for, not {most}.")
    shuffled = rows.sample(frac=1, random_state=seed)
    rank = shuffled.groupby(["source", "label"]).cumcount()
    return rows.loc[rank.sort_values(kind="stable").index[:most].sort_values()]
