"""How far to trust a release, as sentences made from its figures: read in ten seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.results.figure import Figure, figure_at
from pipeline.words.figures import count, percent, say, say_interval, say_value

KINDS = {
    "deepfake": ("deepfakes", "called a deepfake", "facetune-style"),
    "facetune": ("facetune-style edits", "called facetune-style", "a deepfake"),
}
"""Of a kind of edit: its plural, what it should be called, and the kind that it is taken for."""
NO_VERDICT = ("stage 1 abstained", "stage 2 abstained", "out of scope")
"""Outcomes in which a photo gets no verdict."""


@dataclass(frozen=True)
class Answer:
    """One thing to know, in plain text.

    Attributes:
        figure: what is read first.
        sentence: what it is the share of.
        certainty: how sure it is.
    """

    figure: str
    sentence: str
    certainty: str


def answers(test: Mapping[str, Any], unseen: Mapping[str, Any] | None) -> list[Answer]:
    """Make the answers from a release's figures.

    Args:
        test: metrics.json of its held-out photos.
        unseen: likewise of sources new to every model; None where that was not measured.
    """
    strange = f"of the real photos of sources that no model saw{_names(unseen)} were called edited."
    return [
        _say_alarms(test, "of the real photos of the collections it knows were called edited."),
        _say_alarms(unseen or {}, strange),
        *(_say_kind(test, label) for label in KINDS),
        _say_abstentions(test),
        _say_risk(test),
        _say_cleared(test),
    ]


def outcome(metrics: Mapping[str, Any], label: str, became: str) -> Figure | None:
    """Return which share of a true label's photos came to an outcome.

    Where none did, that is 0 without an interval. None where there were no photos of the label.
    """
    mine = metrics.get("cascade errors", {}).get(label)
    if not mine:
        return None
    n = next(iter(mine.values()))["n"]
    return figure_at(mine, became) or Figure(0.0, None, None, n)


def say_share(share: Figure | None, sentence: str) -> Answer:
    """Put a share into words; of none, what it may be all the same (Hanley & Lippman-Hand, JAMA 1983)."""
    if share is None:
        return Answer("–", sentence, "Not measured: there were no such photos.")
    if not share.value:
        most = percent(1 - 0.025 ** (1 / share.n))
        return Answer(
            percent(0.0), sentence, f"None of {count(share.n)}; in truth up to {most} may be (95 % interval)."
        )
    return Answer(say_value(share, "%"), sentence, f"95 % interval {say_interval(share, '%')}, n {count(share.n)}.")


def _say_alarms(metrics: Mapping[str, Any], sentence: str) -> Answer:
    return say_share(outcome(metrics, "real", "stage 1 false alarm"), sentence)


def _names(unseen: Mapping[str, Any] | None) -> str:
    names = sorted((unseen or {}).get("false alarms", {}))
    return f" ({', '.join(names)})" if names else ""


def _say_kind(test: Mapping[str, Any], label: str) -> Answer:
    """Say how many edits of a kind are found: which kind they are called, how many pass, how many get no verdict."""
    plural, rightly, wrongly = KINDS[label]
    right, missed, other = (outcome(test, label, one) for one in ("right", "stage 1 missed", "stage 2 wrong"))
    if right is None or missed is None or other is None:
        return say_share(None, f"of the {plural} were {rightly}.")
    undecided = sum((share.value or 0.0) for one in NO_VERDICT if (share := outcome(test, label, one)))
    return say_share(
        right,
        f"of the {plural}, forged ones too, were {rightly}. {say(missed, '%', n=False)} passed with “no indication”, "
        f"{percent(undecided)} got no verdict, {say_value(other, '%')} were called {wrongly}.",
    )


def _say_abstentions(test: Mapping[str, Any]) -> Answer:
    """Say how often no verdict is given: what coverage leaves."""
    covered, all_of = (figure_at(test, "joint", photos, "coverage") for photos in ("collections", "with forgeries"))
    also = f" With forged edits too: {say_value(all_of.one_less, '%')}." if all_of else ""
    return say_share(covered and covered.one_less, f"of the photos got no verdict (“inconclusive”).{also}")


def _say_risk(test: Mapping[str, Any]) -> Answer:
    risk, all_of = (figure_at(test, "joint", photos, "risk") for photos in ("collections", "with forgeries"))
    also = f" With forged edits too: {say(all_of, '%', n=False)}." if all_of else ""
    mostly = ", most by missing an edit" if _mostly_missed(test) else ""
    return say_share(risk, f"of the verdicts that were given were wrong{mostly}.{also}")


def _mostly_missed(test: Mapping[str, Any]) -> bool:
    counts = test.get("confusion", {})
    missed = sum(counts.get(label, {}).get("real", 0) for label in KINDS)
    wrong = sum(
        n for label, row in counts.items() for verdict, n in row.items() if verdict not in (label, "inconclusive")
    )
    return bool(wrong) and missed > wrong / 2


def _say_cleared(test: Mapping[str, Any]) -> Answer:
    """Say of how many photos that got "no indication" it was wrong: counts, as they depend on what was measured."""
    counts = test.get("confusion with forgeries", {})
    passed = {label: row.get("real", 0) for label, row in counts.items()}
    edited = sum(n for label, n in passed.items() if label != "real")
    total = sum(passed.values())
    if not total:
        return Answer("–", "No photo was told “no indication”.", "")
    return Answer(
        count(edited),
        f"of the {count(total)} photos that passed with “no indication” had been edited: it clears no photo.",
        "Counts, forged edits too: the share follows from how many were edited.",
    )
