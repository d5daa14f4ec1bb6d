"""Equal numbers of real and edited, of deepfake and facetune, drawn evenly from the sources.

As the original system did before training; the rows left out stay in the manifest, with the reason.
"""

import numpy as np
import pandas as pd

LEFT_OUT = "more {label} photos than the balance of {split} takes"


def draw_balance(table: pd.DataFrame, seed: int) -> tuple[pd.Series, pd.Series]:
    """Return which rows a balanced set takes, and why each other is left out.

    In every split as many deepfake as facetune, and as many real as both; within a label the sources give alike until
    the smaller ones are spent. A split that lacks a label takes equal numbers of what it has; one with one label takes
    all.

    Args:
        table: usable rows, with the columns split, label and source.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    taken, reason = pd.Series(False, table.index), pd.Series("", table.index)
    for split, part in table.groupby("split", sort=True):
        wanted = _count_wanted({str(label): int(count) for label, count in part.label.value_counts().items()})
        for label in wanted:
            rows = part[part.label == label]
            chosen = _evenly(rows, wanted[label], rng)
            taken.loc[chosen] = True
            reason.loc[rows.index.difference(chosen)] = LEFT_OUT.format(label=label, split=split)
    return taken, reason


def _count_wanted(counts: dict[str, int]) -> dict[str, int]:
    """Return how many photos of each label a split takes."""
    edited = [label for label in ("deepfake", "facetune") if label in counts]
    if not edited:
        return counts
    each = min(counts[label] for label in edited)
    if "real" not in counts:
        return dict.fromkeys(edited, each)
    each = min(each, max(1, counts["real"] // len(edited)))
    return dict.fromkeys(edited, each) | {"real": min(counts["real"], each * len(edited))}


def _evenly(rows: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.Index:
    """Draw rows, the sources giving alike until the smaller ones are spent."""
    shuffled = rows.loc[rng.permutation(rows.index.to_numpy())]
    turn = shuffled.groupby("source").cumcount()
    return turn.sort_values(kind="stable").index[:count]
