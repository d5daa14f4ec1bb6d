"""How two evaluations' differences are said: names of measures, sentences, and lines of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.kit import markup
from dashboard.kit.choose_evaluation import shipped_method
from pipeline.datasets.sources import is_forged
from pipeline.figures.compare import Pairing
from pipeline.heatmap import WHERE_EDITED
from pipeline.results.evaluation import Evaluation
from pipeline.words import readable
from pipeline.words.figures import count, say, unit_of

MEASURE_NAMES = {
    "recall": "edits found",
    "false alarms": "real called edited",
    "coverage": "gets a verdict",
    "risk": "wrong verdicts",
}
"""Measures by plainer names."""
STANDING_WORDS = {"more": "more verdicts", "fewer": "fewer verdicts"}
"""How more or fewer verdicts are said; other standings stand as they are."""
SURE = 0.05
"""p under which McNemar's test is said to tell."""


def say_common(both: Pairing, first: str, second: str) -> str:
    """Say how many photos both judged, and how many are left out and why."""
    sentence = f"Compared: {count(len(both))} photos that both judged."
    for name, only in ((first, both.only_first), (second, both.only_second)):
        if only:
            sentence += f" {count(only)} that only {name} judged are left out."
    if both.relabelled:
        sentence += f" {count(both.relabelled)} were labelled anew in between and are left out."
    return sentence


def say_photos(both: Pairing, forgeries: bool) -> str:
    """Say which photos stage 1 and both stages were compared on."""
    if not both.forged.any() and is_forged(both.first).any():
        return "originals, and both edits forged of each original"
    return "forged edits too" if forgeries else "the collections' own photos"


def say_methods(first: Evaluation, second: Evaluation) -> str:
    """Say that the two's maps were made by different methods, where they were."""
    ways = [shipped_method(one) for one in (first, second)]
    if not all(ways) or ways[0] == ways[1]:
        return ""
    kinds = " and ".join(
        f"{way} (where it holds the face edited)" if way in WHERE_EDITED else f"{way} (what moved the score)"
        for way in ways
    )
    return (
        f" They differ in kind, in this order: {kinds}; a difference between the two maps may be that of the methods."
    )


def difference_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a difference as a row of a table: both sides, the gap, n and standing; no n where each has its own."""
    sides = {f"{side}_{part}": one[side][part] for side in ("first", "second") for part in ("value", "low", "high")}
    counts = {f"{side}_n": one[side]["n"] for side in ("first", "second")}
    gap = {f"difference_{part}" if part != "value" else "difference": one[part] for part in ("value", "low", "high")}
    numbers = {name: float("nan") if value is None else value for name, value in (sides | gap).items()}
    which = {"stage": one["stage"], "measure": one["measure"], "n": pd.NA if one["n"] is None else one["n"]}
    return which | counts | numbers | {"standing": one["standing"]}


def table_of(columns: Sequence[tuple[str, Sequence[Any] | pd.Series]]) -> pd.DataFrame:
    """Return a table of columns, (heading, values) each: headings are names of strangers, so two may be alike."""
    table = pd.DataFrame(dict(enumerate(values for _, values in columns)))
    table.columns = pd.Index([heading for heading, _ in columns])
    return table


def name_measure(row: Any) -> str:
    """Name a measure with its stage: "stage 1: edits found"."""
    return f"{row.stage}: {MEASURE_NAMES.get(row.measure, row.measure)}"


def say_summary(known: pd.DataFrame, first: str, second: str) -> str:
    """Say in a sentence on which figures the second is better, on which worse, and which are not told apart."""
    parts = []
    for standing, phrase in (
        ("better", "is **better** on"),
        ("worse", "is **worse** on"),
        ("not told apart", "is **not told apart** on"),
        ("more", "gives **more** verdicts"),
        ("fewer", "gives **fewer** verdicts"),
    ):
        names = [markup.escaped(name_measure(row)) for row in known[known.standing == standing].itertuples()]
        if names:
            parts.append(phrase if standing in STANDING_WORDS else f"{phrase} {', '.join(names)}")
    return f"Against {markup.escaped(first)}, **{markup.escaped(second)}** {'; it '.join(parts)}."


def axis_name(row: Any) -> str:
    """Name a measure on two lines of an axis."""
    return f"{row.stage.partition(',')[0]}:<br>{MEASURE_NAMES.get(row.measure, row.measure)}"


def say_pair(row: Any) -> str:
    """Say both sides of a difference: "80 % (75–85) → 84 % (80–88)"."""
    return " → ".join(say_side(row, side) for side in ("first", "second"))


def say_side(row: Any, side: str) -> str:
    """Say one side of a difference, "first" or "second", without n where that is the same for both."""
    own = bool(pd.isna(row.n))
    figure = {part: getattr(row, f"{side}_{part}") for part in ("value", "low", "high")}
    return say(figure | {"n": getattr(row, f"{side}_n") if own else row.n}, unit_of(row.measure), n=own)


def say_n(row: Any) -> str:
    """Say the n that both sides have, after a comma; "" where each has its own."""
    return "" if pd.isna(row.n) else f", n {count(row.n)}"


def say_gap(row: Any) -> str:
    """Say a difference in points with its interval: "+3.1 (0.4 to 5.8)"; second − first, not turned."""
    if row.difference != row.difference:
        return "–"
    low, high = row.difference_low * 100, row.difference_high * 100
    return f"{100 * row.difference:+.1f} ({low:+.1f} to {high:+.1f})".replace("-", "−")


def say_all(known: pd.DataFrame, second: str) -> str:
    """Say all differences in one line, for those who do not see the plot."""
    rows: list[Any] = list(known.itertuples())
    parts = "; ".join(
        f"{name_measure(row)} {say_gap(row)}, {STANDING_WORDS.get(row.standing, row.standing)}" for row in rows
    )
    return f"Differences of {readable.plain(second)} in points: {parts}."


def say_mcnemar(test: Mapping[str, Any], first: str, second: str) -> str:
    """Say what McNemar's test comes to, in markdown.

    Args:
        test: of `pipeline.figures.compare.mcnemar`.
        first, second: the names of the two.
    """
    one, other = markup.escaped(first), markup.escaped(second)
    won, lost = test["only second right"], test["only first right"]
    if not won + lost:
        return "Both are right and wrong on the very same photos."
    p = "p < 0.001" if test["p"] < 0.001 else f"p = {test['p']:.3f}"
    better = f"**{other if won > lost else one}** is right more often"
    finding = better if test["p"] < SURE else "that may well be chance"
    return (
        f"On {count(won)} photos only {other} is right, on {count(lost)} only {one}: {finding} "
        f"({p}, exact, n {count(test['n'])})."
    )
