"""What the page Calibration keeps between two runs."""

from typing import Any

import streamlit as st

from dashboard.session.stamps import stamps_in
from pipeline.figures.label_sets import set_figures
from pipeline.results.evaluation import Evaluation


def label_sets(evaluation: Evaluation, quantiles: dict[str, float]) -> dict[str, dict[str, Any]]:
    """Return how a release's conformal sets came out on an evaluation's photos, measured once for all sessions."""
    return _label_sets(str(evaluation.path), stamps_in(evaluation.path), quantiles, evaluation)


@st.cache_resource(show_spinner=False, max_entries=12)
def _label_sets(
    path: str, stamps: str, quantiles: dict[str, float], _evaluation: Evaluation
) -> dict[str, dict[str, Any]]:
    return set_figures(_evaluation.predictions, quantiles)
