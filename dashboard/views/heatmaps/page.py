"""Heatmaps: do they point where photos were edited, by which method, where on average, and where are they wrong?"""

import streamlit as st

from dashboard.kit import choose_evaluation, messages
from dashboard.kit.blind_maps import blind_at_peaks, say_other_photos
from dashboard.kit.choose_evaluation import has_changed, shipped_method
from dashboard.session import measured_maps
from dashboard.views.heatmaps import examples, means, methods, pointing
from dashboard.views.heatmaps.wording import say_counts
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
    evaluation = choose_evaluation.choose()
    if evaluation is None:
        return
    folder = None
    with messages.showing_errors():
        folder = measured_maps.measured_maps(evaluation.release, str(evaluation.run.get("revision", "")))
    if folder is not None and has_changed(evaluation.release, folder.run):
        hence = "What is said of methods and of maps that never saw the photo is of another version of it."
        st.warning(messages.stale(evaluation.release, hence, "its maps were measured"), icon=":material/warning:")
    pointing.draw_headline(evaluation, blind_at_peaks(folder, shipped_method(evaluation), evaluation.run))
    st.subheader("Does the peak lie where the photo was edited?", anchor=False)
    messages.live("maps-by-set", lambda: pointing.draw_by_set(evaluation), None)
    st.subheader("Does the score rest on what the map marks?", anchor=False)
    pointing.draw_faithful(evaluation)
    st.subheader("Would another way of making maps do better?", anchor=False)
    messages.live("maps-by-method", lambda: _draw_methods(evaluation, folder), None)
    st.subheader("Where stage 1 looks on average", anchor=False)
    messages.live("maps-means", lambda: means.draw_means(evaluation), None)
    st.subheader("Examples: where the map is wrong", anchor=False)
    st.caption(say_counts(evaluation))
    messages.live("maps-examples", lambda: examples.draw_examples(evaluation), None)


def _draw_methods(evaluation: Evaluation, folder: MapFolder | None) -> None:
    if folder is None:
        methods.draw_none_yet(evaluation.release)
        return
    shipped = shipped_method(evaluation)
    methods.draw_about(folder, shipped, say_other_photos(folder, evaluation.run))
    methods.draw_by_method(folder, shipped)
