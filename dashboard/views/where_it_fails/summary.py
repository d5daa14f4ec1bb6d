"""The page's answer in a few lines: on which photos the release fails most, and how sure that is."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.kit import markup
from dashboard.views.where_it_fails import rows
from dashboard.views.where_it_fails.rows import ALARMS, MISSED, WORSE, Measure
from pipeline.words import figures as measured

NAMED = 3
"""Slices that are named at most."""


def draw(metrics: Mapping[str, Any]) -> None:
    """Draw what the figures come to, for edited and for real photos, and for photos saved again."""
    lines = [line for measure in (MISSED, ALARMS) if (line := sentence(metrics, measure))]
    if after := resaved(metrics):
        lines.append(after)
    if lines:
        with st.container(border=True):
            st.markdown("\n\n".join(lines))


def sentence(metrics: Mapping[str, Any], measure: Measure) -> str:
    """Say on which photos a measure is worst, and how sure that is; "" where no slice was measured."""
    table = rows.told(metrics, measure)
    if table.empty:
        return ""
    whole, over = rows.overall(metrics, measure)
    rest = f"{markup.escaped(measure.said(whole))} over {over}" if whole else "no figure over all photos"
    head = "Edits are missed" if measure is MISSED else "Real photos are called edited"
    worse = table[table.standing == WORSE]
    if worse.empty:
        return (
            f"**{head} about equally often on all kinds of photos**, as far as can be told: {rest}. No slice is surely "
            f"worse; the highest, {_named(rows.records(table)[0], measure)}, may be chance."
        )
    named = [_named(row, measure) for row in rows.records(worse.head(NAMED))]
    return (
        f"**{head} most often on** {_listed(named)}, against {rest}. "
        f"{'Its interval lies' if len(named) == 1 else 'Their intervals lie'} wholly above that; of the {len(table)} "
        f"slices {rows.by_luck(len(table)).lower()} would by luck alone."
    )


def _named(row: Mapping[str, Any], measure: Measure) -> str:
    return f"**{markup.escaped(row['about'])}: {markup.escaped(row['slice'])}**, {markup.escaped(measure.said(row))}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{'; '.join(parts[:-1])}; and {parts[-1]}"


def resaved(metrics: Mapping[str, Any]) -> str:
    """Say whether a verdict would survive being saved again; "" where that was not measured."""
    tiers = metrics.get("tiers", {})
    flips = {name: tier["flips"] for name, tier in tiers.items() if name != "clean" and _known(tier)}
    if not flips:
        return ""
    order = sorted(flips, key=lambda name: flips[name]["value"])
    most, least = flips[order[-1]], flips[order[0]]
    fewest = "" if len(order) == 1 else f", and “{markup.escaped(order[0])}” fewest, {_share(least)}"
    return (
        f"**Would a verdict survive a re-save? {_often(most['value'])}.** Of the changes that were tried "
        f"“{markup.escaped(order[-1])}” alters most verdicts, {_share(most)}{fewest}. Turning to or from "
        "“inconclusive” counts."
    )


def _often(share: float) -> str:
    if share < 0.01:
        return "Nearly always"
    return f"Mostly, but up to one in {max(2, round(1 / share))} would not" if share < 0.4 else "Often not"


def _share(figure: Mapping[str, Any]) -> str:
    said = (
        f"{measured.percent(figure['value'])} ({measured.interval('recall', figure)}, n {measured.count(figure['n'])})"
    )
    return markup.escaped(said)


def _known(tier: Mapping[str, Any]) -> bool:
    return tier.get("flips", {}).get("value") is not None
