"""How often a release scores an edit above the very photo that it was made of, in one sentence from its figures."""

from collections.abc import Mapping
from typing import Any

from pipeline.figures.above_original import ALL
from pipeline.results.evaluation import ABOVE_ORIGINAL
from pipeline.results.figure import figure_at
from pipeline.words.figures import count, say


def above_original_record(metrics: Mapping[str, Any]) -> str:
    """Say in how many measured pairs of edit and original the edit scored higher; "" where that was not measured.

    Args:
        metrics: metrics.json of a release on held-out photos; empty where there is none.
    """
    figure = figure_at(metrics, ABOVE_ORIGINAL, ALL)
    if figure is None:
        return ""
    return (
        f"In measured pairs this release scored {say(figure, '%', n=False)} of {count(figure.n)} edits above the very "
        "photo that they were made of (95 % interval; half would be chance): of a photo and its suspected original, "
        "the one that scores higher is more likely the edit."
    )
