"""Copies of one photo: how the verdict spreads over them, and which lies closest to the source."""

import html
from collections.abc import Sequence

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.kit.verdict import shape_html
from dashboard.session import case_photos, like_photos
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.alike.closeness import Ranked
from pipeline.casebook.alike.copies import Copy, Spread, spread
from pipeline.casebook.alike.copy_facts import copy_of
from pipeline.casebook.alike.like_photos import Likeness, OtherPhoto, other_photos
from pipeline.casebook.alike.near_photos import PART
from pipeline.casebook.report.harmless import file_name, one_line
from pipeline.casebook.report.parts import Part
from pipeline.errors import TriageError
from pipeline.words import numbers, verdicts

MOST = 8
"""Copies that are laid on one another, the most alike."""


def draw_copies(subject: PhotoSubject, hits: Sequence[Likeness]) -> None:
    """Draw what the verdict is on each copy of the photo, and on request which lies closest to the source.

    Args:
        subject: the photo.
        hits: the photos like it, the most alike first; cut-outs are passed over.
    """
    others = [hit.photo for hit in hits if hit.near is None or hit.near.way != PART]
    files = {one.sha256: one for one in others if one.sha256 and one.sha256 != subject.photo.sha256}
    own = other_photos(subject.book, [(subject.case.id, subject.photo.number)])
    if not files or not own:
        return
    photos = [*own, *files.values()]
    copies = [copy_of(one, _dossier(subject, one)) for one in photos]
    with st.container(border=True):
        st.markdown(f"**Copies or versions of one photo**: {len(copies)} different files, this one with them")
        _draw_spread(spread(copies), copies, sum(one.is_hidden for one in photos))
        if len(copies) > MOST:
            st.caption(f"The {MOST} most alike can be laid on one another.")
        if st.toggle(
            "Which lies closest to the source?",
            key=f"closest-{subject.key}",
            help="Lays the copies on one another and measures how much real detail each holds; takes seconds.",
        ):
            _draw_closest(subject, copies[:MOST])


def _dossier(subject: PhotoSubject, other: OtherPhoto) -> Part:
    if not other.dossier:
        return Part()
    try:
        return case_photos.dossier(subject.case, other.dossier)
    except TriageError:  # the copy's own page says so; here its file is still compared
        return Part()


def _draw_spread(over: Spread, copies: Sequence[Copy], hidden: int) -> None:
    lines = [
        f'<p class="tt-name">{shape_html(label)}{html.escape(verdicts.CHIPS.get(label, one_line(label, 60)))}: '
        f"{number} of {len(copies)}</p>"
        for label, number in over.labels.items()
    ]
    st.html(f"<div>{''.join(lines)}</div>" if lines else '<p class="tt-name">None of them has a verdict.</p>')
    st.markdown(markup.escaped(say_spread(over)))
    if hidden:
        st.caption(f"{hidden} of them: hidden until you give your opinion on it.")


def say_spread(over: Spread) -> str:
    """Say how the verdict spreads over copies."""
    if over.low is None or over.high is None:
        return "No copy has a probability of editing."
    reach = f"{over.over} of {over.scored} copies reach the threshold of their release"
    low, high = numbers.two_digits(over.low), numbers.two_digits(over.high)
    between = f"p(edited) from {low} to {high}" if low != high else f"p(edited) {low}"
    if over.flips:
        return f"{between}; {reach}. The answer depends on which copy is asked: trust that closest to the source first."
    return f"{between}; {reach}." + (" All copies agree." if over.agree else " The verdicts differ all the same.")


def _draw_closest(subject: PhotoSubject, copies: Sequence[Copy]) -> None:
    with st.spinner("Laying the copies on one another …"):
        order, problems = like_photos.closest_copies(subject.case.keeping, copies)
    for problem in problems:
        messages.show_error(problem)
    grid = st.grid(min_column_width=260)
    for ranked in order:
        with grid.cell(), st.container(border=True):
            st.html(ranked_html(ranked, ranked.copy.sha256 == subject.photo.sha256))
    messages.how_to_read(
        "Closest to the source is the copy that lost least on its way: in detail, in size, in savings, in metadata.",
        "An edited version passes for a copy: lay it on this photo first. Of copies, ask the closest first.",
    )


def ranked_html(ranked: Ranked, own: bool) -> str:
    """Return a copy at its place with the reasons, as HTML; everything that came from outside is escaped."""
    copy = ranked.copy
    place = "Closest to the source" if ranked.place == 1 else f"Place {ranked.place}"
    place += "" if ranked.told_apart else ", not told apart from the one before"
    known = copy.label in verdicts.CHIPS
    verdict = f"{shape_html(copy.label)}{verdicts.CHIPS[copy.label]}" if known else "no verdict to be seen"
    probability = "" if copy.p_edited is None else f" · p(edited) {numbers.two_digits(copy.p_edited)}"
    quality = f", JPEG quality {copy.jpeg_quality}" if copy.jpeg_quality > 0 else ""
    facts = f"{copy.size} px, {one_line(copy.format, 20)}{quality}, {numbers.size(copy.bytes)}"
    kept = f"keeps: {', '.join(copy.metadata)}" if copy.metadata else "keeps no metadata that was looked for"
    lines = [f"+ {reason}" if ranked.place == 1 else f"− {reason}" for reason in ranked.reasons]
    lines += [f"but: {reason}" for reason in ranked.nonetheless]
    return (
        f'<div><p class="tt-head">{html.escape(place)}</p>'
        f'<p class="tt-name tt-file">{html.escape(file_name(copy.name))}{" (this photo)" if own else ""}</p>'
        f'<p class="tt-small">{verdict}{html.escape(probability)}</p>'
        + "".join(f'<p class="tt-small">{html.escape(line)}</p>' for line in (facts, kept))
        + "".join(f'<p class="tt-name">{html.escape(line)}</p>' for line in lines)
        + "</div>"
    )
