"""Heatmaps as they were measured, method by method, for the page Heatmaps."""

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.state.stamps import stamps_in
from pipeline.figures.maps import by_kind
from pipeline.results.maps import MapFolder, map_folders
from pipeline.settings import settings


def measured_maps(release: str, revision: str) -> MapFolder | None:
    """Return a release's maps as they were measured by method, on these very photos if there are several; or None.

    Raises:
        BadEvaluation: the folder cannot be read.
    """
    found = map_folders(release, settings().evaluations)
    same = [path for path in found if path.name == f"maps@{revision}"]
    path = next(iter((same or found)[::-1]), None)
    return _measured_maps(str(path), stamps_in(path)) if path else None


@st.cache_resource(show_spinner=False, max_entries=12)
def _measured_maps(path: str, stamps: str) -> MapFolder:
    return MapFolder.read(Path(path))


def maps_by_kind(found: MapFolder, photos: str, measure: str) -> dict[str, dict[str, Any]]:
    """Return kind of edit → method → figure of a set of photos, drawn once for all sessions."""
    return _maps_by_kind(str(found.path), stamps_in(found.path), photos, measure, found)


@st.cache_resource(show_spinner=False, max_entries=128)
def _maps_by_kind(path: str, stamps: str, photos: str, measure: str, _found: MapFolder) -> dict[str, dict[str, Any]]:
    table = _found.pictures
    return by_kind(table[(table["split"] == _found.split) & (table["set"] == photos)], measure)
