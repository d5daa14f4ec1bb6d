"""Which release judges, each by its name and its word, and beside the choice what it costs and what it reaches."""

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.kit import markup
from dashboard.session import evaluations
from models.in_use import WORDS, releases_in_use, word_of
from pipeline.errors import BadEvaluation
from pipeline.results.cost import cost_of
from pipeline.results.figure import figure
from pipeline.settings import settings
from pipeline.words import figures as measured

REACHED = (("edited", "collections", "recall"), ("edited", "collections", "false alarms"))


def named(release: str) -> str:
    """Return a release's name with the word that it is in use under."""
    word = word_of(release)
    return f"{word} · {release}" if word else release


def choose(releases: list[str], chosen: str) -> str:
    """Ask for a release: those in use first, older ones after them; return its name."""
    first = [name for name in releases_in_use().values() if name in releases]
    names = first + [name for name in releases[::-1] if name not in first]
    release = st.selectbox(
        "Release",
        names,
        names.index(chosen),
        format_func=named,
        key="release",
        persist_state="session",
        help="Which trained models judge.",
    )
    for name in first:
        mark = "**" if name == release else ""
        st.caption(f"{mark}{markup.escaped(named(name))}{mark}: {told(name)}")
    return release


def told(release: str) -> str:
    """Say in a sentence what a release costs and reaches, from what was measured of it; what was not is said too."""
    parts = [WORDS[word_of(release)]] if word_of(release) in WORDS else []
    return "; ".join([*parts, _cost(release), _reach(release)]) + "."


def _cost(release: str) -> str:
    cost = cost_of(release, settings().evaluations)
    if not cost:
        return "its cost was not measured"
    return f"{cost['photo']:.2g} s a photo, {cost['mapped']:.2g} s with its heatmap, on {cost['cores']} processor cores"


def _reach(release: str) -> str:
    found = evaluations.newest(release, "test")
    figures = _figures(found.path) if found and found.path else {}
    edits, alarms = (figure(figures, *place) for place in REACHED)
    if edits is None or alarms is None:
        return "how often it is wrong was not measured"
    return (
        f"on held-out photos it found {measured.percent(edits['value'])} of {measured.count(edits['n'])} edited ones "
        f"and called {measured.percent(alarms['value'])} of {measured.count(alarms['n'])} real ones edited"
    )


def _figures(path: Path) -> dict[str, Any]:
    try:
        return evaluations.figures(path)
    except BadEvaluation:  # the evaluation pages say what is wrong with it
        return {}
