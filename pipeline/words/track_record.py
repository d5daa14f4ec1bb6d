"""How often a release was wrong on held-out photos, in a sentence or two, from its stored figures."""

from typing import Any

from pipeline.results.figure import figure


def track_record(test: dict[str, Any], unseen: dict[str, Any]) -> str:
    """Say how often the first stage was wrong on photos it never saw; "" where that was not measured.

    Args:
        test: metrics.json of the release on held-out photos; empty where there is none.
        unseen: likewise on sources that it never saw.
    """
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


def pointing_record(test: dict[str, Any]) -> str:
    """Say how often the map's peak, and the region outputs, named an edited part; "" where that was not measured."""
    by_map, by_outputs = (figure(test, "pointing", f"ciplab: all, by {way}") for way in ("map", "region outputs"))
    if by_map is None or by_outputs is None:
        return ""
    return (
        f"On {by_map['n']} held-out composites by experts the map's peak lay in an edited part in "
        f"{_share(by_map)}, where chance gives {100 * by_map['chance']:.0f} %; the part that stage 1 itself held "
        f"likeliest was edited in {_share(by_outputs)}, where chance gives {100 * by_outputs['chance']:.0f} %."
    )
