"""What is like the photo, in all cases that the person may see: the same bytes first, then what looks like it."""

import html
from collections.abc import Sequence

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.kit.verdict import shape_html
from dashboard.session import case_pictures, cases, like_photos, route, widgets
from dashboard.session.examined_photos import Opened
from dashboard.views.cases import photo_compare, photo_copies
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.alike.like_photos import Likeness, OtherPhoto, other_photos
from pipeline.casebook.alike.near_photos import AS_IT_IS, PART
from pipeline.errors import AlteredObject, TriageError
from pipeline.words import numbers, readable, verdicts
from pipeline.words.figures import count

BESIDE = "case-beside"
PAGE = 24
BITS = 64
HIDDEN = "Give your opinion first"


def draw_near(subject: PhotoSubject, opened: Opened | TriageError) -> None:
    """Draw the photos that are like one; lay one of them on it once that is asked for."""
    parts = st.toggle(
        "Look for cut-outs of it, too",
        key=f"parts-{subject.key}",
        help="About 800 windows of this photo are held against every other photo: seconds, among very many.",
    )
    with st.spinner("Looking for photos like this one …"):
        hits = find_like(subject, opened, parts)
    if not hits:
        st.info("No photo like this one is in the cases that you may see.", icon=":material/search_off:")
    photo_copies.draw_copies(subject, hits)
    _draw_beside(subject, opened)
    _draw_group("Exactly the same bytes", [hit for hit in hits if hit.same_bytes], subject)
    _draw_group("Looks like it", [hit for hit in hits if not hit.same_bytes], subject)
    messages.how_to_read(
        "Photos are known again by a fingerprint that outlives scaling and saving; fewer bits apart is more alike.",
        "Two moments of one sitting, or two blank walls, may pass for near: look at both, or lay one on the other.",
    )


def find_like(subject: PhotoSubject, opened: Opened | TriageError, parts: bool = False) -> list[Likeness]:
    """Return the photos that are like one, the same bytes first."""
    rgb = opened.picture.rgb if isinstance(opened, Opened) else None
    own = (subject.case.id, subject.photo.number)
    return like_photos.like_photos(subject.book, own, subject.photo.sha256, rgb, parts)


def _draw_beside(subject: PhotoSubject, opened: Opened | TriageError) -> None:
    """Draw the photo that was asked to be laid on this one."""
    asked = widgets.recall(BESIDE)
    if not asked or asked[0] != subject.key:
        return
    with st.container(border=True):
        if st.button("Close the comparison", icon=":material/close:", type="tertiary", key=f"close-{subject.key}"):
            widgets.keep(BESIDE, None)
            route.refresh()
        for other in other_photos(subject.book, [asked[1]]):
            photo_compare.draw_against(subject, opened, other)


def _draw_group(title: str, hits: Sequence[Likeness], subject: PhotoSubject) -> None:
    if not hits:
        return
    st.markdown(f"**{title}** ({count(len(hits))})")
    pages = -(-len(hits) // PAGE)
    page = st.pagination(pages, key=f"near-{title}-{subject.key}-{pages}") if pages > 1 else 1
    grid = st.grid(min_column_width=210)
    for hit in hits[(page - 1) * PAGE : page * PAGE]:
        with grid.cell(), st.container(border=True):
            _draw_card(hit, subject)


def _draw_card(hit: Likeness, subject: PhotoSubject) -> None:
    other = hit.photo
    draw_small(subject, other)
    st.html(card_html(hit, subject.case.id))
    key = f"{other.case}-{other.number}"
    with st.container(horizontal=True):
        if st.button("Open", key=f"near-open-{key}"):
            cases.open_photo(other.number, other.case)
        if other.sha256 and st.button("Compare", key=f"near-lay-{key}"):
            widgets.keep(BESIDE, (subject.key, (other.case, other.number)))
            route.refresh()


def draw_small(subject: PhotoSubject, other: OtherPhoto) -> None:
    """Draw the small picture of a photo, or say why there is none."""
    if not other.thumbnail:
        st.caption("No picture: it could not be examined.")
        return
    try:
        data = case_pictures.kept_picture(subject.case, other.thumbnail)
    except AlteredObject:
        st.caption("The small picture is gone or was altered: verify the case.")
        return
    st.image(data, width="stretch", alt=f"Photo {readable.plain(other.name)}")


def card_html(hit: Likeness, own_case: str) -> str:
    """Return what is known of a photo like another as HTML; everything that came from outside is escaped.

    Args:
        hit: the photo.
        own_case: id of the case of the other one.
    """
    other = hit.photo
    where = "in this case" if other.case == own_case else f"in {markup.html_name(other.case_name)}"
    pixels = f"{other.width} × {other.height} px, {html.escape(other.format)}, " if other.width else ""
    lines = [say_likeness(hit), f"{where}, photo {other.number}", f"{pixels}{numbers.size(other.bytes)}"]
    return (
        f'<div><p class="tt-head">{say_verdict(other)}</p><p class="tt-name tt-file">{markup.html_name(other.name)}</p>'
        + "".join(f'<p class="tt-small">{line}</p>' for line in lines)
        + "</div>"
    )


def say_verdict(other: OtherPhoto) -> str:
    """Say the verdict on a photo as HTML, or that it is hidden."""
    if other.is_hidden:
        return f'<span class="tt-shape">?</span>{HIDDEN}'
    if other.verdict not in verdicts.CHIPS:
        return '<span class="tt-shape">×</span>Not examined'
    probability = "" if other.p_edited is None else f" · p(edited) {html.escape(numbers.two_digits(other.p_edited))}"
    return f"{shape_html(other.verdict)}{verdicts.CHIPS[other.verdict]}{probability}"


def say_likeness(hit: Likeness) -> str:
    """Say how a photo is like another."""
    if hit.near is None:
        return "the same bytes"
    way = "" if hit.near.way == AS_IT_IS else "a part of this photo; " if hit.near.way == PART else f"{hit.near.way}; "
    return f"{way}{hit.near.bits} of {BITS} bits differ, correlation {hit.near.correlation:.3f}"
