"""Heatmaps: do they point where photos were edited, by which method, where on average, and where are they wrong?"""

import streamlit as st

from dashboard import state
from dashboard.draw import evaluation, maps_examples, maps_means, maps_methods, maps_pointing, message
from pipeline.results.evaluation import Evaluation
from pipeline.results.maps import MapFolder

TITLE = "Heatmaps"
ICON = "🗺️"
GROUP = "Understand the models"
ORDER = 60


def render() -> None:
    """Draw what was measured of a release's maps."""
    st.title(TITLE, anchor=False)
    message.how_to_read(
        "A heatmap shows what a network took for an edit, or what moved its score: here, against known edits.",
        "Each share stands beside chance, what an answer that never saw the photo reaches: only what is above counts.",
    )
    shown = evaluation.choose()
    if shown is None:
        return
    found = None
    with message.told():
        found = state.measured_maps(shown.release, str(shown.run.get("revision", "")))
    maps_pointing.headline(shown, maps_methods.blind_at_peaks(found, maps_methods.shipped_method(shown)))
    st.subheader("Does the peak lie where the photo was edited?", anchor=False)
    state.live("maps-by-set", lambda: maps_pointing.by_set(shown), None)
    st.subheader("Does the score rest on what the map marks?", anchor=False)
    maps_pointing.faithful(shown)
    st.subheader("Would another way of making maps do better?", anchor=False)
    state.live("maps-by-method", lambda: _methods(shown, found), None)
    st.subheader("Where stage 1 looks on average", anchor=False)
    state.live("maps-means", lambda: maps_means.means(shown), None)
    st.subheader("Examples: where the map is wrong", anchor=False)
    st.caption(maps_examples.counted(shown))
    state.live("maps-examples", lambda: maps_examples.examples(shown), None)


def _methods(shown: Evaluation, found: MapFolder | None) -> None:
    if found is None:
        maps_methods.none_yet(shown.release)
        return
    shipped = maps_methods.shipped_method(shown)
    maps_methods.about(found, shipped)
    maps_methods.by_method(found, shipped)
