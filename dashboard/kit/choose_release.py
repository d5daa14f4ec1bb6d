"""Which release judges, each by its name and its word, and beside the choice what it costs and what it reaches."""

from pathlib import Path

import streamlit as st

from dashboard.kit import markup
from dashboard.session import evaluations
from models.in_use import WORDS, releases_in_use, word_of
from models.release import read_release
from pipeline.errors import BadEvaluation
from pipeline.results.cost import cost_of
from pipeline.results.figure import Figure, figure_at
from pipeline.settings import settings
from pipeline.words import figures as measured
from pipeline.words.track_record import caveat

REACHED = (("edited", "collections", "recall"), ("edited", "collections", "false alarms"))


def with_word(release: str) -> str:
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
        format_func=with_word,
        key="release",
        persist_state="session",
        help="Which trained models judge.",
    )
    for name in first:
        mark = "**" if name == release else ""
        st.caption(f"{mark}{markup.escaped(with_word(name))}{mark}: {say_release(name)}")
    return release


def say_release(release: str) -> str:
    """Say in a sentence what a release costs and reaches, from what was measured of it; what was not is said too."""
    parts = [WORDS[word_of(release)]] if word_of(release) in WORDS else []
    return "; ".join([*parts, _cost(release), _reach(release)]) + "."


def _cost(release: str) -> str:
    cost = cost_of(release, settings().evaluations)
    if not cost:
        return "its cost was not measured"
    return f"{cost['photo']:.2g} s a photo, {cost['mapped']:.2g} s with its heatmap, on {cost['cores']} processor cores"


def _reach(release: str) -> str:
    newest = evaluations.newest(release, "test")
    edits, alarms = _figures(newest.path) if newest and newest.path else (None, None)
    if edits is None or alarms is None:
        return "how often it is wrong was not measured"
    said = (
        f"on held-out photos it found {measured.say_value(edits, '%')} of {measured.count(edits.n)} edited ones "
        f"and called {measured.say_value(alarms, '%')} of {measured.count(alarms.n)} real ones edited"
    )
    note = caveat(read_release(release).sha256, newest.run) if newest else ""
    return f"{said}. {note.rstrip('.')}" if note else said


def _figures(path: Path) -> list[Figure | None]:
    try:
        metrics = evaluations.read_figures(path)
        return [figure_at(metrics, *place) for place in REACHED]
    except BadEvaluation:  # the evaluation pages say what is wrong with it
        return [None, None]
