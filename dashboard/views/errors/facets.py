"""What evaluated photos can be filtered by: facets, which photos pass, and how many each value would leave."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.casebook.tags import TAGS, Tag
from pipeline.figures.slices import bins

UNSAID = "not said"
UNTAGGED = "no tag"

Facets = dict[str, dict[str, np.ndarray]]
"""Facet → value → (N,) bool, which photos have it."""


def facets_of(table: pd.DataFrame) -> Facets:
    """Return what predictions can be filtered by, without tags."""
    cut = bins(table)
    return {
        "source": _by_word(table.source),
        "kind": _by_word(table.kind),
        "difficulty": _by_word(table.difficulty),
        "face size": _by_bin(cut["face size"]),
        "JPEG quality": _by_bin(cut["JPEG quality"]),
    }


def _by_word(column: pd.Series) -> dict[str, np.ndarray]:
    counts = column.value_counts()
    names = sorted(counts.index, key=lambda name: (name == "", -counts[name], name))
    return {str(name) or UNSAID: (column == name).to_numpy(bool) for name in names}


def _by_bin(values: Any) -> dict[str, np.ndarray]:
    members = {str(name): np.asarray(values.codes == code) for code, name in enumerate(values.categories)}
    members[UNSAID] = np.asarray(values.codes < 0)
    return {name: mine for name, mine in members.items() if mine.any()}


def with_tags(facets: Facets, ids: pd.Series, tags: Mapping[str, Mapping[str, Tag]]) -> Facets:
    """Return the facets of photos with these ids and that of their tags, from photo → tag → `Tag`."""
    tagged = {tag: ids.isin([photo for photo, mine in tags.items() if tag in mine]).to_numpy(bool) for tag in TAGS}
    nothing = ~np.any(list(tagged.values()), axis=0)
    return facets | {"tag": tagged | {UNTAGGED: nothing}}


def passing(facets: Facets, chosen: Mapping[str, Sequence[str]], n: int, beside: str = "") -> np.ndarray:
    """Return (N,) bool: which of `n` photos pass.

    Args:
        facets: see `Facets`.
        chosen: facet → values, any of which will do; none chosen lets all pass.
        n: N.
        beside: a facet that is passed over.
    """
    passes = np.ones(n, bool)
    for name, values in chosen.items():
        known = [facets[name][value] for value in values if value in facets.get(name, {})]
        if known and name != beside:
            passes &= np.logical_or.reduce(known)
    return passes


def count_values(facets: Facets, chosen: Mapping[str, Sequence[str]], n: int) -> dict[str, dict[str, int]]:
    """Return facet → value → how many photos have it of those that the other facets' choices let pass."""
    return {
        name: {value: int((mine & rest).sum()) for value, mine in values.items()}
        for name, values in facets.items()
        for rest in (passing(facets, chosen, n, name),)
    }
