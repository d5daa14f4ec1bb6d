"""What a tree of errors may ask of a photo, and how its questions are said."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.datasets.sources import are_forged_names, original_source
from pipeline.figures.slices import SKIN_TONE

NUMBERS = {
    "face size": ("face_size", " px"),
    "sharpness": ("sharpness", ""),
    "brightness": ("brightness", ""),
    "contrast": ("contrast", ""),
    "JPEG quality": ("jpeg_quality", ""),
    SKIN_TONE: ("ita", "°"),
    "edited regions": ("edited_regions", ""),
}
"""Facts that are numbers, each with its column in the predictions and its unit."""
LOSSLESS = 101.0
"""Stands for "no JPEG" among the qualities, 100 at most: it loses less than any."""
WHOLE = ("JPEG quality", "edited regions")
ORIGIN = "origin"
FORGED, COLLECTED = "forged from the collection", "came with the collection"


@dataclass(frozen=True, eq=False)
class Column:
    """One column of what a tree sees.

    Attributes:
        fact: what it is about.
        value: of a fact in words, the word that it stands for; "" of a number.
        unit: of a number.
        values: (N,) float64: the number, NaN where unknown; or 1 where the fact has the value, else 0.
    """

    fact: str
    value: str
    unit: str
    values: np.ndarray

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.fact}: {self.value}" if self.value else self.fact


def columns_of(table: pd.DataFrame) -> list[Column]:
    """Return the facts of predictions of one class as columns; without those that are the same for all photos."""
    numbers = [Column(fact, "", unit, _number(table, name)) for fact, (name, unit) in NUMBERS.items()]
    words = [
        Column(fact, str(value), "", (column == value).to_numpy(float))
        for fact, column in _words(table).items()
        for value in sorted(set(column) - {""})
    ]
    return [column for column in (*numbers, *words) if len(np.unique(column.values[np.isfinite(column.values)])) > 1]


def _number(table: pd.DataFrame, name: str) -> np.ndarray:
    values = table[name].to_numpy(float)
    return np.where(values < 0, LOSSLESS, values) if name == "jpeg_quality" else values


def _words(table: pd.DataFrame) -> dict[str, pd.Series]:
    forged = are_forged_names(table.source)
    origin = pd.Series(np.where(forged, FORGED, COLLECTED), table.index)
    collection = table.source.map(original_source)
    return {"collection": collection, "kind": table.kind, "difficulty": table.difficulty, ORIGIN: origin}


def say_condition(column: Column, threshold: float, above: bool, unknown: bool) -> str:
    """Say which photos go to one side of a split.

    Args:
        column: what is asked.
        threshold: photos with a value up to it go to one side; inf where the question is whether it is known.
        above: whether the other side is meant.
        unknown: whether photos of which it is not known are among those that are meant.
    """
    if column.fact == ORIGIN:
        other = COLLECTED if column.value == FORGED else FORGED
        return column.value if above else other
    if column.value:
        return f"{column.fact} {'is' if above else 'is not'} {column.value}"
    if np.isinf(threshold):
        return f"{column.fact} {'unknown' if above else 'known'}"
    text = _say_comparison(column, threshold, above)
    return f"{text} or unknown" if unknown and np.isnan(column.values).any() else text


def _say_comparison(column: Column, threshold: float, above: bool) -> str:
    lossless = column.fact == "JPEG quality" and bool((column.values == LOSSLESS).any())
    if lossless and threshold >= np.nanmax(column.values[column.values < LOSSLESS], initial=0):
        return "no JPEG" if above else "saved as JPEG"
    edge = np.floor(threshold) if column.fact in WHOLE else threshold
    text = f"{column.fact} {'above' if above else 'at most'} {edge:.4g}{column.unit}"
    return f"{text} or no JPEG" if above and lossless else text


def say_conditions(conditions: list[str]) -> list[str]:
    """Return conditions that all hold, without those that say nothing beside another."""
    sure = {text.split(" is ")[0] for text in conditions if " is " in text and " is not " not in text}
    return [
        text for text in dict.fromkeys(conditions) if text.split(" is not ")[0] not in sure or " is not " not in text
    ]
