"""Where a photo comes from: its source, the collection that it stands beside, and whether Telltale forged it."""

import pandas as pd

FORGED = "forge-"
"""How the source, or the pair, of an edit begins that was forged from a collection's photo."""
REAL_OF = {"stylegan2": "unsplash"}
"""A source of one class only → the source of the other class that it stands beside."""


def is_forged(predictions: pd.DataFrame) -> pd.Series:
    """Return (N,) bool: which photos are edits that Telltale forged, in a collection or in the benchmark."""
    paired = predictions.pair.str.startswith(FORGED) & (predictions.label != "real")
    return predictions.source.str.startswith(FORGED) | paired


def original_source(source: str) -> str:
    """Return the source of the photos that a source's edits were forged from; any other source is its own."""
    return source.removeprefix(FORGED)


def home(source: str) -> str:
    """Return the source of the real photos that a source stands beside: "unsplash" of "stylegan2" and its edits."""
    real = original_source(source)
    return REAL_OF.get(real, real)


def collection(source: str) -> str:
    """Return the name under which a source's figures are told: "stylegan2" of "unsplash", "forge-…" apart."""
    prefix = FORGED if source.startswith(FORGED) else ""
    return prefix + next(
        (edits for edits, real in REAL_OF.items() if real == original_source(source)), source[len(prefix) :]
    )


def collections(sources: pd.Series) -> pd.Series:
    """Return the name under which each photo's figures are told; a real source alone keeps its own, see `collection`.

    Args:
        sources: (N,) names.
    """
    return sources.map(collection) if sources.isin(list(REAL_OF)).any() else sources
