"""Where a release is known to fail, in sentences for the cards of its weights, read from an evaluation's figures."""

from collections.abc import Iterator, Mapping
from typing import Any

LEAST = 20
"""Photos below which nothing is said: too few to call it a failure."""
MISSED, TOLD_APART = 0.5, {"edited": 0.8, "deepfake": 0.9}
"""Named are kinds of edit of which less than this is found, and sources on which a stage's AUC is below this. Not ECE:
it depends on how many of a source's photos are edited, which is chance in these sets."""
OVER_ALL = ("all", "collections", "same originals")
"""Not sources."""
MOST = 4
"""Sentences of a sort at most, the worst first."""

Figure = Mapping[str, Any]


def known_failures(found: Mapping[str, Any], stage: str, photos: str) -> list[str]:
    """Return what goes wrong most, worst first; [] where nothing does by the limits above.

    Args:
        found: metrics of an evaluation.
        stage: "edited" or "deepfake".
        photos: what was measured, such as "test".
    """
    missed = _missed(found.get("recall by kind", {})) if stage == "edited" else ()
    return [f"On {photos}: {line}" for line in (*missed, *_apart(found.get(stage, {}), TOLD_APART[stage]))]


def _missed(kinds: Mapping[str, Figure]) -> Iterator[str]:
    for name, figure in _worst(kinds, MISSED):
        yield f"of edits “{name}” it finds {_said(figure, 100, ' %')}."


def _apart(sources: Mapping[str, Mapping[str, Figure]], limit: float) -> Iterator[str]:
    found = {name: part["AUC"] for name, part in sources.items() if "AUC" in part and name not in OVER_ALL}
    for name, figure in _worst(found, limit):
        yield f"on {name} it tells the two apart with AUC {_said(figure)}; 0.5 is guessing."


def _worst(figures: Mapping[str, Figure], limit: float) -> list[tuple[str, Figure]]:
    """Return those below a limit, measured on enough photos, the worst first."""
    bad = [
        (name, figure)
        for name, figure in figures.items()
        if figure["value"] is not None and figure["n"] >= LEAST and figure["value"] < limit
    ]
    return sorted(bad, key=lambda pair: pair[1]["value"])[:MOST]


def _said(figure: Figure, scale: float = 1, unit: str = "") -> str:
    value, low, high = (f"{scale * figure[part]:.{0 if scale > 1 else 2}f}" for part in ("value", "low", "high"))
    return f"{value}{unit} ({low}–{high}, n = {figure['n']})"
