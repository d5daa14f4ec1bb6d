"""Heatmaps as they were measured, method by method, for the page Heatmaps."""

from pathlib import Path

import streamlit as st

from dashboard.session.stamps import stamps_in
from pipeline.results.maps import MapFolder, map_folders
from pipeline.settings import settings


def measured_maps(release: str, revision: str) -> MapFolder | None:
    """Return a release's maps as they were measured by method, on these very photos if there are several; or None.

    Raises:
        BadEvaluation: the folder cannot be read.
    """
    folders = map_folders(release, settings().evaluations)
    same = [path for path in folders if path.name == f"maps@{revision}"]
    path = next(iter((same or folders)[::-1]), None)
    return _measured_maps(str(path), stamps_in(path)) if path else None


@st.cache_resource(show_spinner=False, max_entries=12)
def _measured_maps(path: str, stamps: str) -> MapFolder:
    return MapFolder.read(Path(path))
