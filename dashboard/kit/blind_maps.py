"""A release's map held against maps that never saw the photo, in a sentence."""

from collections.abc import Mapping
from typing import Any

from dashboard.kit import markup
from pipeline.results.maps import BASELINES, DELETION, MEASURES, PEAK, MapFolder
from pipeline.words import figures as measured
from pipeline.words import maps


def figures_by_measure(folder: MapFolder) -> dict[str, dict[str, dict[str, Any]]]:
    """Return set → measure → method → figure."""
    by_set: dict[str, dict[str, dict[str, Any]]] = {}
    for key, methods in folder.figures.items():
        name, _, measure = key.rpartition(": ")
        if measure in MEASURES:
            by_set.setdefault(name, {})[measure] = methods
    return by_set


def say_other_photos(folder: MapFolder, run: Mapping[str, Any]) -> str:
    """Say in markdown which photos maps were measured on; "" where it is the split and revision of an evaluation.

    Args:
        folder: the maps.
        run: the evaluation's run.json.
    """
    if (folder.split, folder.revision) == (run.get("split"), run.get("revision")):
        return ""
    return f"split {markup.escaped(folder.split)}, data revision {markup.escaped(folder.revision)}"


def blind_at_peaks(folder: MapFolder | None, shipped: str, run: Mapping[str, Any]) -> str:
    """Say how the shipped maps' peaks fare beside those of blind maps, on the first set where that was measured.

    Args:
        folder: the maps as they were measured by method; None where they were not.
        shipped: the method of the release.
        run: run.json of the evaluation that this is said beside: of other photos it is said which they are.
    """
    others = say_other_photos(folder, run) if folder else ""
    for name, measures in (figures_by_measure(folder) if folder else {}).items():
        known = {method: one for method, one in measures.get(PEAK, {}).items() if one["value"] is not None}
        if sentence := against_blind(known, PEAK, shipped):
            ending = f"{sentence[0].lower()}{sentence[1:]}"
            which = f"{markup.escaped(name)}; other photos than these: {others}" if others else markup.escaped(name)
            return f"Held against maps that never saw the photo ({which}), {ending}"
    return ""


def against_blind(known: dict[str, Any], measure: str, shipped: str) -> str:
    """Say whether the shipped maps do better than the best of those that never saw the photo; "" where one is lacking.

    Args:
        known: method → figure, with a value each.
        measure: one of `MEASURES`.
        shipped: the method of the release.
    """
    blind = [name for name in BASELINES if name in known]
    if shipped not in known or not blind or shipped in blind:
        return ""
    sign = -1 if measure == DELETION else 1
    best = max(blind, key=lambda name: sign * known[name]["value"])
    mine, other = known[shipped], known[best]
    edges = ("low", "high") if sign > 0 else ("high", "low")
    if sign * mine["value"] <= sign * other["value"]:
        verdict = "no better than a map that never saw the photo"
    elif sign * mine[edges[0]] > sign * other[edges[1]]:
        verdict = "better than any map that never saw the photo"
    else:
        verdict = "better than a map that never saw the photo, but the intervals overlap"
    return (
        f"The shipped {markup.escaped(shipped)} reaches {maps.say_measure(mine, measure)}; the best blind map "
        f"({best}) {maps.say_measure(other, measure)}. Here it is **{verdict}**."
    )


def say_n(known: dict[str, Any]) -> str:
    """Say on how many photos figures were measured, by method."""
    counts = {figure["n"] for figure in known.values()}
    return f"n {measured.count(min(counts))} for each." if len(counts) == 1 else "n beside each."
