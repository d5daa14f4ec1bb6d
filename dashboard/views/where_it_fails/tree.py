"""The tree of errors: which questions about a photo best tell where verdicts go wrong, and whether that holds."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from dashboard.views.where_it_fails import rows as slice_rows
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured

KEY = "error tree"
TITLES = {
    "edited": "Edited photos: missed, or taken for the wrong kind",
    "real": "Real photos: called edited",
}
NOUNS = {"edited": "edited photos", "real": "real photos"}
WEAK = 0.6
"""AUC under which a tree that beats guessing still hardly separates."""
STRONGEST = 0.42
"""Opacity behind the worst node: text on it stays readable."""

_STYLE = """<style>
.tt-tree {container-type: inline-size;}
.tt-tree ul {display: flex; gap: .4rem; list-style: none; margin: .4rem 0 0 !important; padding: 0 !important;}
.tt-tree li {min-width: 0; margin: 0 !important; padding: 0 !important;}
.tt-box {border: 1px solid rgba(127, 127, 127, .6); border-radius: 3px; padding: .35rem .5rem; height: auto;
         font-size: .8125rem; line-height: 1.35; font-variant-numeric: tabular-nums; overflow-wrap: anywhere;}
.tt-box b {display: block; font-size: 1.05rem;}
.tt-box .tt-bar {height: 6px; margin: .3rem 0 .1rem;}
@container (max-width: 760px) {
  .tt-tree ul {flex-direction: column; border-left: 2px solid rgba(127, 127, 127, .6); margin-left: .35rem !important;
               padding-left: .55rem !important;}
}
</style>"""


def draw(shown: Evaluation) -> None:
    """Draw both trees, each with what it comes to on photos that it was not grown on."""
    if KEY not in shown.metrics:
        slice_rows.lacking("error trees", shown)
        return
    for name, title in TITLES.items():
        found = shown.metrics[KEY].get(name, {})
        st.markdown(f"**{title}**")
        if not found.get("nodes"):
            counts = f"wrong verdicts: {found.get('errors', 0)} of {measured.count(found.get('n', 0))}"
            st.info(f"No tree of {NOUNS[name]}: {markup.escaped(found.get('why') or 'it was not grown')} ({counts}).")
            continue
        st.markdown(held_out(found["held out"]))
        if holds(found["held out"]):
            _tree(found, name)
        else:
            with st.expander("Show the tree all the same"):
                _tree(found, name)


def holds(figure: Mapping[str, Any]) -> bool:
    """Tell whether a tree separates errors on photos that it was not grown on."""
    return figure["low"] is not None and figure["low"] > 0.5


def held_out(figure: Mapping[str, Any]) -> str:
    """Say whether a tree holds on photos that it was not grown on."""
    if figure["value"] is None:
        return "Whether the tree holds on other photos could not be measured: the errors lie in too few groups."
    auc = markup.escaped(f"{measured.plain(figure['value'])} (95 % interval {measured.interval('AUC', figure)}")
    said = f"On photos that it was not grown on, the tree tells wrong verdicts from right ones with an AUC of {auc}"
    if not holds(figure):
        return f"{said}, which holds 0\\.5, guessing\\): **it does not hold; what it shows may be luck\\.**"
    how = "it holds, but only just" if figure["value"] < WEAK else "the pattern holds"
    return f"{said}; 0\\.5 is guessing, 1 is perfect\\): **{how}**\\."


def worst(found: Mapping[str, Any], noun: str) -> str:
    """Say which leaf is surely the worst."""
    leaf = max((node for node in found["nodes"] if node["leaf"]), key=lambda node: node["error rate"]["low"] or 0)
    if not leaf["path"]:
        return "No question separates them."
    figure = leaf["error rate"]
    n = measured.count(leaf["n"])
    said = f"{measured.percent(figure['value'])} wrong ({measured.interval('risk', figure)}, n {n})"
    whole = measured.percent(found["errors"] / found["n"])
    return (
        f"The worst group of {noun}: {markup.escaped('; '.join(leaf['path']))}: **{markup.escaped(said)}**, "
        f"against {whole} of all; it holds {measured.percent(leaf['share of errors'])} of the errors."
    )


def _tree(found: Mapping[str, Any], name: str) -> None:
    nodes = found["nodes"]
    st.markdown(worst(found, NOUNS[name]))
    st.html(_STYLE + f'<div class="tt-tree"><ul>{_branch(nodes, 0, found, NOUNS[name])}</ul></div>')
    st.caption(
        "Read downwards: each box is a part of the one above it. Its colour tells the error rate beside the worst box, "
        "its bar which share of all these photos it holds; intervals are 95 %. The questions were chosen on these same "
        "photos, so boxes differ somewhat less than they seem to. Verdicts are taken without abstention. Asked were: "
        f"{markup.escaped(', '.join(found['facts']))}; at least {found['least']} photos a box, "
        f"{found['folds']} folds by group for the check."
    )
    table = as_table(nodes)
    with st.expander("As a table"):
        st.dataframe(table, hide_index=True, alt="The tree's nodes")
    charts.save(table, f"error-tree-{name}")


def _branch(nodes: Sequence[Mapping[str, Any]], place: int, found: Mapping[str, Any], noun: str) -> str:
    """Return a node and all under it as a list item; its width goes by the leaves under it."""
    children = [number for number, node in enumerate(nodes) if node["parent"] == nodes[place]["node"]]
    inner = "".join(_branch(nodes, child, found, noun) for child in children)
    box = _box(nodes[place], found, noun)
    return f'<li style="flex: {_leaves(nodes, place)} 1 0">{box}{f"<ul>{inner}</ul>" if inner else ""}</li>'


def _leaves(nodes: Sequence[Mapping[str, Any]], place: int) -> int:
    under = [number for number, node in enumerate(nodes) if node["parent"] == nodes[place]["node"]]
    return sum(_leaves(nodes, child) for child in under) or 1


def _box(node: Mapping[str, Any], found: Mapping[str, Any], noun: str) -> str:
    figure = node["error rate"]
    most = max(other["error rate"]["value"] or 0 for other in found["nodes"]) or 1
    shade = STRONGEST * (figure["value"] or 0) / most
    title = f"All {noun}" if not node["path"] else node["condition"]
    kinds = (
        f"{measured.count(node['missed'])} missed, {node['wrong kind']} of the wrong kind<br>"
        if node.get("wrong kind")
        else ""
    )
    return (
        f'<div class="tt-box" style="background: rgba(230, 159, 0, {shade:.2f})">{html.escape(title)}'
        f"<b>{measured.percent(figure['value'])} wrong</b>"
        f"{_within(figure)}, n&nbsp;{measured.count(node['n'])}<br>{kinds}"
        f"{measured.percent(node['share of errors'])} of all errors"
        f'<div class="tt-bar"><div class="tt-fill" style="width: {100 * node["n"] / found["n"]:.1f}%; '
        f'background: currentColor"></div></div></div>'
    )


def _within(figure: Mapping[str, Any]) -> str:
    """Say an interval; that of photos which all came out alike says nothing."""
    return "no interval: all alike" if measured.alike(figure) else measured.interval("risk", figure)


def as_table(nodes: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row a node: which photos, and how often they go wrong."""
    rows = [
        {
            "photos": "; ".join(node["path"]) or "all",
            "leaf": node["leaf"],
            **{name: node[name] for name in ("n", "groups", "errors", "missed", "wrong kind") if name in node},
            "error rate": node["error rate"]["value"],
            "low": node["error rate"]["low"],
            "high": node["error rate"]["high"],
            "share of errors": node["share of errors"],
        }
        for node in nodes
    ]
    return pd.DataFrame(rows)
