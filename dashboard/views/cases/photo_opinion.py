"""What people hold of a photo of a case: every opinion, the regions they marked, and the person's own."""

import html
from collections import Counter

import numpy as np
import streamlit as st

from dashboard.kit import box_drawing, markup, messages
from dashboard.kit.verdict import shape_html
from dashboard.session import route
from dashboard.session.examined_photos import Opened
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.case_record import CasePhoto, Opinion
from pipeline.casebook.report.harmless import one_line, paragraphs
from pipeline.casebook.report.people_part import last_opinions, say_opinion
from pipeline.casebook.texts import LONGEST_TEXT
from pipeline.errors import TriageError
from pipeline.face import Box
from pipeline.pictures.photo import draw_regions, jpeg
from pipeline.words.figures import count
from pipeline.words.verdicts import HELD

MOST = 100


def draw_opinions(subject: PhotoSubject, opened: Opened | TriageError | None) -> None:
    """Draw all opinions on a photo, and let the person give one.

    Args:
        subject: the photo.
        opened: what is drawn of it, or why nothing can be; None where it was not examined.
    """
    photo = subject.photo
    picture = opened if isinstance(opened, Opened) else None
    left, right = st.columns(2, gap="medium")
    with right:
        _draw_list(photo)
    with left:
        if picture and any(opinion.region for opinion in photo.opinions):
            _offer_regions(photo, picture)
        with st.expander("Give my opinion" if not subject.mine else "Give my opinion again", expanded=not subject.mine):
            region = ask_region(picture, subject.key) if picture else None
            ask_opinion(subject, region, "Keep my opinion")


def _draw_list(photo: CasePhoto) -> None:
    if not photo.opinions:
        st.markdown("Nobody gave an opinion on this photo.")
        return
    counting = {opinion.entry for opinion in last_opinions(photo)}
    st.markdown(f"**{_say_agreement(photo)}**")
    for number, opinion in list(enumerate(photo.opinions, 1))[::-1][:MOST]:
        with st.container(border=True):
            _draw_opinion(number, opinion, opinion.entry in counting)
    if len(photo.opinions) > MOST:
        st.caption(f"The last {MOST} of {count(len(photo.opinions))} are shown; all stand in the log.")


def _say_agreement(photo: CasePhoto) -> str:
    """Say whether people agree, each by their last opinion."""
    labels = Counter(opinion.label for opinion in last_opinions(photo))
    if labels.total() == 1:
        return "One person gave an opinion."
    if len(labels) == 1:
        return f"All {labels.total()} people agree: {markup.escaped(say_opinion(next(iter(labels))))}."
    parts = ", ".join(f"{markup.escaped(say_opinion(label))} {number}" for label, number in labels.most_common())
    return f"{labels.total()} people do not agree: {parts}."


def _draw_opinion(number: int, opinion: Opinion, counts: bool) -> None:
    later = "" if counts else " (a later one of this person counts)"
    head = f"{number}. {say_opinion(opinion.label)}{later}"
    blind = "blind: before the verdict was seen" if opinion.blind else "not blind: the verdict could be seen"
    lines = [f"{one_line(opinion.who, 120)} · {one_line(opinion.at, 40)} · entry {opinion.entry}", blind]
    if opinion.region:
        x0, y0, x1, y1 = (f"{edge:.0f}" for edge in opinion.region)
        lines.append(f"marked: x {x0} to {x1}, y {y0} to {y1} px")
    st.html(
        f'<div><p class="tt-head">{shape_html(opinion.label)}{html.escape(head)}</p>'
        + "".join(f'<p class="tt-small">{html.escape(line)}</p>' for line in lines)
        + "".join(f'<p class="tt-name">{html.escape(line)}</p>' for line in paragraphs(opinion.words))
        + "</div>"
    )


def _offer_regions(photo: CasePhoto, opened: Opened) -> None:
    """Draw the marked regions on the photo once that is asked for, each with the number of its opinion."""
    marked = [(str(number), opinion) for number, opinion in enumerate(photo.opinions, 1) if opinion.region]
    if not st.toggle(f"Show the marked regions on the photo ({count(len(marked))})", key="regions"):
        return
    boxes = [(number, opinion.region) for number, opinion in marked[-MOST:] if opinion.region]
    st.image(jpeg(draw_regions(opened.picture, boxes)), width="stretch", alt="The photo with the marked regions")
    st.caption("Each box has the number of its opinion.")


def ask_region(opened: Opened, key: str) -> Box | None:
    """Let the person mark a region of the photo, which is drawn for it; return it, None where none is marked.

    Args:
        opened: the photo.
        key: of the photo, for the widgets.
    """
    if not st.toggle("Mark a region", key=f"region-{key}", help="Where in the photo you see what you say."):
        return None
    size = (int(opened.record["width"]), int(opened.record["height"]))
    st.caption("Draw a box in the photo, or give its edges in pixels.")
    rgb: np.ndarray = opened.picture.rgb
    drawn = box_drawing.ask_box(rgb, size, f"region-box-{key}")
    first = (0.0, 0.0, float(size[0]), float(size[1]))
    box = box_drawing.ask_edges(drawn or first, size, f"region-{key}-{drawn}")
    if drawn is None and box == first:
        st.caption("Nothing is marked yet.")
        return None
    box_drawing.draw_preview(rgb, box, rgb.shape[1] / size[0])
    return box if box[0] < box[2] and box[1] < box[3] else None


def ask_opinion(subject: PhotoSubject, region: Box | None, button: str) -> None:
    """Ask what the person holds of the photo, and keep it.

    Args:
        subject: the photo.
        region: what the person marked in it.
        button: what the button says.
    """
    why_not = subject.why_not("opinion")
    turn = len(subject.mine)  # an opinion that was kept empties the form
    label = st.radio(
        "What do you see in this photo?",
        list(HELD),
        index=None,
        format_func=say_opinion,
        key=f"label-{subject.key}-{turn}",
        disabled=bool(why_not),
    )
    words = st.text_area(
        "Why: what you see, and where",
        max_chars=LONGEST_TEXT,
        key=f"words-{subject.key}-{turn}",
        placeholder="In your own words. They stand in the log and in reports.",
        disabled=bool(why_not),
    )
    idle = bool(why_not) or label is None
    if st.button(button, type="primary", key=f"hold-{subject.key}", disabled=idle, help=why_not or None):
        with messages.showing_errors():
            subject.case.hold(subject.photo.number, str(label), words or "", region)
            route.refresh()
    if why_not:
        st.caption(markup.escaped(why_not))
    elif label is None:
        st.caption(
            "Choose one first. An opinion is kept for good; you can give another later, and the last one counts."
        )
