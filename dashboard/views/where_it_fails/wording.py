"""What slices, pairs, tiers and trees come to, in sentences."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.kit import markup
from dashboard.views.where_it_fails.measures import Measure
from dashboard.views.where_it_fails.rows import slices_of
from pipeline.figures.above_original import ALL
from pipeline.figures.slices import SKIN_TONE
from pipeline.words.figures import count, percent, say

WEAK = 0.6
"""AUC under which a tree that beats guessing still hardly separates."""
ONE_SIDE = 1 / 40
"""How often a 95 % interval lies wholly on the worse side by luck."""
FEW = 20
"""Slices under which not one is to be expected there: the chance that any is is said in place of how many are."""


def say_luck(n: int) -> str:
    """Say how many of so many slices would look worse by luck alone, or of a few whether any would."""
    compared = "1 slice is compared" if n == 1 else f"{n} slices are compared"
    return (
        f"{compared}. {say_by_luck(n)} would lie wholly on the worse side by luck alone, for a 95 % interval errs on "
        "that side once in forty; and the worst of many looks worse than it is. Believe what lies far off, holds many "
        "photos, and whose neighbours point the same way."
    )


def say_by_luck(n: int) -> str:
    """Say how many of so many intervals of 95 % lie wholly on one side by luck, one in forty; of a few, whether any."""
    if n < FEW:
        chance = 1 - (1 - ONE_SIDE) ** n
        return f"With a chance of about 1 in {round(1 / chance)}, at least one"
    return "About one" if n < 60 else f"About {round(ONE_SIDE * n)}"


def tell_above_original(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how often an edit is told from its own original, and for which kinds no better than by chance."""
    blind = [kind for kind, figure in figures.items() if kind != ALL and figure["low"] <= 0.5]
    share = say(figures[ALL], "%", n=False)
    text = (
        f"**Of {count(figures[ALL]['n'])} edits, {share} score above the very photo that they were made of.** Nothing "
        "differs between the two but the edit, so half would be chance; no threshold plays a part. "
        "For an analyst who has both versions this is the figure that counts."
    )
    if blind:
        text += f" **Not clearly above chance: {markup.escaped(', '.join(sorted(blind)))}.**"
    return text


def say_gap(metrics: Mapping[str, Any], measure: Measure) -> str:
    """Say how wide the gap between the classes is, and whether it may be chance."""
    gap = metrics.get("slice gaps", {}).get(SKIN_TONE, {}).get(measure.key)
    rows = slices_of(metrics, measure, SKIN_TONE)
    figures = {row["value"]: figure for row in rows if (figure := measure.of(row))}
    if not gap or gap["value"] is None:
        return f"**{measure.name.capitalize()}**: the gap between the classes was not measured in this evaluation."
    worst, best = figures[gap["worst"]], figures[gap["best"]]
    ends = f"{100 * gap['low']:.1f} to {100 * gap['high']:.1f}".replace("-", "−")
    sure = (
        "Zero lies outside that interval, so some of the gap is probably real; but the best and the worst of these "
        "classes were picked after the fact, which widens a gap even where there is none."
        if gap["low"] > 0
        else "Zero lies in that interval: the gap may be chance."
    )
    high, low = markup.escaped(measure.say(worst)), markup.escaped(measure.say(best))
    return (
        f"**{measure.name.capitalize()}**: most on {markup.escaped(gap['worst'])}, {high}, "
        f"least on {markup.escaped(gap['best'])}, {low}. The gap is {100 * gap['value']:.1f} points (95 % interval "
        f"{ends}). {sure} "
        f"The two classes' own intervals {'overlap' if worst['low'] <= best['high'] else 'do not overlap'}."
    )


def holds(figure: Mapping[str, Any]) -> bool:
    """Tell whether a tree separates errors on photos that it was not grown on."""
    return figure["low"] is not None and figure["low"] > 0.5


def say_held_out(figure: Mapping[str, Any]) -> str:
    """Say whether a tree holds on photos that it was not grown on."""
    if figure["value"] is None:
        return "Whether the tree holds on other photos could not be measured: the errors lie in too few groups."
    auc = markup.escaped(say(figure, "", n=False))
    start = f"On photos that it was not grown on, the tree tells wrong verdicts from right ones with an AUC of {auc}"
    if not holds(figure):
        return f"{start}, an interval that holds 0\\.5, guessing: **it does not hold; what it shows may be luck\\.**"
    how = "it holds, but only just" if figure["value"] < WEAK else "the pattern holds"
    return f"{start}; 0\\.5 is guessing, 1 is perfect: **{how}**\\."


def say_worst_leaf(tree: Mapping[str, Any], noun: str) -> str:
    """Say which leaf is surely the worst."""
    leaf = max((node for node in tree["nodes"] if node["leaf"]), key=lambda node: node["error rate"]["low"] or 0)
    if not leaf["path"]:
        return "No question separates them."
    rate = say(leaf["error rate"], "%")
    whole = percent(tree["errors"] / tree["n"])
    return (
        f"The worst group of {noun}: {markup.escaped('; '.join(leaf['path']))}: wrong verdicts "
        f"**{markup.escaped(rate)}**, against {whole} of all; it holds "
        f"{percent(leaf['share of errors'])} of the errors."
    )


def say_counts(table: pd.DataFrame) -> str:
    """Say on how many photos each measure of a table was taken: "n 86–90 for edits found, 200 for false alarms".

    Args:
        table: a row a figure, with "measure" and n; one measure's n may differ from tier to tier.
    """
    parts = [_say_ends(mine) for _, mine in table.groupby("measure", sort=False).n]
    if len(set(parts)) == 1:
        return f"n {parts[0]} photos for each."
    names = table.measure.unique()
    return "n " + ", ".join(f"{part} for {name}" for part, name in zip(parts, names, strict=True)) + "."


def _say_ends(numbers: "pd.Series[int]") -> str:
    low, high = count(int(numbers.min())), count(int(numbers.max()))
    return low if low == high else f"{low}–{high}"


def say_lost_faces(tiers: Mapping[str, Any]) -> str:
    """Say in which tiers faces are not found any more."""
    gone = {name: tier["no face"] for name, tier in tiers.items() if tier.get("no face", {}).get("value")}
    if not gone:
        return "A face was found in all of them. "
    parts = [f"{markup.escaped(name)} {percent(figure['value'], 1)}" for name, figure in gone.items()]
    return f"No face was found any more: {', '.join(parts)} of the photos. "
