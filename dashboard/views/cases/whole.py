"""One case as a whole: what it is, and its parts."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import case_work, cases
from dashboard.views.cases import agreement, edit, hand_out, log, photos, shown, verification
from dashboard.views.cases.subject import Subject
from pipeline.casebook.search import BY_SUSPICION, SORTS, PhotoQuery, numbers
from pipeline.words.figures import count, say_photos

if TYPE_CHECKING:
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import Casebook

PARTS = {
    "Photos": photos.draw_photos,
    "Opinions": agreement.draw_opinions,
    "Hand over": hand_out.draw_hand_out,
    "Verify": verification.draw_verification,
    "Log": log.draw_log,
    "Edit": edit.draw_edit,
}
LONGEST_SHOWN = 700
"""Letters of a description that are shown at once."""


def draw_case(book: "Casebook", case: "Case") -> None:
    """Draw a case: its head, and the part that the address names."""
    subject = Subject.of(book, case)
    _draw_head(subject)
    _forget_deleted(subject)
    names = tuple(PARTS)
    here = cases.part(names)
    key = f"case-part-{here}"
    st.segmented_control(
        "Part of the case",
        names,
        default=here,
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=cases.show_part,
        args=(key, names[0]),
    )
    with messages.showing_errors():
        PARTS[here](subject)


def order_of(book: "Casebook", case: "Case") -> list[int]:
    """Return the numbers of a case's photos as they were last listed here, or else as they are listed at first."""
    subject = Subject.of(book, case)
    usual = PhotoQuery(case.id, sort=list(SORTS)[1] if subject.waiting else BY_SUSPICION)
    return cases.order_of(case.id) or numbers(book, usual)


def _draw_head(subject: Subject) -> None:
    facts = subject.facts
    flags = ["Blind first"] * facts.blind + ["Put away"] * facts.archived
    st.html(f'<p class="tt-case-name">{markup.html_name(facts.name)}</p>{shown.tags_html(facts.tags, flags)}')
    _draw_description(facts.description)
    deleted = f" · {count(facts.deleted)} deleted" if facts.deleted else ""
    changed = f" · last change {shown.when(facts.changed)}"
    st.caption(
        f"{say_photos(facts.total)}{deleted}{changed} · made {shown.when(facts.created)} by "
        f"{markup.escaped(facts.created_by)} · you are {markup.escaped(subject.person)}, {subject.role} here"
    )
    if subject.waiting:
        st.info(
            f"This case is examined blind: verdicts, heatmaps, tags, lists and other people’s opinions are hidden from "
            f"you until you gave your own opinion. {count(subject.waiting)} of {say_photos(facts.total)} wait for it.",
            icon=":material/visibility_off:",
        )


def _draw_description(text: str) -> None:
    if len(text) <= LONGEST_SHOWN:
        st.markdown(shown.lines(text))
        return
    st.markdown(shown.lines(f"{text[:LONGEST_SHOWN]}…"))
    with st.expander("The whole description"):
        st.markdown(shown.lines(text))


def _forget_deleted(subject: Subject) -> None:
    """Let go of reports and archives that were made before a photo was deleted: it is still in them."""
    for form in case_work.FORMS:
        job = cases.jobs().of(form, subject.case.id)
        if job and job.result.deleted != subject.facts.deleted:
            case_work.forget_hand_outs(cases.jobs(), subject.case.id)
