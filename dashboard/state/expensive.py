"""What is expensive of an examined photo, kept for the last few that were opened: its pictures and its maps."""

from typing import Any

import streamlit as st

from dashboard.opened import Opened, Picture, opened, picture
from models.release import StageName
from pipeline.casebook.runs import Runs
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo


@st.cache_resource(show_spinner=False, max_entries=12)
def opened_photo(run_id: str, index: int, _record: dict[str, Any]) -> Opened:
    """Return an examined photo for drawing, kept for the last few that were opened."""
    return opened(Runs().open(run_id), _record)


@st.cache_resource(show_spinner=False, max_entries=12)
def zoomed(run_id: str, index: int, face: int, _face: Face) -> Picture:
    """Return a face's part of the photo, from its original pixels."""
    run = Runs().open(run_id)
    return picture(Photo.read(run.original(run.inputs()[index])), _face.window)


@st.cache_resource(show_spinner=False, max_entries=256)
def asked_map(sha256: str, face: int, stage: StageName, label: str, release: str, _face: Face) -> Heatmap:
    """Return the map of a face for any stage and label, computed when it is first asked for."""
    from pipeline.cascade import explain, load_cascade, tensor_of

    return explain(load_cascade(release), [_face], tensor_of([_face]), stage, [label])[0]
