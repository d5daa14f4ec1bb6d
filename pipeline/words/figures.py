"""The ONE way in which a measured figure is said: "86 % (83–88), n 1 665".

A figure is a `Figure`, or the stored dict of one, which is read by `Figure.read`.
Its unit is "%" for shares and "" for what has none: `unit_of("recall")` knows it by the measure's name.

    say(figure, "%")               86 % (83–88), n 1 665       where a figure stands alone
    say(figure, "")                0.86 (0.83–0.88), n 1 665
    say(figure, "%", n=False)      86 % (83–88)                where n is said beside it
    say_value(figure, "%")         86 %                        over a bar, or in large letters
    say_interval(figure, "%")      83–88 %                     apart from its value
    percent, plain, hundred        a bare number: "86 %", "0.86", "about 86"
    interval_of(0.83, 0.88, "%")   83–88                       of two bare numbers
    count                          a number of photos: "1 665"

Shares near none or all get the digits that they need, and are never rounded to certainty: "0.9 % (0.4–1.6)", ">99 %".
What was not measured is a dash. Where all photos came out alike there is no interval:
"100 % (no interval: all alike), n 12".
"""

from collections.abc import Mapping
from typing import Any, Literal

from pipeline.results.figure import Figure

Unit = Literal["%", ""]
"""Of a share, which is said in per cent, or of what has none."""
ALIKE = "no interval: all alike"
"""In place of an interval that is one point."""

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
    """Say a share in per cent, rounded to 0 or 100 only where it is just that; a dash for None."""
    if value is None or value != value:
        return "–"
    text = f"{100 * value:.{digits}f}"
    edge = 10.0**-digits
    if float(text) == 100 and value < 1:
        return f">{100 - edge:.{digits}f} %"
    if float(text) == 0 and value > 0:
        return f"<{edge:.{digits}f} %"
    return f"{text} %"


def plain(value: float | None) -> str:
    """Say a figure without a unit; a dash for None."""
    return "–" if value is None or value != value else f"{value:.2f}"


def hundred(value: float) -> str:
    """Say how many of 100 a share is."""
    if 0 < value < 0.005:
        return f"fewer than 1 (about 1 in {count(int(float(f'{1 / value:.2g}')))})"
    return "more than 99" if 0.995 <= value < 1 else f"about {100 * value:.0f}"


def unit_of(measure: str) -> Unit:
    """Return the unit that a measure is said in."""
    return "%" if measure in SHARES else ""


def say(figure: Figure | Mapping[str, Any], unit: Unit, *, n: bool = True) -> str:
    """Say a figure with its 95 % interval and n: "86 % (83–88), n 1 665".

    Args:
        figure: the figure, or the stored dict of one.
        unit: "%", or "" for none; see `unit_of`.
        n: False where n is said beside it.
    """
    one = _read(figure)
    text = say_value(one, unit)
    if one.value is not None and one.low is not None and one.high is not None:
        text += f" ({ALIKE if one.alike else interval_of(one.low, one.high, unit)})"
    return f"{text}, n {count(one.n)}" if n else text


def say_value(figure: Figure | Mapping[str, Any], unit: Unit) -> str:
    """Say a figure's value in its unit: "86 %", "0.9 %", "0.86"; a dash for what was not measured."""
    value = _read(figure).value
    if unit == "" or value is None:
        return plain(value)
    return percent(value, 1 if 0 < min(value, 1 - value) < 0.02 else 0)


def say_interval(figure: Figure | Mapping[str, Any], unit: Unit) -> str:
    """Say a figure's 95 % interval apart from its value: "83–88 %", "0.83–0.87"; a dash where there is none."""
    one = _read(figure)
    if one.low is None or one.high is None:
        return "–"
    if one.alike:
        return "none: all alike"
    return f"{interval_of(one.low, one.high, unit)} {unit}".rstrip()


def interval_of(low: float, high: float, unit: Unit) -> str:
    """Say an interval's ends: shares as numbers of 100, with the digits that the end nearer to none or all needs."""
    if unit == "":
        return f"{low:.2f}–{high:.2f}"
    room = min(high, 1 - low)
    digits = 0 if room >= 0.02 or room <= 0 else 1 if room >= 0.002 else 2
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f}"


def _read(figure: Figure | Mapping[str, Any]) -> Figure:
    return figure if isinstance(figure, Figure) else Figure.read(figure)


def alike(figure: Figure | Mapping[str, Any]) -> bool:
    """Tell whether all photos came out alike, so that the interval is one point; see `Figure.alike`."""
    return _read(figure).alike


def count(n: int) -> str:
    """Say a number of photos, in groups of three digits."""
    return f"{n:,}".replace(",", "\u202f")


def say_photos(n: int) -> str:
    """Say how many photos: "1 photo", "2 photos"."""
    return f"{count(n)} photo{'' if n == 1 else 's'}"
