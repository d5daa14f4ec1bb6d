"""What the page Calibration keeps between two runs."""

from typing import Any

import streamlit as st

from dashboard.session.stamps import stamps_in
from pipeline.figures.label_sets import set_figures
from pipeline.results.evaluation import Evaluation


def label_sets(shown: Evaluation, quantiles: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Return how a release's conformal sets came out on an evaluation's photos, measured once for all sessions."""
    return _label_sets(str(shown.path), stamps_in(shown.path), quantiles, shown)


@st.cache_resource(show_spinner=False, max_entries=12)
def _label_sets(path: str, stamps: str, quantiles: dict[str, float], _shown: Evaluation) -> dict[str, dict[str, Any]]:
    return set_figures(_shown.predictions, quantiles)
