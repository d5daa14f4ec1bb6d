"""What the page Compare asks: two evaluations of one data set."""

from collections.abc import Sequence

import streamlit as st

from dashboard.kit import choose_evaluation, markup
from dashboard.session import evaluations
from dashboard.views.compare.measurements import datasets_of, labels_of, name_of, newest_of_each, others_of
from models.release import read_release
from pipeline.results.index import EvaluationFolder
from pipeline.words import readable


def choose() -> tuple[EvaluationFolder, EvaluationFolder] | None:
    """Ask for a data set and two evaluations of it; None, with what to do, where there are no two."""
    measurements = [*evaluations.evaluations(), *evaluations.baselines()]
    choose_evaluation.draw_damaged([one for one in measurements if one.problem])
    whole = [one for one in measurements if not one.problem]
    if not whole:
        choose_evaluation.draw_nothing_yet()
        return None
    pairs = {name: mine for name in datasets_of(whole) if len(mine := newest_of_each(whole, name)) > 1}
    if not pairs:
        _draw_only(whole)
        return None
    return _ask(pairs)


def _ask(pairs: dict[str, list[EvaluationFolder]]) -> tuple[EvaluationFolder, EvaluationFolder]:
    left, middle, right = st.columns([2, 1.3, 1.3])
    dataset = left.selectbox(
        "Measured on",
        list(pairs),
        format_func=lambda name: choose_evaluation.DATASETS.get(name, readable.plain(name)),
        key="compare-dataset",
        persist_state="session",
    )
    mine = pairs[dataset]
    second = right.selectbox(
        "Looked at", labels_of(mine), _usual(mine), key=f"compare-second-{dataset}", persist_state="session"
    )
    chosen = mine[labels_of(mine).index(second)]
    others = others_of(chosen, mine)
    first = middle.selectbox(
        "Held against", labels_of(others), key=f"compare-first-{dataset}-{second}", persist_state="session"
    )
    return others[labels_of(others).index(first)], chosen


def _usual(mine: Sequence[EvaluationFolder]) -> int:
    """Return the place of the release in use; else the first."""
    names = [str(one.run["release"]) for one in mine]
    in_use = evaluations.release_in_use()
    return names.index(in_use) if in_use in names else 0


def _draw_only(whole: Sequence[EvaluationFolder]) -> None:
    """Say that there is nothing to compare with, and how to get something."""
    there = ", ".join(f"{name_of(one.run)} on {one.run['dataset']}" for one in whole)
    st.info(
        f"Comparing takes two evaluations of one data set. There is only: {markup.escaped(there)}. Measure a "
        "second release, or a baseline, on the same prepared photos:"
    )
    st.code(
        f"python -m pipeline evaluate {read_release().name} .telltale/prepared\n"
        "python -m pipeline baseline svm .telltale/prepared --out .telltale/baselines",
        language="sh",
    )
