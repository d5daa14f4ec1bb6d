"""One photo of a case, opened: what was found in it, what people hold of it, and what is near it.

All is drawn from what was kept when the photo was examined. Nothing is scored again unless it is asked for.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import evidence, messages, navigation
from dashboard.session import case_photos, cases
from dashboard.session.examined_photos import Opened
from dashboard.views.cases import (
    photo_absent,
    photo_blind,
    photo_evidence,
    photo_facts,
    photo_near,
    photo_opinion,
    photo_original,
    photo_picture,
    photo_verdict,
)
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.errors import TriageError

if TYPE_CHECKING:  # they bring the database's library
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import Casebook

PARTS = ("Evidence", "Opinions", "Copies and near photos", "Compare with an original")
EVIDENCE, OPINIONS, NEAR, ORIGINAL = PARTS
WIDTHS = [5, 4, 3]


def draw_photo(casebook: "Casebook", case: "Case", number: int, order: Sequence[int]) -> None:
    """Draw one photo of a case.

    Args:
        casebook: the cases that the person may see.
        case: the case.
        number: the photo's.
        order: the numbers of the photos as they are listed, for next and previous.

    Raises:
        UnknownName: the case is not to be seen, or has no such photo.
        TriageError: that the verdict was seen cannot be logged, so that it is not drawn.
    """
    where = navigation.draw_bar(list(order), number, "the case")
    if where is navigation.BACK:
        cases.close_photo()
    elif where is not None:
        cases.open_photo(where)
    subject = PhotoSubject.of(casebook, case, number)
    if subject.photo.deleted is not None:
        photo_absent.draw_deleted(subject)
    elif subject.examined is None:
        photo_absent.draw_unexamined(subject)
    elif subject.is_hidden:
        photo_blind.draw_hidden(subject)
    else:
        case.open(number)  # before anything of the verdict is drawn: the log knows who saw it
        _draw_examined(subject)


def _draw_examined(subject: PhotoSubject) -> None:
    left, middle, right = st.columns(WIDTHS, gap="medium")
    with right:
        subject = photo_facts.choose_examination(subject)
    opened = _open(subject)
    with left:
        face, overlay = photo_picture.draw_picture(subject, opened)
    with middle:
        photo_verdict.draw_verdict(subject, opened, face)
    with right:
        photo_facts.draw_facts(subject, overlay)
    st.divider()
    _draw_part(subject, opened)


def _open(subject: PhotoSubject) -> Opened | TriageError:
    """Return the examination for drawing, or why it cannot be drawn."""
    assert subject.examined is not None
    try:
        return case_photos.opened(subject.case, subject.photo, subject.examined)
    except TriageError as problem:
        return problem


def _draw_part(subject: PhotoSubject, opened: Opened | TriageError) -> None:
    """Draw the part below that was chosen; only that is looked for."""

    def say_part(part: str) -> str:
        if part == OPINIONS:
            return f"Opinions ({len(subject.photo.opinions)})"
        if part == EVIDENCE and subject.dossier.data:
            return f"Evidence: {evidence.say_count(subject.dossier.parts('findings'))}"
        return part

    chosen = st.segmented_control(
        "What else is known",
        PARTS,
        default=EVIDENCE,
        required=True,
        format_func=say_part,
        key="photo-part",
        persist_state="session",
        label_visibility="collapsed",
    )
    with messages.showing_errors():
        if chosen == OPINIONS:
            photo_opinion.draw_opinions(subject, opened)
        elif chosen == NEAR:
            photo_near.draw_near(subject, opened)
        elif chosen == ORIGINAL:
            photo_original.draw_original(subject, opened)
        else:
            photo_evidence.draw_evidence(subject)
