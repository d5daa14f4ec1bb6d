"""Two evaluations beside each other, for the page Compare: paired, and their differences tested, once."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.session.stamps import stamps_of
from pipeline.figures import compare
from pipeline.results.evaluation import Evaluation


def pairing(first: Evaluation, second: Evaluation) -> tuple[compare.Pairing, pd.DataFrame]:
    """Return two evaluations' photos in pairs and those that flipped, paired once; treat both as read-only."""
    return _pairing(stamps_of(first, second), first, second)


@st.cache_resource(show_spinner=False, max_entries=4)
def _pairing(stamps: str, _first: Evaluation, _second: Evaluation) -> tuple[compare.Pairing, pd.DataFrame]:
    both = compare.pair_up(_first.predictions, _second.predictions)
    return both, compare.flips(both)


def differences(first: Evaluation, second: Evaluation, forgeries: bool) -> list[dict[str, Any]]:
    """Return `compare.differences` of two evaluations, drawn once for all sessions."""
    return _differences(stamps_of(first, second), forgeries, first, second)


@st.cache_resource(show_spinner=False, max_entries=48)
def _differences(stamps: str, forgeries: bool, _first: Evaluation, _second: Evaluation) -> list[dict[str, Any]]:
    return compare.differences(pairing(_first, _second)[0], forgeries)


def mcnemar(first: Evaluation, second: Evaluation) -> dict[str, Any]:
    """Return `compare.mcnemar` of two evaluations, tested once for all sessions."""
    return _mcnemar(stamps_of(first, second), first, second)


@st.cache_resource(show_spinner=False, max_entries=48)
def _mcnemar(stamps: str, _first: Evaluation, _second: Evaluation) -> dict[str, Any]:
    return compare.mcnemar(pairing(_first, _second)[0])
