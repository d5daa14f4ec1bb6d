"""A photo of a blind case, before its verdict: the photo, what the file itself tells, and the person's opinion.

Nothing that the networks said is drawn or sent: no map, no box, no number. Nor is what others hold, what the photo is
tagged with, and what lists of known hashes say of it.
"""

import streamlit as st

from dashboard.kit import messages
from dashboard.session import case_photos, route
from dashboard.session.examined_photos import Opened
from dashboard.views.cases import photo_evidence, photo_facts, photo_opinion, photo_picture
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.errors import TriageError
from pipeline.pictures.photo import jpeg
from pipeline.words import readable

BUTTON = "Keep my opinion and show the verdict"


def draw_hidden(subject: PhotoSubject) -> None:
    """Draw a photo whose verdict is kept from the person until they gave an opinion."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        region = _draw_photo(subject)
    with right:
        st.html('<p class="tt-reading">Blind first: look before you are told</p>')
        st.markdown(
            "The verdict, the heatmap, and what others think are shown once your own opinion is kept. "
            "“Cannot tell” is an opinion too."
        )
        photo_opinion.ask_opinion(subject, region, BUTTON)
        if subject.why_not("opinion"):
            _offer_verdict(subject)
        with st.expander("The file", icon=":material/draft:"):
            photo_facts.draw_file(subject)
    photo_evidence.offer_evidence(subject)


def _draw_photo(subject: PhotoSubject) -> tuple[float, float, float, float] | None:
    """Draw the photo alone; return the region that the person marked in it."""
    assert subject.examined is not None
    try:
        opened: Opened = case_photos.opened(subject.case, subject.photo, subject.examined)
    except TriageError as problem:
        messages.show_error(problem)
        photo_picture.draw_kept(subject, with_map=False)
        return None
    if (region := photo_opinion.ask_region(opened, subject.key)) is None:
        name = readable.plain(subject.photo.name)
        st.image(jpeg(opened.picture.rgb), width="stretch", alt=f"The photo {name}")
    return region


def _offer_verdict(subject: PhotoSubject) -> None:
    """Let a person see the verdict whose role gives no opinions: there is none to be kept free of it."""
    if st.button("Show the verdict", key=f"show-{subject.key}", help="The log keeps that you saw it."):
        with messages.showing_errors():
            subject.case.open(subject.photo.number)
            route.refresh()
