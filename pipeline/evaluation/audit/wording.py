"""Figures in words: where an interval stands against chance, and what became of a shortcut."""

from typing import Any

from pipeline.results.audit import CONDITIONS

SAID = {"published": "as published", "before": "before", "cropped": "cropped", "after": "after equalising"}
UNMEASURED = "not measurable"
ABOVE, AT, BELOW = "above chance", "at chance", "below chance"


def percent(value: float | None) -> str:
    """Say a share."""
    return "–" if value is None else f"{100 * value:.0f} %"


def share(figure: dict[str, Any]) -> str:
    """Say a share with its 95 % interval."""
    if figure["low"] is None:
        return percent(figure["value"])
    return f"{percent(figure['value'])} ({100 * figure['low']:.0f}–{100 * figure['high']:.0f})"


def standing(entry: dict[str, Any]) -> str:
    """Tell where the interval of balanced accuracy stands; by it alone, for two looks would be wrong twice as often."""
    figure, chance = entry["balanced accuracy"], entry["chance"]
    if figure["low"] is None:
        return UNMEASURED
    if figure["low"] > chance:
        return ABOVE
    return BELOW if figure["high"] < chance else AT


def verdict(entry: dict[str, Any]) -> str:
    """Say an entry's figures and where they stand."""
    more = ""
    if entry["AUC"] is not None:
        more = f"; plain accuracy {share(entry['accuracy'])}, AUC {_decimals(entry['AUC'])}"
    return (
        f"{entry['by']} tells {_asked(entry)} in {share(entry['balanced accuracy'])}, chance "
        f"{percent(entry['chance'])}{more}: {entry['standing']}."
    )


def _decimals(figure: dict[str, Any]) -> str:
    if figure["low"] is None:
        return "–" if figure["value"] is None else f"{figure['value']:.2f}"
    return f"{figure['value']:.2f} ({figure['low']:.2f}–{figure['high']:.2f})"


def _asked(entry: dict[str, Any]) -> str:
    return f"{entry['task']} ({entry['scope']})"


def comparisons(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Set the conditions of each question side by side, with what became of the shortcut in words."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for entry in entries:
        key = tuple(entry[name] for name in ("audit", "task", "scope", "stage", "by"))
        together.setdefault(key, []).append(entry)
    return [_compared(found) for found in together.values()]


def _compared(found: list[dict[str, Any]]) -> dict[str, Any]:
    first = found[0]
    measured = {entry["condition"]: entry for entry in found if entry["standing"] != UNMEASURED}
    row = {name: first[name] for name in ("audit", "task", "scope", "stage", "by", "chance")}
    row |= {name: measured[name]["balanced accuracy"] for name in CONDITIONS if name in measured}
    if not measured:
        said = f"{first['by']}, {_asked(first)}: {first['verdict']}"
        return row | {"outcome": UNMEASURED, "said": said}
    told = [f"{SAID[name]} {share(measured[name]['balanced accuracy'])}" for name in CONDITIONS if name in measured]
    outcome = _outcome(measured)
    said = f"{first['by']} tells {_asked(first)}: {'; '.join(told)}; chance {percent(first['chance'])}"
    return row | {"outcome": outcome, "said": f"{said}: {outcome}." if outcome else f"{said}."}


def _outcome(measured: dict[str, dict[str, Any]]) -> str:
    """Say what became of a shortcut between the earliest condition and the fixed container."""
    if "after" not in measured:
        return ""
    earlier = [measured[name] for name in CONDITIONS[:-1] if name in measured]
    after, told = measured["after"], [entry for entry in earlier if entry["standing"] == ABOVE]
    if after["standing"] != ABOVE:
        return "gone" if told else "nothing to tell it by"
    if not told:
        return "told only in the crop" if earlier else "told"
    strongest = max(told, key=lambda entry: entry["balanced accuracy"]["value"])["balanced accuracy"]
    return "less, but still told" if after["balanced accuracy"]["high"] < strongest["low"] else "still told"
