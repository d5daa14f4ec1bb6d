"""How often a release was wrong on held-out photos, in a sentence or two, from its stored figures."""

from collections.abc import Mapping
from typing import Any

from pipeline.results.figure import Figure, figure_at
from pipeline.words.figures import count, percent, say


def track_record(test: dict[str, Any], unseen: dict[str, Any]) -> str:
    """Say how often the first stage was wrong on photos it never saw; "" where that was not measured.

    Args:
        test: metrics.json of the release on held-out photos; empty where there is none.
        unseen: likewise on sources that it never saw.
    """
    alarms, recall = (figure_at(test, "edited", "collections", name) for name in ("false alarms", "recall"))
    if alarms is None or recall is None:
        return ""
    text = (
        f"On held-out photos this release called {_say_share_of(alarms)} real ones edited, and found "
        f"{_say_share_of(recall)} edited ones (95 % intervals)."
    )
    strange = figure_at(unseen, "edited", "collections", "false alarms")  # as above: of stage 1, before abstaining
    if strange is not None:
        sources = ", ".join(sorted(map(str, unseen.get("false alarms", {}))))
        text += f" Of real photos from sources it never saw ({sources}) it called edited {_say_share_of(strange)}."
    return text


def caveat(release_sha256: str, *runs: Mapping[str, Any]) -> str:
    """Say that figures are not those of the release as it stands, or of a part of the photos; "" where they are.

    Args:
        release_sha256: hash of the release's file.
        runs: conditions of the evaluations that they are from.
    """
    parts = []
    if any(run.get("release_sha256", release_sha256) != release_sha256 for run in runs):
        parts.append("These are figures of another version of this release: its file has changed since.")
    if any(run.get("most") for run in runs):
        parts.append("They are of a trial on a part of the photos.")
    return " ".join(parts)


def _say_share_of(share: Figure) -> str:
    """Say a share and of how many photos it is: "86 % (83–88) of 1 665"."""
    return f"{say(share, '%', n=False)} of {count(share.n)}"


def pointing_record(test: dict[str, Any]) -> str:
    """Say how often the map's peak, and the region outputs, named an edited part; "" where that was not measured."""
    by_map, by_outputs = (figure_at(test, "pointing", f"ciplab: all, by {way}") for way in ("map", "region outputs"))
    if by_map is None or by_outputs is None:
        return ""
    return (
        f"On {count(by_map.n)} held-out composites by experts the map's peak lay in an edited part in "
        f"{say(by_map, '%', n=False)}, where chance gives {percent(by_map.chance)}; the part that stage 1 itself held "
        f"likeliest was edited in {say(by_outputs, '%', n=False)}, where chance gives {percent(by_outputs.chance)}."
    )
