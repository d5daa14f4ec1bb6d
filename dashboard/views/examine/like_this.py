"""How often the release is wrong on pictures like the one that is opened, and its nearest labelled neighbours."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import markup, theme
from dashboard.kit.messages import showing_errors, stale
from dashboard.session import evaluations, route
from pipeline.errors import BadEvaluation
from pipeline.figures.like_this import DATASET, read_slices
from pipeline.pictures.face_outline import FADE, face_outline
from pipeline.results.canonical import unpack_grid
from pipeline.results.index import EvaluationFolder
from pipeline.words import maps, numbers, readable, verdicts
from pipeline.words.like_this import (
    Like,
    Marks,
    like_of,
    say_unmeasured,
    say_unreadable,
)

MARKDOWN = Marks("**{}**".format, markup.escaped)
Neighbour = tuple[Mapping[str, Any], float]
"""A row of predictions, and its distance."""


def like_of_face(release: str, release_sha256: str, known: Mapping[str, float], label: str) -> Like:
    """Find how often a release was wrong on pictures like a face, in markdown.

    Args:
        release: its name.
        release_sha256: hash of the release file that examined the face.
        known: from `like_this.known_of`.
        label: the face's verdict.

    Returns:
        What is known; where the evaluation cannot be read, its sentence says so: the verdict is shown all the same.
    """
    newest = evaluations.newest(release, DATASET)
    if newest is None:
        return Like(say_unmeasured(release, MARKDOWN))
    try:
        like = like_of(read_slices(newest.path), known, label, MARKDOWN)
    except BadEvaluation as problem:
        return Like(say_unreadable(problem, MARKDOWN))
    return replace(like, remarks=(*like.remarks, *_remarks(newest, release, release_sha256)))


def _remarks(newest: EvaluationFolder, release: str, release_sha256: str) -> list[str]:
    remarks = []
    if newest.run.get("release_sha256", release_sha256) != release_sha256:
        remarks.append(stale(release, "The figures are those of another version of it.", "the evaluation"))
    if newest.run.get("most"):
        remarks.append("The evaluation is a trial on a part of the photos.")
    return remarks


def draw_neighbours(near: Sequence[Neighbour], release: str) -> None:
    """Draw the nearest labelled photos of a release's test as small cards, nearest first; each can be opened.

    Args:
        near: rows of predictions, each with its distance.
        release: its name.
    """
    st.markdown("**Nearest labelled photos**")
    if not near:
        st.caption("None is kept with this release’s evaluation.")
        return
    labels = pd.Series([str(row["label"]) for row, _ in near]).value_counts()
    counts = ", ".join(f"{count} truly {markup.escaped(str(label))}" for label, count in labels.items())
    st.caption(
        f"Of release {markup.escaped(release)}’s held-out photos, by what stage 1’s network sees: {counts}. "
        "Maps: orange speaks for “edited”, blue against it, each on its own scale."
    )
    grid, errors = st.grid(min_column_width=140), route.page("Errors")
    for row, distance in near:
        # one damaged map does not take the others with it
        with grid.cell(), st.container(border=True), showing_errors():
            _draw_neighbour(row, distance)
            if errors is not None:
                where = {route.EVALUATION: f"{release}/{DATASET}", route.EVALUATED: str(row["id"])}
                st.page_link(errors, label="Open", icon=":material/open_in_new:", query_params=where)


def draw_unreadable(problem: BadEvaluation) -> None:
    """Say that the evaluation that holds the labelled photos cannot be read."""
    st.markdown("**Nearest labelled photos**")
    st.caption(f"They cannot be read. {markup.escaped(str(problem))}")


def _draw_neighbour(row: Mapping[str, Any], distance: float) -> None:
    label, verdict = str(row["label"]), str(row["verdict"])
    grid = unpack_grid(str(row["heatmap"])) if row["heatmap"] else None
    known = grid is not None and bool(np.isfinite(grid).any())
    alt = f"Coarse map of photo {row['id']}" if known else "A face’s outline; the photo has no map"
    strongest = float(np.nanmax(np.abs(grid))) if grid is not None and known else 0.0
    st.image(face_outline(grid, strongest, FADE, side=128), width="stretch", alt=readable.plain(alt))
    truth = f'<span class="tt-shape" style="color:{theme.COLOURS[label]}">{verdicts.SHAPES[label]}</span>truly {label}'
    kind = " · ".join(readable.plain(str(part)) for part in (row["kind"], maps.source(str(row["source"]))) if part)
    st.html(
        f'<div><p class="tt-head">{truth}</p><p class="tt-small">{html.escape(kind)}</p>'
        f'<p class="tt-small">verdict: {verdicts.SHAPES[verdict]} {verdicts.CHIPS[verdict]}, '
        f"p(edited) {html.escape(numbers.two_digits(row['p_edited']))}</p>"
        f'<p class="tt-small">distance {distance:.3f}</p></div>'
    )
