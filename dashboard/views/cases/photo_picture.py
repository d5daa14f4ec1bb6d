"""The photo of a case with its map; where it cannot be drawn, the small pictures that were kept of it."""

import streamlit as st

from dashboard.kit import heatmap, markup, messages
from dashboard.session import case_photos, case_pictures, examined_photos
from dashboard.session.examined_photos import Opened
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.errors import TriageError
from pipeline.examining.questions import Question
from pipeline.heatmap import Heatmap
from pipeline.pictures.overlay import draw_map, overlay_png, remarks_of
from pipeline.words import readable


def draw_picture(subject: PhotoSubject, opened: Opened | TriageError) -> tuple[int, bytes | None]:
    """Draw the photo with its map; return the face that was chosen, and the overlay to take away.

    Args:
        subject: the photo.
        opened: its examination, or why it cannot be drawn.
    """
    if isinstance(opened, TriageError):
        messages.show_error(opened)
        draw_kept(subject)
        return 0, None
    if not opened.faces:
        heatmap.draw_photo(opened, opened.picture, 0, None, heatmap.PLAIN)
        return 0, None
    assert subject.examined is not None
    key = f"{subject.key}-{subject.examined.entry}"
    number = heatmap.choose_face(len(opened.faces), opened.decisive, f"face-{key}")
    view, above = heatmap.choose_view(), st.container()
    how = heatmap.choose_look(view)
    asked = _ask_map(opened, number, f"map-{key}-{number}")
    with above:
        part = opened.picture
        if how.zoom:
            with messages.showing_errors():
                part = case_photos.zoom_to(subject.case, opened.record, opened.faces[number].face)
        heatmap.draw_photo(opened, part, number, asked, how)
        if asked and view != "Original":
            heatmap.draw_legend(asked)
    if asked is None:
        return number, None
    rgb, record = draw_map(opened.picture, asked, how.opacity or 0.6), opened.record
    return number, overlay_png(rgb, asked, record["sha256"], remarks_of(record), compression=1)


def _ask_map(opened: Opened, number: int, key: str) -> Heatmap | None:
    """Ask which map lies over the photo: that which was kept, or, by the very same release, one made now."""
    face = opened.faces[number]
    kept = {Question.behind(each): each for each in face.heatmaps}
    if not case_photos.is_release_here(opened.release):
        name = markup.escaped(opened.release.name)
        st.caption(f"Only the map that was kept is shown: release {name} is not here as it was then.")
        return next(iter(kept.values()), None)
    question = heatmap.choose_question(face, key, "kept with the verdict")
    if question is None or question in kept:
        return kept.get(question) if question else None
    with st.spinner("Computing this map …"), messages.showing_errors():
        return examined_photos.asked_map(opened.record["sha256"], face.face, question, opened.release.name)
    return None


def draw_kept(subject: PhotoSubject, with_map: bool = True) -> None:
    """Draw the small pictures that were kept with an examination.

    Args:
        subject: the photo.
        with_map: also that of the decisive face with its map.
    """
    assert subject.examined is not None
    name = readable.plain(subject.photo.name)
    pictures = [(subject.examined.thumbnail, "The photo, small, as it was kept with the examination")]
    if with_map and subject.examined.overlay:
        pictures.append((subject.examined.overlay, "The face that decides with its map, as it was kept"))
    for sha256, caption in pictures:
        with messages.showing_errors():
            st.image(case_pictures.kept_picture(subject.case, sha256), caption=caption, alt=f"{caption}: {name}")
