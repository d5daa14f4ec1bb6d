"""The tree of errors as HTML, and as a table."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.words.figures import count, percent, say_interval, say_value

STRONGEST = 0.42
"""Opacity behind the worst node: text on it stays readable."""


def branch_html(nodes: Sequence[Mapping[str, Any]], place: int, tree: Mapping[str, Any], noun: str) -> str:
    """Return a node and all under it as a list item; its width goes by the leaves under it."""
    children = [number for number, node in enumerate(nodes) if node["parent"] == nodes[place]["node"]]
    inner = "".join(branch_html(nodes, child, tree, noun) for child in children)
    box = _box_html(nodes[place], tree, noun)
    return f'<li style="flex: {_leaves(nodes, place)} 1 0">{box}{f"<ul>{inner}</ul>" if inner else ""}</li>'


def _leaves(nodes: Sequence[Mapping[str, Any]], place: int) -> int:
    under = [number for number, node in enumerate(nodes) if node["parent"] == nodes[place]["node"]]
    return sum(_leaves(nodes, child) for child in under) or 1


def _box_html(node: Mapping[str, Any], tree: Mapping[str, Any], noun: str) -> str:
    figure = node["error rate"]
    most = max(other["error rate"]["value"] or 0 for other in tree["nodes"]) or 1
    shade = STRONGEST * (figure["value"] or 0) / most
    title = f"All {noun}" if not node["path"] else node["condition"]
    kinds = (
        f"{count(node['missed'])} missed, {node['wrong kind']} of the wrong kind<br>" if node.get("wrong kind") else ""
    )
    return (
        f'<div class="tt-box" style="background: rgba(230, 159, 0, {shade:.2f})">{html.escape(title)}'
        f"<b>{say_value(figure, '%')} wrong</b>"
        f"interval {say_interval(figure, '%')}, n&nbsp;{count(node['n'])}<br>{kinds}"
        f"{percent(node['share of errors'])} of all errors"
        f'<div class="tt-bar"><div class="tt-fill" style="width: {100 * node["n"] / tree["n"]:.1f}%; '
        f'background: currentColor"></div></div></div>'
    )


def tree_table(nodes: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
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
