"""On which photos do verdicts go wrong: a shallow decision tree over the facts, and whether it holds on others.

As the error analysis of the Responsible AI Toolbox does (Nushi et al., HCOMP 2018): the tree separates wrong from right
verdicts, and each of its nodes is a group of photos that can be said in words. Real photos and edits have trees of
their own, for what only edits have would tell the label, and with it whether there can be a false alarm.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.figures import bootstrap, measures
from pipeline.figures.bootstrap import Weighted
from pipeline.figures.tree_questions import Column, columns_of, say_condition, say_conditions

DEPTH = 3
LEAST, LEAST_SHARE = 30, 0.02
"""Photos in a leaf at least: so many, and such a share of all."""
FOLDS = 5
FEWEST = 20
"""Wrong verdicts, and right ones, under which no tree is grown."""
TREES = {"real": False, "edited": True}
"""Trees by name, and whether they are about edits. Of an edit a verdict is wrong that misses it or its kind."""


def error_tree(table: pd.DataFrame) -> dict[str, Any]:
    """Return the trees of wrong `forced` verdicts: of "real" photos, and of "edited" ones.

    Args:
        table: predictions, as `pipeline.results.evaluation.read_predictions` gives them.

    Returns:
        Each has "n", "errors", "why" (why there is no tree, or "") and "nodes". A tree that was grown also has:

        - "facts": what it could ask.
        - "least": photos of a leaf.
        - "folds", and "held out": the AUC of errors as trees grown on other groups tell them, a figure.

        Its nodes, from the root on:

        - "node" and "parent": −1 of the root.
        - "condition", and "path": all conditions from the root on, each fact once.
        - "leaf": whether it is one.
        - "n", "groups", "errors", "share of errors", and "error rate" as a figure.
        - "missed" and "wrong kind": of edits only.
    """
    edited = (table.label != "real").to_numpy(bool)
    return {name: _tree(table[edited == about]) for name, about in TREES.items()}


def _tree(table: pd.DataFrame) -> dict[str, Any]:
    wrong = (table.forced != table.label).to_numpy(bool)
    counts = {"n": len(table), "errors": int(wrong.sum())}
    columns = columns_of(table)
    if why := _why_not(table, wrong, columns):
        return counts | {"why": why, "nodes": []}
    values = np.stack([column.values for column in columns], axis=1).astype(np.float32)
    least = max(LEAST, int(np.ceil(LEAST_SHARE * len(table))))
    return counts | {
        "why": "",
        "facts": list(dict.fromkeys(column.fact for column in columns)),
        "least": least,
        "folds": min(FOLDS, table.group.nunique()),
        "held out": _held_out(table, values, wrong, least),
        "nodes": _nodes(table, columns, values, wrong, least),
    }


def _why_not(table: pd.DataFrame, wrong: np.ndarray, columns: list[Column]) -> str:
    few = min(int(wrong.sum()), int((~wrong).sum()))
    if len(table) < 2 * LEAST:
        return f"fewer than {2 * LEAST} photos"
    if few < FEWEST:
        return f"fewer than {FEWEST} wrong verdicts" if few == wrong.sum() else f"fewer than {FEWEST} right verdicts"
    if table.group.nunique() < 2 * FOLDS:
        return f"fewer than {2 * FOLDS} groups of photos"
    return "" if columns else "nothing is known of the photos beside their scores"


def _grow(values: np.ndarray, wrong: np.ndarray, least: int) -> Any:
    """Grow a tree on (N, F) float32 facts, NaN where unknown, and (N,) bool errors."""
    from sklearn.tree import DecisionTreeClassifier  # takes a second to import

    return DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, random_state=0).fit(values, wrong)


def _held_out(table: pd.DataFrame, values: np.ndarray, wrong: np.ndarray, least: int) -> dict[str, Any]:
    """Tell how well trees separate errors on groups they were not grown on: an AUC over the pairs within a fold.

    Scores of two folds come from two trees and are not compared. Without groups in common, for photos of one person go
    wrong together.
    """
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(min(FOLDS, table.group.nunique())).split(values, groups=table.group)
    score, fold = np.zeros(len(table)), np.zeros(len(table), int)
    for number, (grow, hold) in enumerate(folds):
        tree = _grow(values[grow], wrong[grow], least)
        score[hold], fold[hold] = tree.predict_proba(values[hold]) @ tree.classes_.astype(float), number
    return bootstrap.interval(table, Weighted(lambda _, weights: _auc_within(wrong, score, fold, weights)))


def _auc_within(wrong: np.ndarray, score: np.ndarray, fold: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the AUC of each draw over all pairs within a fold; a fold needs errors and right verdicts to have any."""
    area, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for number in np.unique(fold):
        mine = fold == number
        drawn = weights[:, mine]
        count = (drawn @ wrong[mine]) * (drawn @ ~wrong[mine])
        area += np.where(count > 0, np.nan_to_num(measures.auc(wrong[mine], score[mine], drawn)) * count, 0)
        pairs += count
    return measures.divide(area, pairs)


def _nodes(
    table: pd.DataFrame, columns: list[Column], values: np.ndarray, wrong: np.ndarray, least: int
) -> list[dict[str, Any]]:
    grown = _grow(values, wrong, least)
    inside = np.asarray(grown.decision_path(values).todense(), bool)

    def rates(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        return measures.divide(weights @ (inside & wrong[:, None]).astype(float), weights @ inside.astype(float))

    shape = _shape(grown, columns, inside.T.astype(int) @ np.isnan(values) > 0)
    return [
        node | _counts(table[mine], wrong[mine], int(wrong.sum())) | {"error rate": figure | {"n": int(mine.sum())}}
        for node, mine, figure in zip(shape, inside.T, bootstrap.figures_of(table, rates), strict=True)
    ]


def _shape(grown: Any, columns: list[Column], unknown: np.ndarray) -> list[dict[str, Any]]:
    """Return a grown tree's nodes in words, in its own order: every node after its parent.

    Args:
        grown: the tree.
        columns: F facts that it asks.
        unknown: (nodes, F) bool: of which facts a node holds photos that are not known. The tree itself cannot tell:
            unknown photos have a side at every split, also where there are none.
    """
    tree = grown.tree_
    asked: list[dict[tuple[str, str], tuple[int, float, bool]]] = [{} for _ in range(tree.node_count)]
    nodes = [{"node": 0, "parent": -1, "condition": "all", "path": []} for _ in range(tree.node_count)]
    for node in range(tree.node_count):
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        nodes[node]["leaf"] = left < 0
        for child, above in ((left, False), (right, True)) if left >= 0 else ():
            feature = int(tree.feature[node])
            question = feature, float(tree.threshold[node]), above
            side = str(above) if np.isfinite(question[1]) else "known"  # stands beside what is asked of the known
            asked[child] = asked[node] | {(columns[feature].name, side): question}
            words = [_say(columns, one, unknown[child]) for one in asked[child].values()]
            text = _say(columns, question, unknown[child])
            nodes[child] |= {"node": child, "parent": node, "condition": text, "path": say_conditions(words)}
    return nodes


def _say(columns: list[Column], question: tuple[int, float, bool], unknown: np.ndarray) -> str:
    """Say a question as (fact, threshold, whether above) of a node that holds photos of (F,) unknown facts."""
    feature, threshold, above = question
    return say_condition(columns[feature], threshold, above, bool(unknown[feature]))


def _counts(table: pd.DataFrame, wrong: np.ndarray, all_errors: int) -> dict[str, Any]:
    errors = int(wrong.sum())
    counts = {
        "n": len(table),
        "groups": int(table.group.nunique()),
        "errors": errors,
        "share of errors": round(errors / all_errors, 4),
    }
    if table.label.eq("real").any():
        return counts
    missed = int((table.forced == "real").sum())
    return counts | {"missed": missed, "wrong kind": errors - missed}
