"""Evaluations: where they are kept, each read once for all sessions, and what is drawn from one of them alone."""

import zlib
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.session.stamps import stamps_in
from models.release import read_release
from pipeline.figures.base_rates import Tally
from pipeline.results.audit import AuditFile
from pipeline.results.audit import audits as found_audits
from pipeline.results.evaluation import LEFT_OUT, Evaluation, read_metrics
from pipeline.results.folds import by_folds as found_by_folds
from pipeline.results.index import EvaluationFolder, folders, newest_of
from pipeline.settings import settings


def release_in_use() -> str:
    """Return the name of the release that examines photos."""
    return read_release(settings().release).name


def evaluations() -> list[EvaluationFolder]:
    """Return what stands where evaluations are kept: those of releases, oldest first."""
    return folders(home=settings().evaluations)


def newest(release: str, dataset: str) -> EvaluationFolder | None:
    """Return a release's newest whole evaluation on a data set; None where there is none."""
    return newest_of(evaluations(), release, dataset)


def baselines() -> list[EvaluationFolder]:
    """Return the evaluations of baselines, oldest first."""
    return folders("baselines/*", settings().evaluations)


def left_out() -> list[EvaluationFolder]:
    """Return the evaluations of networks that were trained without one source, or for comparison with all of them."""
    return folders(f"{LEFT_OUT}/*", settings().evaluations)


def by_folds() -> list[Path]:
    """Return the folders of what was measured by cross-validation, damaged ones too."""
    return found_by_folds(settings().evaluations)


def audits() -> list[AuditFile]:
    """Return the shortcut audits, damaged ones too, the newest first."""
    return found_audits(settings().evaluations)


def read_evaluation(path: Path) -> Evaluation:
    """Return an evaluation, read once for all sessions until one of its files changes; treat it as read-only.

    Raises:
        BadEvaluation: it cannot be read.
    """
    return _evaluation(str(path), stamps_in(path))


@st.cache_resource(show_spinner="Reading the evaluation …", max_entries=12)
def _evaluation(path: str, stamps: str) -> Evaluation:
    return Evaluation.read(Path(path))


def read_figures(path: Path) -> dict[str, Any]:
    """Return an evaluation's figures without its predictions, read once until they change; treat them as read-only.

    Raises:
        BadEvaluation: they cannot be read.
    """
    return _figures(str(path), stamps_in(path))


@st.cache_resource(show_spinner=False, max_entries=64)
def _figures(path: str, stamps: str) -> dict[str, Any]:
    return read_metrics(Path(path))


def tally(evaluation: Evaluation) -> Tally:
    """Return how often which photos get which verdict, drawn once for all sessions; treat it as read-only."""
    return _tally(str(evaluation.path), stamps_in(evaluation.path), evaluation)


@st.cache_resource(show_spinner=False, max_entries=12)
def _tally(path: str, stamps: str, _evaluated: Evaluation) -> Tally:
    return Tally.of(_evaluated.predictions, zlib.crc32(_evaluated.path.name.encode()))


RELEASE = "evaluation-release"
"""Key of the choice of a release: what is chosen on one evaluation page is shown on the others."""
