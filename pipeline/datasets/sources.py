"""Where a photo comes from: its source, the collection that it stands beside, and whether Telltale forged it."""

import pandas as pd

from models.card import PREFIX

FORGED = "forge-"
"""How the source, or the pair, of an edit begins that was forged from a collection's photo."""
REAL_OF = {"stylegan2": "unsplash"}
"""A source of one class only → the source of the other class that it stands beside."""


def forged_name(name: str) -> str:
    """Return the source, or the pair, of the edits forged from a source's photos, or from the photo of a hash."""
    return f"{FORGED}{name}"


def is_forged_name(name: str) -> bool:
    """Tell whether a source, or a pair, is one of forged edits."""
    return name.startswith(FORGED)


def are_forged_names(names: pd.Series) -> pd.Series:
    """Return (N,) bool: which of (N,) sources, or pairs, are those of forged edits."""
    return names.str.startswith(FORGED)


def is_forged(predictions: pd.DataFrame) -> pd.Series:
    """Return (N,) bool: which photos are edits that Telltale forged, in a collection or in the benchmark."""
    paired = are_forged_names(predictions.pair) & (predictions.label != "real")
    return are_forged_names(predictions.source) | paired


def original_prefixes(rows: pd.DataFrame) -> pd.Series:
    """Return which photo each row was made from, by the first digits of its SHA-256: what the row's pair tells of an
    edit that Telltale forged, or of its original written anew; else the file itself.

    Args:
        rows: (N,) with the columns pair and sha256.
    """
    told = rows.pair.str.extract(f"^{FORGED}([0-9a-f]{{{PREFIX}}})$", expand=False)
    return told.fillna(rows.sha256.str[:PREFIX])


def original_source(source: str) -> str:
    """Return the source of the photos that a source's edits were forged from; any other source is its own."""
    return source.removeprefix(FORGED)


def say_source(source: str) -> str:
    """Say a source; one of forged edits as what they were made from: "forged from ciplab"."""
    return f"forged from {original_source(source)}" if is_forged_name(source) else source


def home(source: str) -> str:
    """Return the source of the real photos that a source stands beside: "unsplash" of "stylegan2" and its edits."""
    real = original_source(source)
    return REAL_OF.get(real, real)


def collection(source: str) -> str:
    """Return the name under which a source's figures are told: "stylegan2" of "unsplash", "forge-…" apart."""
    original = original_source(source)
    told_as = next((edits for edits, real in REAL_OF.items() if real == original), original)
    return forged_name(told_as) if is_forged_name(source) else told_as


def collections(sources: pd.Series) -> pd.Series:
    """Return the name under which each photo's figures are told; a real source alone keeps its own, see `collection`.

    Args:
        sources: (N,) names.
    """
    return sources.map(collection) if sources.isin(list(REAL_OF)).any() else sources
