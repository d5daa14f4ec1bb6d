"""The page's answer in a few lines: on which photos the release fails most, and how sure that is."""

from collections.abc import Mapping
from typing import Any

from dashboard.kit import markup
from dashboard.views.where_it_fails.measures import ALARMS, MISSED, Measure
from dashboard.views.where_it_fails.rows import WORSE, overall, rank_slices, records
from dashboard.views.where_it_fails.wording import say_by_luck
from pipeline.words.figures import say

NAMED = 3
"""Slices that are named at most."""


def say_summary(metrics: Mapping[str, Any]) -> list[str]:
    """Say what the figures come to, for edited and for real photos, and for photos saved again, as markdown."""
    lines = [say_worst(metrics, MISSED), say_worst(metrics, ALARMS), say_resaved(metrics)]
    return [line for line in lines if line]


def say_worst(metrics: Mapping[str, Any], measure: Measure) -> str:
    """Say on which photos a measure is worst, and how sure that is; "" where no slice was measured."""
    table = rank_slices(metrics, measure)
    if table.empty:
        return ""
    whole, over = overall(metrics, measure)
    rest = f"{markup.escaped(measure.say(whole))} over {over}" if whole else "no figure over all photos"
    head = "Edits are missed" if measure is MISSED else "Real photos are called edited"
    worse = table[table.standing == WORSE]
    if worse.empty:
        return (
            f"**{head} about equally often on all kinds of photos**, as far as can be told: {rest}. No slice is surely "
            f"worse; the highest, {_name_slice(records(table)[0], measure)}, may be chance."
        )
    names = [_name_slice(row, measure) for row in records(worse.head(NAMED))]
    return (
        f"**{head} most often on** {_join(names)}, against {rest}. "
        f"{'Its interval lies' if len(names) == 1 else 'Their intervals lie'} wholly above that; of the {len(table)} "
        f"slices {say_by_luck(len(table)).lower()} would by luck alone."
    )


def _name_slice(row: Mapping[str, Any], measure: Measure) -> str:
    return f"**{markup.escaped(row['about'])}: {markup.escaped(row['slice'])}**, {markup.escaped(measure.say(row))}"


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"


def say_resaved(metrics: Mapping[str, Any]) -> str:
    """Say whether a verdict would survive being saved again; "" where that was not measured."""
    tiers = metrics.get("tiers", {})
    flips = {name: tier["flips"] for name, tier in tiers.items() if name != "clean" and _has_flips(tier)}
    if not flips:
        return ""
    order = sorted(flips, key=lambda name: flips[name]["value"])
    most, least = flips[order[-1]], flips[order[0]]
    fewest = "" if len(order) == 1 else f", and “{markup.escaped(order[0])}” fewest, {markup.escaped(say(least, '%'))}"
    return (
        f"**Would a verdict survive a re-save? {_say_often(most['value'])}.** Of the changes that were tried "
        f"“{markup.escaped(order[-1])}” alters most verdicts, {markup.escaped(say(most, '%'))}{fewest}. Turning to or "
        "from “inconclusive” counts."
    )


def _say_often(share: float) -> str:
    if share < 0.01:
        return "Nearly always"
    return f"Mostly, but up to one in {max(2, round(1 / share))} would not" if share < 0.4 else "Often not"


def _has_flips(tier: Mapping[str, Any]) -> bool:
    return tier.get("flips", {}).get("value") is not None
