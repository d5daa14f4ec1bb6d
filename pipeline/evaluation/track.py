"""How often a release was wrong on held-out photos, in a sentence or two, from its stored evaluations."""

from pathlib import Path
from typing import Any

from pipeline.evaluation.folder import folders, read_metrics
from pipeline.evaluation.trend import figure, newest
from pipeline.settings import settings


def stored_metrics(release: str, dataset: str, home: Path | None = None) -> dict[str, Any] | None:
    """Return the newest metrics that `evaluate` wrote for a release; None where there is no whole evaluation.

    Args:
        release: its name.
        dataset: "test", "unseen" …
        home: the folder of all evaluations; None for the settings' own.

    Raises:
        BadEvaluation: the figures cannot be read.
    """
    found = newest(folders(release, home or settings().evaluations), dataset)
    return read_metrics(found[-1].path) if found else None


def track_record(release: str, home: Path | None = None) -> str:
    """Say how often the first stage was wrong on photos it never saw; "" where that was not measured.

    Raises:
        BadEvaluation: see `stored_metrics`.
    """
    test, unseen = stored_metrics(release, "test", home) or {}, stored_metrics(release, "unseen", home) or {}
    alarms, found = (figure(test, "edited", "collections", name) for name in ("false alarms", "recall"))
    if alarms is None or found is None:
        return ""
    said = (
        f"On held-out photos this release called {_share(alarms)} of the real ones edited, and found {_share(found)} "
        f"of the edited ones (n = {alarms['n']} and {found['n']}; 95 % intervals)."
    )
    strange = {str(source): figure(unseen, "false alarms", source) for source in unseen.get("false alarms", {})}
    parts = [f"{_share(one)} of {one['n']} ({source})" for source, one in strange.items() if one is not None]
    if parts:
        said += f" On real photos from sources it never saw, it called edited: {', '.join(parts)}."
    return said


def _share(figure: dict[str, Any]) -> str:
    """Say a share, with its 95 % interval in brackets."""
    low, high = (f"{100 * figure[edge]:.0f}" for edge in ("low", "high"))
    return f"{100 * figure['value']:.0f} % ({low}–{high})"


def pointing_record(release: str, home: Path | None = None) -> str:
    """Say how often the map's peak, and the region outputs, named an edited part; "" where that was not measured.

    Raises:
        BadEvaluation: see `stored_metrics`.
    """
    test = stored_metrics(release, "test", home) or {}
    by_map, by_outputs = (figure(test, "pointing", f"ciplab: all, by {way}") for way in ("map", "region outputs"))
    if by_map is None or by_outputs is None:
        return ""
    return (
        f"On {by_map['n']} held-out composites by experts the map's peak lay in an edited part in "
        f"{_share(by_map)}, where chance gives {100 * by_map['chance']:.0f} %; the part that stage 1 itself held "
        f"likeliest was edited in {_share(by_outputs)}, where chance gives {100 * by_outputs['chance']:.0f} %."
    )
