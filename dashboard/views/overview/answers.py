"""How far to trust a release, as sentences made from its figures: read in ten seconds."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pipeline.results.figure import figure
from pipeline.words import figures as measured

KINDS = {
    "deepfake": ("deepfakes", "called a deepfake", "facetune-style"),
    "facetune": ("facetune-style edits", "called facetune-style", "a deepfake"),
}
NO_VERDICT = ("stage 1 abstained", "stage 2 abstained", "out of scope")


@dataclass(frozen=True)
class Answer:
    """One thing to know: the figure that is read first, what it is the share of, and how sure it is."""

    figure: str
    said: str
    sure: str


def answers(test: Mapping[str, Any], unseen: Mapping[str, Any] | None) -> list[Answer]:
    """Make the answers from metrics.json of a release's test and, where it was measured, of its unseen sources."""
    found = [_alarms(test, "of the real photos of the collections it knows were called edited.")]
    found.append(
        _alarms(unseen or {}, f"of the real photos of sources that no model saw{_names(unseen)} were called edited.")
    )
    found += [_kind(test, label) for label in KINDS]
    found += [_abstentions(test), _risk(test), _cleared(test)]
    return found


def outcome(metrics: Mapping[str, Any], label: str, became: str) -> dict[str, Any] | None:
    """Return which share of a true label's photos came to an outcome; 0 without interval where none did; or None."""
    mine = metrics.get("cascade errors", {}).get(label)
    if not mine:
        return None
    n = next(iter(mine.values()))["n"]
    return mine.get(became) or {"value": 0.0, "low": None, "high": None, "n": n}


def _alarms(metrics: Mapping[str, Any], said: str) -> Answer:
    return _answer(outcome(metrics, "real", "stage 1 false alarm"), said)


def _answer(found: Mapping[str, Any] | None, said: str) -> Answer:
    """Put a share into words; of none, what it may be all the same (Hanley & Lippman-Hand, JAMA 1983)."""
    if found is None:
        return Answer("–", said, "Not measured: there were no such photos.")
    if not found["value"]:
        most = measured.percent(1 - 0.025 ** (1 / found["n"]))
        return Answer(
            measured.percent(0.0),
            said,
            f"None of {measured.count(found['n'])}; in truth up to {most} may be (95 % interval).",
        )
    return Answer(measured.percent(found["value"]), said, f"{_interval(found)}, n {measured.count(found['n'])}.")


def _interval(found: Mapping[str, Any]) -> str:
    return f"95 % interval {measured.interval('risk', found)}"


def _names(unseen: Mapping[str, Any] | None) -> str:
    names = sorted((unseen or {}).get("false alarms", {}))
    return f" ({', '.join(names)})" if names else ""


def _kind(test: Mapping[str, Any], label: str) -> Answer:
    """Say how many edits of a kind are found: which kind they are called, how many pass, how many get no verdict."""
    plural, rightly, wrongly = KINDS[label]
    right = outcome(test, label, "right")
    if right is None:
        return _answer(None, f"of the {plural} were {rightly}.")
    missed = outcome(test, label, "stage 1 missed") or {}
    other = outcome(test, label, "stage 2 wrong") or {}
    passed = f"{measured.percent(missed['value'])} ({measured.interval('risk', missed)}) passed with “no indication”"
    none = sum((outcome(test, label, one) or {})["value"] for one in NO_VERDICT)
    return _answer(
        right,
        f"of the {plural}, forged ones too, were {rightly}. {passed}, {measured.percent(none)} got "
        f"no verdict, {measured.percent(other['value'])} were called {wrongly}.",
    )


def _abstentions(test: Mapping[str, Any]) -> Answer:
    """Say how often no verdict is given: what coverage leaves."""
    found, all_of = (
        _left(figure(dict(test), "joint", photos, "coverage")) for photos in ("collections", "with forgeries")
    )
    also = f" With forged edits too: {measured.percent(all_of['value'])}." if all_of else ""
    return _answer(found, f"of the photos got no verdict (“inconclusive”).{also}")


def _left(covered: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if covered is None:
        return None
    turned = {
        name: None if covered[of] is None else 1 - covered[of]
        for name, of in (("value", "value"), ("low", "high"), ("high", "low"))
    }
    return turned | {"n": covered["n"]}


def _risk(test: Mapping[str, Any]) -> Answer:
    found, all_of = (figure(dict(test), "joint", photos, "risk") for photos in ("collections", "with forgeries"))
    also = ""
    if all_of:
        also = f" With forged edits too: {measured.percent(all_of['value'])} ({measured.interval('risk', all_of)})."
    return _answer(
        found,
        f"of the verdicts that were given were wrong, most by missing an edit.{also}"
        if _mostly_missed(test)
        else f"of the verdicts that were given were wrong.{also}",
    )


def _mostly_missed(test: Mapping[str, Any]) -> bool:
    counts = test.get("confusion", {})
    missed = sum(counts.get(label, {}).get("real", 0) for label in KINDS)
    wrong = sum(n for label, row in counts.items() for said, n in row.items() if said not in (label, "inconclusive"))
    return bool(wrong) and missed > wrong / 2


def _cleared(test: Mapping[str, Any]) -> Answer:
    """Say of how many photos that got "no indication" it was wrong: counts, as they depend on what was measured."""
    counts = test.get("confusion with forgeries", {})
    passed = {label: row.get("real", 0) for label, row in counts.items()}
    edited = sum(n for label, n in passed.items() if label != "real")
    total = sum(passed.values())
    if not total:
        return Answer("–", "No photo was told “no indication”.", "")
    said = (
        f"of the {measured.count(total)} photos that passed with “no indication” had been edited: it clears no photo."
    )
    return Answer(
        measured.count(edited), said, "Counts, forged edits too: the share follows from how many were edited."
    )


def draw(found: Sequence[Answer]) -> None:
    """Draw answers under each other: the figure large, the sentence beside it, how sure it is under that."""
    rows = "".join(
        f'<div style="font-size:1.45rem;font-weight:650;text-align:right;font-variant-numeric:tabular-nums;'
        f'line-height:1.3;white-space:nowrap">{html.escape(one.figure)}</div>'
        f'<div style="line-height:1.4;padding-top:.25rem">{html.escape(one.said)} '
        f'<span style="opacity:.82;font-size:.875rem;display:inline-block">{html.escape(one.sure)}</span></div>'
        for one in found
    )
    st.html(
        '<div class="tt-answers" style="display:grid;grid-template-columns:minmax(3.6rem,max-content) 1fr;'
        f'gap:.45rem .9rem">{rows}</div>'
    )
