"""The tree of errors: which questions about a photo best tell where verdicts go wrong, and whether that holds."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.kit import charts, markup, messages
from dashboard.views.where_it_fails.tree_html import branch_html, tree_table
from dashboard.views.where_it_fails.wording import holds, say_held_out, say_worst_leaf
from pipeline.results.evaluation import Evaluation
from pipeline.words.figures import count

ERROR_TREE = "error tree"
TITLES = {
    "edited": "Edited photos: missed, or taken for the wrong kind",
    "real": "Real photos: called edited",
}
NOUNS = {"edited": "edited photos", "real": "real photos"}

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


def draw(evaluation: Evaluation) -> None:
    """Draw both trees, each with what it comes to on photos that it was not grown on."""
    if ERROR_TREE not in evaluation.metrics:
        messages.how_to_evaluate("This evaluation was written before error trees were measured", evaluation)
        return
    for name, title in TITLES.items():
        tree = evaluation.metrics[ERROR_TREE].get(name, {})
        st.markdown(f"**{title}**")
        if not tree.get("nodes"):
            counts = f"wrong verdicts: {tree.get('errors', 0)} of {count(tree.get('n', 0))}"
            st.info(f"No tree of {NOUNS[name]}: {markup.escaped(tree.get('why') or 'it was not grown')} ({counts}).")
            continue
        st.markdown(say_held_out(tree["held out"]))
        if holds(tree["held out"]):
            _draw_tree(tree, name)
        else:
            with st.expander("Show the tree all the same"):
                _draw_tree(tree, name)


def _draw_tree(tree: Mapping[str, Any], name: str) -> None:
    nodes = tree["nodes"]
    st.markdown(say_worst_leaf(tree, NOUNS[name]))
    st.html(_STYLE + f'<div class="tt-tree"><ul>{branch_html(nodes, 0, tree, NOUNS[name])}</ul></div>')
    st.caption(
        "Read downwards: each box is a part of the one above it. Its colour tells the error rate beside the worst box, "
        "its bar which share of all these photos it holds; intervals are 95 %. The questions were chosen on these same "
        "photos, so boxes differ somewhat less than they seem to. Verdicts are taken without abstention. Asked were: "
        f"{markup.escaped(', '.join(tree['facts']))}; at least {tree['least']} photos a box, "
        f"{tree['folds']} folds by group for the check."
    )
    table = tree_table(nodes)
    with st.expander("As a table"):
        st.dataframe(table, hide_index=True, alt="The tree's nodes")
    charts.offer_csv(table, f"error-tree-{name}")
