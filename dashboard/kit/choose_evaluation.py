"""Choosing what is looked at, and under which conditions it was measured."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.kit.fact_list import html_list
from dashboard.session import evaluations, widgets
from models.release import read_release
from pipeline.errors import TriageError
from pipeline.results.evaluation import BENCHMARK, NEWER, Evaluation
from pipeline.results.index import EvaluationFolder
from pipeline.settings import settings
from pipeline.words import figures as measured
from pipeline.words import readable

DATASETS = {
    "test": "test: held-out photos of the collections, and forged edits of them",
    "unseen": "unseen: real photos of sources that no model saw",
    BENCHMARK: "same originals: both kinds of edit, and the photos they were made from",
    NEWER: "newer edits: both kinds, by the forge's second generation of operations, and their originals",
    "val": "val: the photos that thresholds were chosen on",
}
"""What each data set is, in words."""
FIRST = "test"


def choose(datasets: Sequence[str] = (), key: str = "evaluation") -> Evaluation | None:
    """Ask for a release and a data set, both kept from page to page; None, with a message, where nothing can be shown.

    Args:
        datasets: names that the page can use; all if it is empty.
        key: of the choice of a data set: pages that show different ones use different keys; the release is one for all.
    """
    folders = evaluations.evaluations()
    usable = [one for one in folders if not one.problem and (not datasets or one.run["dataset"] in datasets)]
    draw_damaged([one for one in folders if one.problem])
    if not usable:
        draw_nothing_yet(datasets)
        return None
    releases = list(dict.fromkeys(str(one.run["release"]) for one in reversed(usable)))
    left, right = st.columns([1, 2])
    used = evaluations.release_in_use()
    start = releases.index(used) if used in releases else 0
    wanted = widgets.value_of(evaluations.RELEASE)
    release = left.selectbox("Release", releases, start, key=evaluations.RELEASE, persist_state="session")
    _warn_unmeasured(used, wanted, releases, release, datasets)
    named = {str(one.run["dataset"]): one for one in usable if one.run["release"] == release}
    names = sorted(named, key=lambda name: (name != FIRST, name))
    dataset = right.selectbox(
        "Measured on",
        names,
        format_func=lambda name: DATASETS.get(name, readable.plain(name)),
        key=f"{key}-dataset",
        persist_state="session",
    )
    evaluation = evaluations.read_evaluation(named[dataset].path)
    draw_conditions(evaluation)
    return evaluation


def _warn_unmeasured(
    used: str, wanted: str | None, releases: Sequence[str], chosen: str, datasets: Sequence[str]
) -> None:
    """Warn where the release in use, or the one chosen on another page, was not measured on what this page shows."""
    where = f" on {' or '.join(datasets)}" if datasets else ""
    reasons = {wanted: "which was chosen", used: "which examines photos here"}
    for name, which in reasons.items():
        if name and name not in releases:
            st.warning(
                f"Release {markup.escaped(name)}, {which}, was not measured{where}. These are the figures of "
                f"{markup.escaped(chosen)}.",
                icon=":material/warning:",
            )


def draw_conditions(evaluation: Evaluation) -> None:
    """Say on one line what was measured and when; all conditions can be unfolded; warn of a trial."""
    run, date = evaluation.run, markup.escaped(str(evaluation.run.get("date", "–"))[:10])
    counts = evaluation.predictions.label.value_counts()
    parts = ", ".join(f"{measured.count(int(counts[label]))} {label}" for label in counts.index)
    st.caption(
        f"{measured.count(len(evaluation.predictions))} photos ({parts}), measured {date}; "
        f"data revision {markup.escaped(str(run.get('revision', '–')))}."
    )
    if is_stale(evaluation):
        st.warning(
            messages.stale(
                evaluation.release, "These figures are those of another version of it: evaluate the release again."
            ),
            icon=":material/warning:",
        )
    if run.get("most"):
        st.warning("This is a trial on a part of the photos, not the whole data set.", icon=":material/warning:")
    with st.expander("Conditions of the measurement"):
        st.html(html_list({key.replace("_", " "): _flat(value) for key, value in run.items() if key != "notes"}))
        for name, note in run.get("notes", {}).items():
            st.caption(f"**{markup.escaped(str(name))}**: {markup.escaped(str(note))}")


def warn_of_unseen(release: str, run: Mapping[str, Any]) -> None:
    """Warn where figures of sources that no model saw, beside an evaluation, are of another version or of a trial.

    Args:
        release: its name.
        run: run.json of the evaluation on those sources.
    """
    which = "What is said of sources that no model saw"
    if has_changed(release, run):
        hence = f"{which} is of another version of it."
        st.warning(messages.stale(release, hence, "these were measured"), icon=":material/warning:")
    if run.get("most"):
        st.warning(f"{which} is of a trial on a part of the photos.", icon=":material/warning:")


def is_stale(evaluation: Evaluation) -> bool:
    """Tell whether a release's file is another one than was measured; one that is not here any more is not."""
    return has_changed(evaluation.release, evaluation.run)


def has_changed(release: str, run: Mapping[str, Any]) -> bool:
    """Tell whether a release's file is another one than a measurement's run.json names; not where either is unknown."""
    measured_as = run.get("release_sha256")
    try:
        return bool(measured_as) and read_release(release).sha256 != measured_as
    except TriageError:
        return False


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_flat(part)}" for key, part in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def draw_damaged(folders: Sequence[EvaluationFolder]) -> None:
    """Name the folders that cannot be shown, and why."""
    if not folders:
        return
    with st.expander(
        f"{len(folders)} folder{'s' * (len(folders) > 1)} under {markup.escaped(settings().evaluations.name)} "
        "cannot be shown",
        icon=":material/warning:",
    ):
        for one in folders:
            st.markdown(
                f"- {markup.escaped(one.path.parent.name)}/{markup.escaped(one.path.name)}: "
                f"{markup.escaped(one.problem)}"
            )


def draw_nothing_yet(datasets: Sequence[str] = ()) -> None:
    """Say that there is no evaluation yet, and how to make one."""
    what = f" of {' or '.join(markup.escaped(one) for one in datasets)}" if datasets else ""
    messages.how_to_evaluate(f"There is no evaluation{what} in {markup.escaped(str(settings().evaluations))} yet")


def shipped_method(evaluation: Evaluation) -> str:
    """Return the method that made an evaluation's maps; "" where it kept none."""
    methods = evaluation.predictions.map_method
    return str(next(iter(methods[methods != ""].mode()), ""))
