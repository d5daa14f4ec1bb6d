"""How the measures of maps are said, and the colours that their plots share."""

from collections.abc import Mapping
from typing import Any

from pipeline.datasets.sources import say_source
from pipeline.results.figure import Figure
from pipeline.results.maps import (
    AP,
    BASELINES,
    BEATS,
    DELETION,
    INSERTION,
    IOU,
    OUTPUTS,
    PEAK,
    RESTORES,
    RIGHT,
)
from pipeline.words import readable
from pipeline.words.figures import say

MAP, REGIONS, BLIND = "#009E73", "#E69F00", "#7F7F7F"
"""Of plots: figures of the map, of the network's region outputs, and of what never saw the photo."""
TITLE = {"xref": "container", "x": 0.01}
"""Of a plot whose axis carries long names: beside them a title would be cut off on a narrow screen."""
SHARES = (PEAK, RIGHT, RESTORES, BEATS)
"""Measures that are shares of photos; the others are areas and overlaps between 0 and 1."""

SETS = {
    "composites": "composites by experts: which of four parts were edited is known",
    "composites, one region": "composites by experts in which one part only was edited",
    "forged": "forged edits: known to the pixel",
    "pairs": "face swaps that lie pixel on pixel on their real photo",
}
MEANINGS = {
    PEAK: "Share of photos in which the map’s largest value lies where the photo was edited (the pointing game).",
    RIGHT: "Share of photos in which the map names a place, and the photo was edited there: a map that speaks against "
    "an edit everywhere names none.",
    RESTORES: "Share of photos in which undoing the edit in the map’s strongest fifth lowers the score more than "
    "undoing it in the fifth that the same map marks when it is moved elsewhere.",
    BEATS: "Share of photos in which blurring the map’s strongest fifth costs the score more than blurring the fifth "
    "that the same map marks when it is moved elsewhere.",
    AP: "Average precision: how well the map's values sort edited from untouched cells. A blind map reaches about the "
    "share of the crop that was edited.",
    IOU: "Overlap of map and edit (intersection over union), the map cut at one threshold that validation photos gave.",
    DELETION: "Area under the probability of “edited” while the map's strongest cells are blurred: smaller is better.",
    INSERTION: "Area under it while the strongest cells are shown on a blurred photo: larger is better.",
}


def method(name: str, shipped: str) -> str:
    """Name a method on an axis, with what must be known of it."""
    if name in BASELINES:
        return f"{name} (blind)"
    return readable.plain(f"{name}, shipped" if name == shipped else name)


def colour(name: str) -> str:
    """Return the colour of a method."""
    return REGIONS if name == OUTPUTS else BLIND if name in BASELINES else MAP


def symbol(name: str) -> str:
    """Return the shape of a method, so that colour is never alone."""
    return "diamond" if name == OUTPUTS else "x" if name in BASELINES else "circle"


def source(name: str) -> str:
    """Say a collection's name; a forged one's as what it was made from."""
    return readable.plain(say_source(name))


def say_measure(figure: Figure | Mapping[str, Any], measure: str) -> str:
    """Say a measure of maps in its unit, with its interval and n."""
    return say(figure, "%" if measure in SHARES else "")


def against_chance(stored: Mapping[str, Any]) -> str:
    """Say whether a share lies above its chance: "above", "below", or "not told apart from"."""
    share = Figure.read(stored)
    if share.value is None or share.low is None or share.high is None or share.chance is None or share.alike:
        return "not told apart from"
    if share.low > share.chance:
        return "above"
    return "below" if share.high < share.chance else "not told apart from"


def in_percent(share: float | None) -> float | None:
    """Return a share as a plot in per cent draws it; None draws nothing."""
    return None if share is None else 100 * share
