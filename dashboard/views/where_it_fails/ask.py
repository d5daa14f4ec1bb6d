"""What the page asks: by which measure photos are compared."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.views.where_it_fails.measures import Measure


def choose_measure(measures: Sequence[Measure], rows: Sequence[Mapping[str, Any]], key: str) -> Measure:
    """Ask for one of the measures that any row has, or of all where none has any; the first is chosen at the start."""
    offered = [measure for measure in measures if any(measure.of(row) for row in rows)] or list(measures)
    names = [measure.name for measure in offered]
    chosen = st.segmented_control("Measure", names, default=names[0], required=True, key=key, wrap=True)
    return offered[names.index(chosen) if chosen in names else 0]
