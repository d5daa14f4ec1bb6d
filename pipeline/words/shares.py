"""How shares near none and near all are said: with the digits that they need, never rounded to certainty."""

from collections.abc import Mapping
from typing import Any

from pipeline.words import figures as measured


def share(figure: Mapping[str, Any]) -> str:
    """Say a share with its 95 % interval: "86 % (83–88 %)", "0.9 % (0.4–1.6 %)"; a dash for what is not known."""
    if figure["value"] is None:
        return "–"
    if figure["low"] is None or figure["high"] is None:
        return measured.percent(figure["value"])
    digits = 1 if 0 < min(figure["value"], 1 - figure["value"]) < 0.02 else 0
    return f"{measured.percent(figure['value'], digits)} ({interval(figure['low'], figure['high'])} %)"


def interval(low: float, high: float) -> str:
    """Say an interval of shares as numbers of 100, with as many digits as the end nearer to none or all needs."""
    room = min(high, 1 - low)
    digits = 0 if room >= 0.02 or room <= 0 else 1 if room >= 0.002 else 2
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f}"


def hundred(value: float) -> str:
    """Say how many of 100 a share is."""
    if 0 < value < 0.005:
        return f"fewer than 1 (about 1 in {measured.count(int(float(f'{1 / value:.2g}')))})"
    return "more than 99" if 0.995 <= value < 1 else f"about {100 * value:.0f}"
