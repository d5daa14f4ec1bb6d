"""How often a release scores an edit above the very photo that it was made of, in one sentence from its figures."""

from collections.abc import Mapping
from typing import Any

from pipeline.figures.above_original import ALL
from pipeline.results.evaluation import ABOVE_ORIGINAL
from pipeline.results.figure import Figure, figure_at
from pipeline.words.figures import count, say


def above_original_record(metrics: Mapping[str, Any]) -> str:
    """Say in how many measured pairs of edit and original the edit scored higher; "" where that was not measured.

    Args:
        metrics: metrics.json of a release on held-out photos; empty where there is none.
    """
    figure = figure_at(metrics, ABOVE_ORIGINAL, ALL)
    return "" if figure is None else say_above_original(figure)


def say_above_original(figure: Figure | Mapping[str, Any]) -> str:
    """Say the share of edits that scored above their own original, from its figure or the stored dict of one."""
    one = figure if isinstance(figure, Figure) else Figure.read(figure)
    return (
        f"In measured pairs this release scored {say(one, '%', n=False)} of {count(one.n)} edits above the very photo "
        "that they were made of (95 % interval; half would be chance): of a photo and its suspected original, the one "
        "that scores higher is more likely the edit."
    )
