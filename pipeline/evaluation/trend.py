"""A few figures of many evaluations beside each other, read from their metrics.json alone: no predictions needed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.evaluation.folder import Found

KEY_FIGURES = {
    "stage 1: AUC": ("edited", "collections", "AUC"),
    "stage 2, same originals: AUC": ("deepfake", "same originals", "AUC"),
    "both stages: macro-F1": ("joint", "collections", "macro-F1"),
}
"""The figures by which evaluations are told apart at a glance, and where they stand in metrics.json."""
COLUMNS = ("release", "date", "revision", "measure", "value", "low", "high", "n")


def figure(metrics: dict[str, Any], *names: str) -> dict[str, Any] | None:
    """Return the figure at a place in metrics.json; None where it was not measured, or had too few photos."""
    part: Any = metrics
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part if isinstance(part, dict) and part.get("value") is not None else None


def newest(found: Sequence[Found], dataset: str) -> list[Found]:
    """Return of each release its newest whole evaluation on a data set; `found` is oldest first, and so are they."""
    whole = [one for one in found if not one.problem and one.run["dataset"] == dataset]
    last = {str(one.run["release"]): one for one in whole}
    return [one for one in whole if last[str(one.run["release"])] is one]


def newest_of(found: Sequence[Found], release: str, dataset: str) -> Found | None:
    """Return a release's newest whole evaluation on a data set; None where there is none. See `newest`."""
    return next((one for one in newest(found, dataset) if one.run["release"] == release), None)


def beside(found: Sequence[Found], figures: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return `KEY_FIGURES` of evaluations as a table of `COLUMNS`, a row a figure; NaN where it was not measured.

    Args:
        found: the evaluations, in the order that is wanted.
        figures: what `read_metrics` gives of each.
    """
    rows = [
        {"release": str(one.run["release"]), "date": str(one.run.get("date", ""))[:10],
         "revision": str(one.run.get("revision", "")), "measure": name, **(figure(mine, *place) or {})}
        for one, mine in zip(found, figures, strict=True)
        for name, place in KEY_FIGURES.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    return table.astype(dict.fromkeys(("value", "low", "high", "n"), "float64"))
