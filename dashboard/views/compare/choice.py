"""Choosing two evaluations of one data set."""

from collections.abc import Sequence

import streamlit as st

from dashboard.kit import choose_evaluation, markup
from dashboard.session import evaluations
from models.release import read_release
from pipeline.results.index import Found
from pipeline.words import readable

BASELINES = "baselines/"


def choose() -> tuple[Found, Found] | None:
    """Ask for a data set and two evaluations of it; None, with what to do, where there are no two."""
    found = [*evaluations.evaluations(), *evaluations.baselines()]
    choose_evaluation.damaged([one for one in found if one.problem])
    whole = [one for one in found if not one.problem]
    if not whole:
        choose_evaluation.nothing()
        return None
    pairs = {name: mine for name in _names(whole) if len(mine := several(whole, name)) > 1}
    if not pairs:
        _only(whole)
        return None
    return _asked(pairs)


def several(found: Sequence[Found], dataset: str) -> list[Found]:
    """Return the newest evaluation of each release and revision on a data set; releases first, the newest first."""
    last = {(one.run["release"], one.run.get("revision")): one for one in found if one.run["dataset"] == dataset}
    mine = [one for one in reversed(found) if last.get((one.run["release"], one.run.get("revision"))) is one]
    return sorted(mine, key=lambda one: str(one.run["release"]).startswith(BASELINES))


def beside(chosen: Found, mine: Sequence[Found]) -> list[Found]:
    """Return the other evaluations, those on the same revision first."""
    others = [one for one in mine if one is not chosen]
    return sorted(others, key=lambda one: one.run.get("revision") != chosen.run.get("revision"))


def name_of(run: dict[str, object]) -> str:
    """Name an evaluation: its release, or its baseline."""
    release = str(run["release"])
    return f"{release.removeprefix(BASELINES)} (baseline)" if release.startswith(BASELINES) else release


def _names(whole: Sequence[Found]) -> list[str]:
    names = sorted({str(one.run["dataset"]) for one in whole})
    return sorted(names, key=lambda name: name != choose_evaluation.FIRST)


def _asked(pairs: dict[str, list[Found]]) -> tuple[Found, Found]:
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
        "Looked at", _labels(mine), _usual(mine), key=f"compare-second-{dataset}", persist_state="session"
    )
    chosen = mine[_labels(mine).index(second)]
    others = beside(chosen, mine)
    first = middle.selectbox(
        "Held against", _labels(others), key=f"compare-first-{dataset}-{second}", persist_state="session"
    )
    return others[_labels(others).index(first)], chosen


def _usual(mine: Sequence[Found]) -> int:
    """Return the place of the release in use; else the first."""
    names = [str(one.run["release"]) for one in mine]
    in_use = evaluations.release_in_use()
    return names.index(in_use) if in_use in names else 0


def _labels(mine: Sequence[Found]) -> list[str]:
    """Name evaluations; where a release stands twice, with the revision of the data."""
    names = [name_of(one.run) for one in mine]
    return [
        readable.plain(name if names.count(name) == 1 else f"{name}, revision {one.run.get('revision', '–')}")
        for name, one in zip(names, mine, strict=True)
    ]


def _only(whole: Sequence[Found]) -> None:
    """Say that there is nothing to compare with, and how to get something."""
    there = ", ".join(f"{name_of(one.run)} on {one.run['dataset']}" for one in whole)
    st.info(
        f"Comparing takes two evaluations of one data set. There is only: {markup.escaped(there)}. Measure a "
        "second "
        "release, or a baseline, on the same prepared photos:"
    )
    st.code(
        f"python -m pipeline evaluate {read_release().name} .telltale/prepared\n"
        "python -m pipeline baseline svm .telltale/prepared --out .telltale/baselines",
        language="sh",
    )
