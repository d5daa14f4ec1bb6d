"""Which evaluated photos are like one: by what the first stage sees, and by what evaluations are sliced by."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard.session.evaluations import newest, read_evaluation
from dashboard.session.examined_photos import BY_PLACE
from dashboard.session.stamps import stamps_in
from models.release import read_release
from pipeline.casebook.runs import Runs
from pipeline.face import Face
from pipeline.figures.like_this import DATASET, known_of
from pipeline.results.evaluation import Evaluation

if TYPE_CHECKING:  # imported where it is used: it brings torch, which takes seconds
    from pipeline.results.neighbours import Neighbours


def neighbours(evaluation: Evaluation) -> "Neighbours | None":
    """Return the index of an evaluation's photos by what the first stage sees; None where it stored none.

    Raises:
        BadEvaluation: see `Neighbours.read`.
    """
    return _neighbours(str(evaluation.path), stamps_in(evaluation.path))


@st.cache_resource(show_spinner=False, max_entries=6)
def _neighbours(path: str, stamps: str) -> "Neighbours | None":
    from pipeline.results.neighbours import Neighbours

    return Neighbours.read(Path(path))


def nearest(sha256: str, release: str, face: Face) -> list[tuple[dict[str, Any], float]]:
    """Return the photos of a release's test that its first stage holds most alike to a face, each with its distance.

    Empty where that evaluation kept no features, or none of the release's own network.

    Raises:
        BadEvaluation: the evaluation is damaged.
    """
    test = newest(release, DATASET)
    if test is None:
        return []
    evaluation = read_evaluation(test.path)
    index, seen = neighbours(evaluation), _features(sha256, face, release)
    if index is None or seen is None or index.weights != read_release(release).edited.weights:
        return []
    rows = evaluation.predictions
    near = index.near(seen)
    photos = [{str(name): value for name, value in rows.iloc[row].items()} for row, _ in near]
    return [(known, distance) for known, (_, distance) in zip(photos, near, strict=True)]


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=BY_PLACE)
def _features(sha256: str, face: Face, release: str) -> np.ndarray | None:
    from pipeline.examining.loaded import load_cascade
    from pipeline.examining.networks import FaceCrops, features_of

    features = features_of(load_cascade(release), "edited", FaceCrops.of([face]).pixels)
    return None if features is None else features[0]


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=BY_PLACE)
def known_of_face(run_id: str, index: int, face: Face) -> dict[str, float]:
    """Return what evaluations are sliced by, as measured of an examined face, kept for the last that were opened."""
    run = Runs().open(run_id)
    return known_of(face, run.original(run.inputs()[index]))
