"""Heatmaps: do they point where photos were edited, by which method, where on average, and where are they wrong?"""

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.kit.blind_maps import blind_at_peaks
from dashboard.kit.choose_evaluation import shipped_method
from dashboard.session import measured_maps
from dashboard.views.heatmaps import examples, means, methods, pointing
from pipeline.results.evaluation import Evaluation
from pipeline.results.maps import MapFolder

TITLE = "Heatmaps"
ICON = "🗺️"
GROUP = "Understand the models"
ORDER = 60


def render() -> None:
    """Draw what was measured of a release's maps."""
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "A heatmap shows what a network took for an edit, or what moved its score: here, against known edits.",
        "Each share stands beside chance, what an answer that never saw the photo reaches: only what is above counts.",
    )
    shown = choose_evaluation.choose()
    if shown is None:
        return
    found = None
    with messages.told():
        found = measured_maps.measured_maps(shown.release, str(shown.run.get("revision", "")))
    pointing.headline(shown, blind_at_peaks(found, shipped_method(shown)))
    st.subheader("Does the peak lie where the photo was edited?", anchor=False)
    messages.live("maps-by-set", lambda: pointing.by_set(shown), None)
    st.subheader("Does the score rest on what the map marks?", anchor=False)
    pointing.faithful(shown)
    st.subheader("Would another way of making maps do better?", anchor=False)
    messages.live("maps-by-method", lambda: _methods(shown, found), None)
    st.subheader("Where stage 1 looks on average", anchor=False)
    messages.live("maps-means", lambda: means.means(shown), None)
    st.subheader("Examples: where the map is wrong", anchor=False)
    st.caption(examples.counted(shown))
    messages.live("maps-examples", lambda: examples.examples(shown), None)


def _methods(shown: Evaluation, found: MapFolder | None) -> None:
    if found is None:
        methods.none_yet(shown.release)
        return
    shipped = shipped_method(shown)
    methods.about(found, shipped)
    methods.by_method(found, shipped)
