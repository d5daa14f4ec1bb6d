"""Figures in words: where an interval stands against chance, and what became of a shortcut."""

from typing import Any

from pipeline.results.audit import CONDITIONS
from pipeline.words.figures import percent, say

IN_WORDS = {"published": "as published", "before": "before", "cropped": "cropped", "after": "after equalising"}
UNMEASURED = "not measurable"
ABOVE, AT, BELOW = "above chance", "at chance", "below chance"


def say_standing(entry: dict[str, Any]) -> str:
    """Tell where the interval of balanced accuracy stands; by it alone, for two looks would be wrong twice as often."""
    figure, chance = entry["balanced accuracy"], entry["chance"]
    if figure["low"] is None:
        return UNMEASURED
    if figure["low"] > chance:
        return ABOVE
    return BELOW if figure["high"] < chance else AT


def say_verdict(entry: dict[str, Any]) -> str:
    """Say an entry's figures and where they stand."""
    more = ""
    if entry["AUC"] is not None:
        accuracy, area = say(entry["accuracy"], "%", n=False), say(entry["AUC"], "", n=False)
        more = f"; plain accuracy {accuracy}, AUC {area}"
    return (
        f"{entry['by']} tells {_say_question(entry)} in {say(entry['balanced accuracy'], '%', n=False)}, chance "
        f"{percent(entry['chance'])}{more}: {entry['standing']}."
    )


def _say_question(entry: dict[str, Any]) -> str:
    return f"{entry['task']} ({entry['scope']})"


def comparisons(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Set the conditions of each question side by side, with what became of the shortcut in words."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for entry in entries:
        key = tuple(entry[name] for name in ("audit", "task", "scope", "stage", "by"))
        together.setdefault(key, []).append(entry)
    return [_compare(of_one) for of_one in together.values()]


def _compare(entries: list[dict[str, Any]]) -> dict[str, Any]:
    first = entries[0]
    measured = {entry["condition"]: entry for entry in entries if entry["standing"] != UNMEASURED}
    row = {name: first[name] for name in ("audit", "task", "scope", "stage", "by", "chance")}
    row |= {name: measured[name]["balanced accuracy"] for name in CONDITIONS if name in measured}
    if not measured:
        sentence = f"{first['by']}, {_say_question(first)}: {first['verdict']}"
        return row | {"outcome": UNMEASURED, "said": sentence}
    figures = [
        f"{IN_WORDS[name]} {say(measured[name]['balanced accuracy'], '%', n=False)}"
        for name in CONDITIONS
        if name in measured
    ]
    outcome = _outcome(measured)
    sentence = f"{first['by']} tells {_say_question(first)}: {'; '.join(figures)}; chance {percent(first['chance'])}"
    return row | {"outcome": outcome, "said": f"{sentence}: {outcome}." if outcome else f"{sentence}."}


def _outcome(measured: dict[str, dict[str, Any]]) -> str:
    """Say what became of a shortcut between the earliest condition and the fixed container."""
    if "after" not in measured:
        return ""
    earlier = [measured[name] for name in CONDITIONS[:-1] if name in measured]
    after, telling = measured["after"], [entry for entry in earlier if entry["standing"] == ABOVE]
    if after["standing"] != ABOVE:
        return "gone" if telling else "nothing to tell it by"
    if not telling:
        return "told only in the crop" if earlier else "told"
    strongest = max(telling, key=lambda entry: entry["balanced accuracy"]["value"])["balanced accuracy"]
    return "less, but still told" if after["balanced accuracy"]["high"] < strongest["low"] else "still told"
