"""What the page Heatmaps keeps between two runs."""

from typing import Any

import streamlit as st

from dashboard.session.stamps import stamps_in
from pipeline.figures.maps import by_kind
from pipeline.results.maps import MapFolder


def maps_by_kind(maps: MapFolder, photos: str, measure: str) -> dict[str, dict[str, Any]]:
    """Return kind of edit → method → figure of a set of photos, drawn once for all sessions."""
    return _maps_by_kind(str(maps.path), stamps_in(maps.path), photos, measure, maps)


@st.cache_resource(show_spinner=False, max_entries=128)
def _maps_by_kind(path: str, stamps: str, photos: str, measure: str, _maps: MapFolder) -> dict[str, dict[str, Any]]:
    table = _maps.pictures
    return by_kind(table[(table["split"] == _maps.split) & (table["set"] == photos)], measure)
