"""How often a release was wrong on held-out photos, in a sentence or two, from its stored evaluations."""

import json
from pathlib import Path
from typing import Any

from models.files import ROOT
from pipeline.evaluation.folder import RUN


def stored_metrics(release: str, split: str) -> dict[str, Any] | None:
    """Return the newest metrics that `evaluate` wrote for a release's split; None where it was never evaluated."""
    found = (ROOT / "evaluations" / release).glob(f"{split}@*/metrics.json")
    newest = max(found, key=_age, default=None)
    return json.loads(newest.read_text(encoding="utf-8")) if newest else None


def _age(metrics: Path) -> tuple[int, str, str]:
    """Return a sort key, newest last: evaluations of an older format are older, whatever their date."""
    run = json.loads(metrics.with_name(RUN).read_text(encoding="utf-8"))
    return int(run.get("format", 1)), str(run.get("date", "")), metrics.parent.name


def track_record(release: str) -> str:
    """Say how often the first stage was wrong on photos it never saw; "" where it was never evaluated."""
    test, unseen = stored_metrics(release, "test"), stored_metrics(release, "unseen")
    if test is None:
        return ""
    stage = test["edited"]["collections"]
    said = (
        f"On held-out photos this release called {_share(stage['false alarms'])} of the real ones edited, "
        f"and found {_share(stage['recall'])} of the edited ones (n = {stage['recall']['n']}; 95 % intervals)."
    )
    if unseen:
        parts = [f"{_share(figure)} of {figure['n']} ({source})" for source, figure in unseen["false alarms"].items()]
        said += f" On real photos from sources it never saw, it called edited: {', '.join(parts)}."
    return said


def _share(figure: dict[str, Any]) -> str:
    """Say a share, with its 95 % interval in brackets."""
    low, high = (f"{100 * figure[edge]:.0f}" for edge in ("low", "high"))
    return f"{100 * figure['value']:.0f} % ({low}–{high})"


def pointing_record(release: str) -> str:
    """Say how often the map's peak, and the region outputs, named an edited part; "" where that was not measured."""
    found = (stored_metrics(release, "test") or {}).get("pointing", {})
    by_map, by_outputs = (found.get(f"ciplab: all, by {way}") for way in ("map", "region outputs"))
    if not by_map or not by_outputs:
        return ""
    return (
        f"On {by_map['n']} held-out composites by experts the map's peak lay in an edited part in "
        f"{_share(by_map)}, where chance gives {100 * by_map['chance']:.0f} %; the part that stage 1 itself held "
        f"likeliest was edited in {_share(by_outputs)}, where chance gives {100 * by_outputs['chance']:.0f} %."
    )
