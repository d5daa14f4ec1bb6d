"""The photo against a suspected original: laid on one another, what differs, and what the release says of each."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import markup, messages
from dashboard.kit.fact_list import html_list
from dashboard.session import like_photos
from dashboard.session.examined_photos import Opened
from dashboard.session.like_photos import Laid
from dashboard.views.cases import photo_scores
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.alike.like_photos import OtherPhoto
from pipeline.errors import TriageError
from pipeline.examining.alignment import Alignment, NotAligned
from pipeline.photo import Photo
from pipeline.pictures.difference import draw_difference
from pipeline.pictures.overlay import draw_map
from pipeline.pictures.photo import jpeg
from pipeline.words import readable
from pipeline.words.figures import percent

if TYPE_CHECKING:
    from pipeline.examining.against_original import Comparison, Part

MODELS = {
    "frame": "frame on frame",
    "similarity": "moved, turned and scaled",
    "affine": "moved, turned, scaled and stretched",
    "homography": "moved, and seen from another side",
}
"""How one was laid on the other."""


def draw_against(
    subject: PhotoSubject, opened: Opened | TriageError, other: OtherPhoto | Photo, name: str = ""
) -> None:
    """Draw the photo beside another, the difference of both beside the heatmap, and the numbers.

    Args:
        subject: the photo.
        opened: its examination, or why it cannot be drawn.
        other: a photo of a case, or one that was handed over.
        name: of the latter's file.
    """
    name = other.name if isinstance(other, OtherPhoto) else name
    st.markdown(f"**Against {markup.escaped(readable.short(name))}**")
    if isinstance(opened, TriageError):
        messages.show_error(opened)
        return
    with messages.showing_errors():
        with st.spinner("Laying one on the other …"):
            laid = _lay(subject, opened, other)
        _draw_pictures(opened, laid, name)
        left, right = st.columns(2, gap="medium")
        with left:
            photo_scores.draw_scores(subject, opened, other, name)
        with right:
            if not isinstance(laid.comparison, NotAligned):
                _draw_numbers(laid.comparison)
    messages.how_to_read(
        "A difference tells that the two are not one picture. It tells nothing of which of them was edited.",
        "Where both are the same, the difference is what encoding left; a line surrounds what is more than that.",
    )


def _lay(subject: PhotoSubject, opened: Opened, other: OtherPhoto | Photo) -> Laid:
    record = opened.record
    how = (bool(record.get("partial", False)), int(record.get("frame", 0)))
    faces = [entry.face.box for entry in opened.faces]
    named = other.sha256 if isinstance(other, OtherPhoto) else other
    return like_photos.lay(subject.case.keeping, record["sha256"], how, faces, named)


def _draw_pictures(opened: Opened, laid: Laid, name: str) -> None:
    comparison = laid.comparison
    pictures = [
        (opened.picture.rgb, "This photo", f"This photo, {readable.plain(opened.record['name'])}"),
        (laid.there, "The other one", f"The other photo, {readable.plain(name)}"),
    ]
    if isinstance(comparison, NotAligned):
        st.warning(markup.escaped(comparison.reason), icon=":material/difference:")
    else:
        over, legend = draw_difference(opened.picture.rgb, comparison.difference, comparison.beyond)
        pictures.append((over, f"Difference. {legend.words}", "The difference of both, over this photo in grey"))
    face = opened.faces[opened.decisive] if opened.faces else None
    if face and face.heatmaps:
        over = draw_map(opened.picture, face.heatmaps[0], 0.6)
        pictures.append((over, "Heatmap, as it was kept", "The heatmap of this photo"))
    grid = st.grid(min_column_width=260)
    for rgb, caption, alt in pictures:
        with grid.cell():
            st.image(jpeg(rgb), width="stretch", alt=alt)
            st.caption(markup.escaped(caption))


def _draw_numbers(comparison: "Comparison") -> None:
    """Draw how the two were laid on one another, and how far they differ, in the faces and outside."""
    laid = comparison.alignment
    st.markdown("**How they lie on one another**")
    st.html(html_list(_alignment_facts(laid)))
    st.markdown("**How far they differ** (grey levels, 0 to 255)")
    parts = [(f"face {number}", part) for number, part in enumerate(comparison.faces, 1)]
    rows = [_cells(name, part) for name, part in [*parts, ("outside the faces", comparison.outside)]]
    one = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder="–",
        column_config={"mean": one, "99 % below": one},
        alt="Differences by part",
    )
    if comparison.noise_from == "everywhere":
        st.caption(
            "The faces fill the picture, so that what encoding left was read off within them: a wide edit hides."
        )
    st.caption(
        "Before, the other one was matched in tone and sharpness. Beyond encoding: the share of pixels that differ by "
        "more than saving again explains."
    )


def _alignment_facts(laid: Alignment) -> dict[str, str]:
    facts = {
        "How": MODELS.get(laid.model, laid.model) + (", mirrored" if laid.mirrored else ""),
        "Details that agree": f"{laid.inliers}" if laid.inliers else "none needed",
        "Likeness outside the faces": f"{laid.likeness:.3f} (1 is the same)",
        "Both show": f"{percent(laid.shared)} of this photo",
        "Scale": f"{laid.scale:.2f} pixels here for one there",
    }
    if not np.isnan(laid.error):
        facts["Off by"] = f"{laid.error:.2f} pixels"
    return facts


def _cells(name: str, part: "Part") -> dict[str, object]:
    numbers = part.as_dict()
    return {
        "part": name,
        "mean": numbers["mean"],
        "99 % below": numbers["high"],
        "beyond encoding": percent(numbers["beyond"], 1),
        "pixels": numbers["pixels"],
    }
