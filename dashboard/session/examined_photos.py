"""What is expensive of an examined photo, kept for the last few that were opened: its pictures and its maps."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.session.opened import Opened, opened
from models.release import StageName
from pipeline.casebook.runs import Runs
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.pictures.photo import Picture, picture

BY_PLACE: dict[str | type[Any], Callable[[Any], Any]] = {Face: lambda face: face.place}
"""How a cache tells the faces of one photo apart."""


@st.cache_resource(show_spinner=False, max_entries=12)
def opened_photo(run_id: str, index: int, revision: int, _record: dict[str, Any]) -> Opened:
    """Return an examined photo for drawing, kept for the last few that were opened.

    `revision` tells a photo that was examined again from what it was before.
    """
    return opened(Runs().open(run_id), _record)


@st.cache_resource(show_spinner=False, max_entries=12, hash_funcs=BY_PLACE)
def zoomed(run_id: str, index: int, face: Face, _record: dict[str, Any]) -> Picture:
    """Return a face's part of the photo, from its original pixels."""
    run = Runs().open(run_id)
    data = run.original(run.inputs()[index])
    return picture(Photo.read(data, _record.get("partial", False), _record.get("frame", 0)), face.window)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=BY_PLACE)
def asked_map(sha256: str, face: Face, stage: StageName, label: str, release: str) -> Heatmap:
    """Return the map of a photo's face for any stage and label, computed when it is first asked for."""
    from pipeline.cascade import explain, load_cascade, tensor_of

    return explain(load_cascade(release), [face], tensor_of([face]), stage, [label])[0]
