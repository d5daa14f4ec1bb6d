"""Where a release is known to fail, in sentences for the cards of its weights, read from an evaluation's figures."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.results.figure import Figure
from pipeline.words.figures import say

LEAST = 20
"""Photos below which nothing is said: too few to call it a failure."""
MISSED, TOLD_APART = 0.5, {"edited": 0.8, "deepfake": 0.9}
"""Named are kinds of edit of which less than this is found, and sources on which a stage's AUC is below this. Not ECE:
it depends on how many of a source's photos are edited, which is chance in these sets."""
OVER_ALL = ("all", "collections", "same originals")
"""Not sources."""
MOST = 4
"""Sentences of a sort at most, the worst first."""


def known_failures(metrics: Mapping[str, Any], stage: str, photos: str) -> list[str]:
    """Return what goes wrong most, worst first; [] where nothing does by the limits above.

    Args:
        metrics: metrics of an evaluation.
        stage: "edited" or "deepfake".
        photos: what was measured, such as "test".
    """
    missed = _say_missed(metrics.get("recall by kind", {})) if stage == "edited" else ()
    return [f"On {photos}: {line}" for line in (*missed, *_say_apart(metrics.get(stage, {}), TOLD_APART[stage]))]


def _say_missed(kinds: Mapping[str, Any]) -> Iterator[str]:
    for name, figure in _worst(kinds, MISSED):
        yield f"of edits “{name}” it finds {say(figure, '%')}."


def _say_apart(sources: Mapping[str, Mapping[str, Any]], limit: float) -> Iterator[str]:
    areas = {name: part["AUC"] for name, part in sources.items() if "AUC" in part and name not in OVER_ALL}
    for name, figure in _worst(areas, limit):
        yield f"on {name} it tells the two apart with AUC {say(figure, '')}; 0.5 is guessing."


def _worst(figures: Mapping[str, Any], limit: float) -> list[tuple[str, Figure]]:
    """Return those below a limit, measured on enough photos, the worst first."""
    bad = []
    for name, stored in figures.items():
        figure = Figure.read(stored, name)
        if figure.value is not None and figure.n >= LEAST and figure.value < limit:
            bad.append((figure.value, name, figure))
    return [(name, figure) for _, name, figure in sorted(bad, key=lambda one: one[0])[:MOST]]
