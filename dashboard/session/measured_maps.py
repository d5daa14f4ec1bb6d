"""Heatmaps as they were measured, method by method, for the page Heatmaps."""

from pathlib import Path

import streamlit as st

from dashboard.session.stamps import stamps_in
from pipeline.results.maps import MapFolder, map_folders
from pipeline.settings import settings


def measured_maps(release: str, revision: str) -> MapFolder | None:
    """Return a release's maps as they were measured by method; None where they were not.

    Those measured on this revision of the data come first, then those measured last: these are of other photos.

    Raises:
        BadEvaluation: the folder cannot be read.
    """
    folders = map_folders(release, settings().evaluations)
    same = [path for path in folders if path.name == f"maps@{revision}"]
    if not folders:
        return None
    path = (same or folders)[-1]
    return _measured_maps(str(path), stamps_in(path))


@st.cache_resource(show_spinner=False, max_entries=12)
def _measured_maps(path: str, stamps: str) -> MapFolder:
    return MapFolder.read(Path(path))
