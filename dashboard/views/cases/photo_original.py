"""Choosing a suspected original: another photo of the case, or a file, which is kept only once that is asked for."""

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import case_photos, like_photos, route
from dashboard.session.examined_photos import Opened
from dashboard.views.cases import photo_compare, photo_near
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.alike.like_photos import OtherPhoto, other_photos
from pipeline.casebook.search import PhotoQuery, search
from pipeline.errors import TriageError
from pipeline.words import readable

WAYS = ("A photo of this case", "A file")
MOST = 60


def draw_original(subject: PhotoSubject, opened: Opened | TriageError) -> None:
    """Ask for a suspected original, and draw the photo against it."""
    way = st.segmented_control("Compare with", WAYS, default=WAYS[0], required=True, key=f"original-way-{subject.key}")
    if way == WAYS[1]:
        _draw_upload(subject, opened)
    elif other := _choose_of_case(subject, opened):
        photo_compare.draw_against(subject, opened, other)


def _choose_of_case(subject: PhotoSubject, opened: Opened | TriageError) -> OtherPhoto | None:
    """Ask for a photo of the case, those that look like this one first."""
    text = st.text_input("Name contains", key=f"original-text-{subject.key}", placeholder="All photos of the case")
    near = [hit.photo for hit in photo_near.find_like(subject, opened) if hit.photo.case == subject.case.id]
    names = {one.number: f"{one.number} · {readable.short(one.name)} (looks like this one)" for one in near if not text}
    page = search(subject.book, PhotoQuery(subject.case.id, text, sort="By name", most=MOST))
    for row in page.rows:
        if row.sha256 and row.number != subject.photo.number:
            names.setdefault(row.number, f"{row.number} · {readable.short(row.name)}")
    number = st.selectbox(
        f"Suspected original ({len(names)} to choose from)",
        list(names),
        index=None,
        format_func=lambda each: names[each],
        placeholder="Choose a photo",
        key=f"original-{subject.key}",
    )
    if page.total > MOST:
        st.caption(f"{MOST} of {page.total} are listed: give a part of the name to find others.")
    if number is None:
        st.info("Choose the photo of which this one may have been made.", icon=":material/image_search:")
        return None
    return next(iter(other_photos(subject.book, [(subject.case.id, number)])), None)


def _draw_upload(subject: PhotoSubject, opened: Opened | TriageError) -> None:
    """Ask for a file, draw the photo against it, and offer to keep it."""
    file = st.file_uploader("The suspected original", key=f"original-file-{subject.key}")
    st.caption("It is compared here, and not kept: reload the page, and it is gone.")
    if file is None:
        return
    data = file.getvalue()
    with messages.showing_errors():
        photo = like_photos.read_upload(data)
        photo_compare.draw_against(subject, opened, photo, file.name)
        _offer_to_add(subject, file.name, data)


def _offer_to_add(subject: PhotoSubject, name: str, data: bytes) -> None:
    why_not = subject.why_not("added")
    asked = st.button(
        "Add it to the case", key=f"original-add-{subject.key}", disabled=bool(why_not), help=why_not or None
    )
    if why_not:
        st.caption(markup.escaped(why_not))
    if asked:
        with st.spinner("Adding and examining it …"):
            case_photos.add_file(subject.case, name, data)
        route.refresh()
