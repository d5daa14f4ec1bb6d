"""What calibration and abstaining come to, in sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.kit import markup
from dashboard.views.calibration.frequencies import TRUTHS, UP_TO
from pipeline.figures.base_rates import Rates
from pipeline.words.figures import alike, count, percent, say

Bin = Mapping[str, Any]

POSITIVE = {"edited": "edited", "deepfake": "a deepfake"}
"""What a stage says of a photo, by stage."""
AMONG = {"edited": "photos", "deepfake": "edited photos"}
"""The photos that a stage is asked about."""
SAID_OF = dict(zip(TRUTHS, ("edited photos", "the others"), strict=True))
"""What photos of a truth are called."""
IN_WORDS = (0.8, 0.5, 0.2)
"""Probabilities that are put into words, as far as photos were given about as much."""
LEAST = 20
"""Photos of a bin under which nothing is said of it in words."""
FEW = 50
"""Groups under which a rate is called uncertain."""


def say_lacking(bins: Sequence[Bin]) -> str:
    """Say why no curve is drawn; "" where one is."""
    if not bins:
        return "No curve: there is no photo here that this stage is asked about."
    kinds = {round(one["value"], 9) for one in bins if one["value"] is not None}
    if kinds <= {0.0} or kinds <= {1.0}:
        return "No curve: all of these photos are of one class, so whatever was given, the share found is the same."
    return ""


def say_curve(bins: Sequence[Bin], stage: str) -> list[str]:
    """Say of some ranges of probability how often they were right, as markdown; highest first."""
    known = [one for one in bins if one["n"] >= LEAST and one["value"] is not None]
    if not known:
        return [f"No range of probabilities has {LEAST} photos: too few to put into words."]
    chosen = [one for given in IN_WORDS for one in known if one["from"] <= given < one["to"]]
    wrong = {name: sum(_beyond(one) == name for one in known) for name in ("more", "less")}
    lines = [_say_bin(one, stage) for one in chosen or known[:1]]
    untold = sum(alike(one) for one in known)
    rest = f"; in {untold} that cannot be told, for all photos came out alike" if untold else ""
    return [
        *lines,
        f"In {wrong['more']} of {len(known)} ranges it was so more often than said, in {wrong['less']} less "
        f"often, in the others as said{rest} (ranges of at least {LEAST} photos).",
    ]


def _say_bin(one: Bin, stage: str) -> str:
    held = "too few differ to tell whether that is as it says" if alike(one) else "as often as it says"
    stands = {"more": "more often than it says", "less": "less often than it says", "": held}
    return (
        f"Of the {count(one['n'])} {AMONG[stage]} that were given about **{one['score']:.2f}**, "
        f"**{say(one, '%', n=False)}** were {POSITIVE[stage]}: {stands[_beyond(one)]}."
    )


def _beyond(one: Bin) -> str:
    """Tell whether photos were so "more" or "less" often than said, beyond the interval; "" where that is not told."""
    if one["low"] is None or one["score"] is None or alike(one):
        return ""
    if one["low"] <= one["score"] <= one["high"]:
        return ""
    return "more" if one["score"] < one["low"] else "less"


def both_known(own: Mapping[str, Any]) -> bool:
    """Tell whether both coverage and risk of a release were measured."""
    return all(own.get(name, {}).get("value") is not None for name in ("coverage", "risk"))


def say_risk(curve: Sequence[Mapping[str, Any]], own: Mapping[str, Any]) -> list[str]:
    """Say the curve's ends and the release's own point, as markdown."""
    half = min(curve, key=lambda one: abs(one["coverage"] - 0.5))
    lines = [
        f"Were every photo answered, **{say(curve[-1], '%', n=False)}** of the answers would be wrong.",
        f"Were only the surest {percent(half['coverage'])} answered, **{say(half, '%', n=False)}**.",
    ]
    if not both_known(own):
        return [*lines, "Where the release itself stands was not measured on these photos."]
    return [
        *lines,
        f"The release answers **{percent(own['coverage']['value'])}** of them (the others are "
        f"“inconclusive”), and **{say(own['risk'], '%', n=False)}** of its answers are wrong.",
    ]


def say_sets(figures: Mapping[str, Mapping[str, Any]], promised: float) -> list[str]:
    """Say for each true label whether its sets hold it as often as promised, as markdown."""
    return [
        f"Of {count(part['held']['n'])} photos that are **{markup.escaped(label)}**, the set holds that label "
        f"in **{say(part['held'], '%', n=False)}**: {_say_promise(part['held'], promised)} {percent(promised)} "
        f"promised. All three stay possible for {percent(part['3']['value'])} of them."
        for label, part in figures.items()
    ]


def _say_promise(figure: Mapping[str, Any], promised: float) -> str:
    if figure["high"] is not None and figure["high"] < promised:
        return "**less** than the"
    return "more than the" if figure["low"] is not None and figure["low"] > promised else "in keeping with the"


def how_many(photos: int, up_to: float) -> str:
    """Say a number of a tree: "7", or "0–12" of what was never met, `up_to` being NaN otherwise."""
    return count(photos) if up_to != up_to else f"{count(photos)}–{count(photos + int(up_to))}"


def say_flagged(table: pd.DataFrame) -> tuple[str, str]:
    """Say of a tree's leaves how many photos are flagged and how many of those are edited.

    Returns:
        For those who do not see the tree, in plain text; and for those who do, as markdown.
    """
    mine = table[table.outcome == "flagged"].set_index("truth")
    edited, others = (how_many(int(mine.photos[truth]), mine[UP_TO][truth]) for truth in TRUTHS)
    in_all = how_many(int(mine.photos.sum()), mine[UP_TO].sum(min_count=1))
    never = [name for truth, name in SAID_OF.items() if mine[UP_TO].notna()[truth]]
    unknown = f"What share of them is edited is not known: {' and '.join(never)} were never flagged here."
    whole = count(int(table.photos.sum()))
    seen = f"Of {whole} photos, {in_all} are flagged: {edited} edited ones and {others} others."
    if never:
        return f"{seen} {unknown}", f"Flagged in all: {in_all}. {unknown}"
    return seen, f"Flagged in all: {in_all}, of which **{edited}** are edited."


def say_cautions(seen: Rates, unedited: Rates, one_in: int) -> list[str]:
    """Return what must be known of the two sentences, as markdown."""
    both = seen.value[2] / one_in + unedited.value[2] * (1 - 1 / one_in)
    lines = [
        f"About {100 * both:.0f} of 100 photos are called inconclusive and count in neither. Measured on n "
        f"{count(seen.n)} edited and n {count(unedited.n)} unedited photos; intervals by groups."
    ]
    if unedited.counts[0] == 0:
        high = percent(unedited.figure("flagged")["high"])
        lines.append(
            f"**None** of these {count(unedited.n)} unedited photos was flagged. That is no promise: "
            f"in truth up to {high} of such photos may be, and the interval counts with that."
        )
    if min(seen.groups, unedited.groups) < FEW:
        lines.append(
            f"**Few photos**: {count(min(seen.groups, unedited.groups))} persons or groups of near "
            "duplicates; look at the interval, not at the number."
        )
    return lines
