"""A release's figures as tiles, each with interval, n and meaning, and both confusion matrices."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.kit.confusion import draw_confusion
from dashboard.kit.figure_tile import draw_tile

STAGE_1 = ("AUC", "balanced accuracy", "recall", "false alarms", "ECE")
STAGE_2 = ("AUC", "balanced accuracy", "EER", "ECE")
JOINT = ("macro-F1", "coverage", "risk")
NAMES = {
    "recall": "edits found",
    "false alarms": "real called edited",
    "ECE": "calibration error (ECE)",
    "EER": "equal error rate",
    "risk": "wrong verdicts",
    "coverage": "gets a verdict",
}
"""Measures that a tile calls by a plainer name."""
PHOTOS = {
    "confusion": ("Photos of the collections", "confusion-collections"),
    "confusion with forgeries": ("Forged edits too", "confusion-forged"),
}


def draw_stages(metrics: Mapping[str, Any]) -> None:
    """Draw both stages' tiles."""
    st.subheader("Stage 1: was it edited?", anchor=False)
    st.caption(
        "On the collections' own photos. “Edits found” and “real called edited” are at stage 1's threshold alone; the "
        "sentences above count verdicts, after abstaining."
    )
    _draw_row(metrics.get("edited", {}).get("collections", {}), STAGE_1)
    st.subheader("Stage 2: deepfake, or retouching?", anchor=False)
    st.caption(
        "Only on originals of which there are edits of both kinds. The collections hold one kind each, so on them the "
        "kind can be told from the collection's cameras and files without looking at the edit: such a figure would "
        "mean nothing. Here nothing but the edit differs."
    )
    _draw_row(metrics.get("deepfake", {}).get("same originals", {}), STAGE_2)


def draw_joint(metrics: Mapping[str, Any]) -> None:
    """Draw what both stages together say: figures, and who was called what."""
    st.subheader("Both stages together", anchor=False)
    st.caption("On the collections' own photos. Macro-F1 takes the answer without abstaining.")
    _draw_row(metrics.get("joint", {}).get("collections", {}), JOINT)
    for place, (part, (title, name)) in zip(st.columns(2, gap="medium"), PHOTOS.items(), strict=True):
        counts = metrics.get(part) or {}
        with place:
            if any(n for row in counts.values() for n in row.values()):
                draw_confusion(
                    counts, title, name, "Each row adds up to 100 % of the photos that are so; counts under it."
                )
            else:
                st.caption(f"{title}: not measured.")


def _draw_row(figures: Mapping[str, Any], names: Sequence[str]) -> None:
    for place, name in zip(st.columns(len(names), gap="small"), names, strict=True):
        with place:
            draw_tile(NAMES.get(name, name), name, figures.get(name))
