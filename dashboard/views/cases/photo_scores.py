"""What the release says of a photo and of its suspected original, and what the higher of both scores means."""

import pandas as pd
import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import case_photos, like_photos, route, widgets
from dashboard.session.examined_photos import Opened
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.alike.like_photos import OtherPhoto
from pipeline.errors import BadEvaluation
from pipeline.figures.above_original import ALL
from pipeline.photo import Photo
from pipeline.results.evaluation import ABOVE_ORIGINAL
from pipeline.words import numbers, readable, verdicts
from pipeline.words.above_original import above_original_record

SCORED = "case-scored"
HIDDEN = "hidden until you give your opinion"


def draw_scores(subject: PhotoSubject, opened: Opened, other: OtherPhoto | Photo, name: str) -> None:
    """Draw both photos' scores beside each other.

    Args:
        subject: the photo.
        opened: its examination.
        other: a photo of a case, or one that was handed over, which is scored once that is asked for.
        name: of the other one's file.
    """
    st.markdown("**What the release says of each**")
    examined = subject.examined
    assert examined is not None
    own = ("this photo", examined.verdict, examined.p_edited, examined.p_deepfake, examined.release)
    theirs = _of_case(other) if isinstance(other, OtherPhoto) else _of_upload(opened, other)
    if theirs:
        rows = [_cells(*own), _cells(readable.short(name), *theirs)]
        st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", alt="Scores of both photos")
        _say_higher(examined.p_edited, theirs[1], (examined.release, theirs[3]))
    _draw_record(subject)


def _of_case(other: OtherPhoto) -> tuple[str, float | None, float | None, str]:
    label = HIDDEN if other.is_hidden else other.verdict
    return label, other.p_edited, other.p_deepfake, other.release


def _of_upload(opened: Opened, photo: Photo) -> tuple[str, float | None, float | None, str] | None:
    """Return what the release that examined the photo says of one that was handed over; None until it is asked for."""
    release = opened.release
    if not case_photos.is_release_here(release):
        st.caption(f"It cannot be scored: release {markup.escaped(release.name)} is not here as it was then.")
        return None
    key = (photo.sha256, release.sha256)
    if widgets.recall(SCORED) != key:
        if not st.button(f"Score it by release {release.name}, too", key=f"score-{photo.sha256[:16]}"):
            return None
        widgets.keep(SCORED, key)
        route.refresh()
    with messages.showing_errors(), st.spinner("Examining the other one …"):
        examination = like_photos.score(photo, release.name, release.sha256)
        verdict = examination.verdict
        first, second = (score.probability if score else None for score in (verdict.edited, verdict.deepfake))
        return verdict.label, first, second, release.name
    return None


def _cells(name: str, label: str, p_edited: float | None, p_deepfake: float | None, release: str) -> dict[str, object]:
    chip = f"{verdicts.SHAPES[label]} {verdicts.CHIPS[label]}" if label in verdicts.CHIPS else label or "not examined"
    return {
        "photo": name,
        "verdict": chip,
        "p(edited)": None if p_edited is None else numbers.two_digits(p_edited),
        "p(deepfake | edited)": None if p_deepfake is None else numbers.two_digits(p_deepfake),
        "release": release,
    }


def _say_higher(here: float | None, there: float | None, releases: tuple[str, str]) -> None:
    """Say which of both scores higher, where they can be compared."""
    if here is None or there is None:
        return
    if releases[0] != releases[1]:
        st.warning(
            "The two were examined by different releases: their scores are not to be compared. Examine one again.",
            icon=":material/difference:",
        )
    elif here != there:
        st.markdown(f"{'This photo' if here > there else 'The other one'} scores higher.")


def _draw_record(subject: PhotoSubject) -> None:
    """Say how often an edit scores above its own original, as it was measured of the release."""
    figure = subject.dossier.part("measured").data.get("above_original")
    try:
        record = above_original_record({ABOVE_ORIGINAL: {ALL: figure}}) if figure else ""
    except BadEvaluation:
        record = ""
    st.markdown(markup.escaped(record) if record else "How often an edit scores above its original was not measured.")
