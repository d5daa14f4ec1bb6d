"""How a measured figure is said: value, interval, n. Figures are {"value", "low", "high", "n"}, as `evaluate` wrote."""

from collections.abc import Mapping
from typing import Any

Figure = Mapping[str, Any]

SHARES = ("balanced accuracy", "recall at 95 % passed", "recall", "false alarms", "coverage", "risk", "EER",
          "accuracy where a verdict is given")  # fmt: skip
"""Measures said in per cent; the others have no unit."""

MEANINGS = {
    "AUC": "Chance that an edited photo scores above a real one; 0.5 is guessing, 1 is perfect.",
    "AP": "Average precision: how clean the top of the list is.",
    "balanced accuracy": "Mean of the share of edits found and of real photos passed; 50 % is guessing.",
    "EER": "Where as many edits are missed as real photos are called edited.",
    "recall at 95 % passed": "Edits found at the threshold that lets 95 % of these real photos pass.",
    "recall": "Edits found, at the release's threshold.",
    "false alarms": "Real photos called edited, at the release's threshold.",
    "log loss": "How far the probabilities are from the truth; 0 is perfect, 0.69 is a coin.",
    "ECE": "Expected calibration error: mean gap between probability and frequency; 0 is perfect.",
    "macro-F1": "Mean F1 of the three classes without abstaining; 0.33 is about guessing, 1 is perfect.",
    "coverage": "Photos that get a verdict rather than “inconclusive”.",
    "risk": "Wrong verdicts among those given.",
    "accuracy where a verdict is given": "Right verdicts among those given.",
}


def percent(value: float | None, digits: int = 0) -> str:
    """Say a share in per cent, never rounded to 0 or 100 where it is neither; a dash for None."""
    if value is None or value != value:
        return "–"
    said = f"{100 * value:.{digits}f}"
    edge = 10.0**-digits
    if float(said) == 100 and value < 1:
        return f">{100 - edge:.{digits}f} %"
    if float(said) == 0 and value > 0:
        return f"<{edge:.{digits}f} %"
    return f"{said} %"


def plain(value: float | None) -> str:
    """Say a figure without a unit; a dash for None."""
    return "–" if value is None or value != value else f"{value:.2f}"


def value(name: str, figure: Figure) -> str:
    """Say a measure's value in its unit."""
    return percent(figure["value"]) if name in SHARES else plain(figure["value"])


def interval(name: str, figure: Figure) -> str:
    """Say a measure's 95 % interval: "83–88 %" or "0.83–0.87"; a dash where there is none."""
    low, high = figure.get("low"), figure.get("high")
    if low is None or high is None:
        return "–"
    return f"{100 * low:.0f}–{100 * high:.0f} %" if name in SHARES else f"{low:.2f}–{high:.2f}"


def alike(figure: Figure) -> bool:
    """Tell whether all photos came out alike: resampled they are alike again, so that the interval is one point."""
    return figure["low"] is not None and figure["low"] == figure["high"]


def said(name: str, figure: Figure) -> str:
    """Say a figure on one line: "86 % (83–88 %), n 1 665"."""
    return f"{value(name, figure)} ({interval(name, figure)}), n {count(figure['n'])}"


def count(n: int) -> str:
    """Say a number of photos, in groups of three digits."""
    return f"{n:,}".replace(",", "\u202f")
