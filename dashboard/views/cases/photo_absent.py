"""A photo of a case without a verdict: deleted, or never examined."""

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.kit.fact_list import html_list
from dashboard.views.cases import photo_facts, photo_opinion
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.report.harmless import one_line, paragraphs
from pipeline.errors import advice_on
from pipeline.words import readable


def draw_deleted(subject: PhotoSubject) -> None:
    """Draw what the log still knows of a photo that was deleted."""
    photo = subject.photo
    entry = next(entry for entry in reversed(subject.log.entries) if entry.act == "deleted")
    st.html('<p class="tt-reading">This photo was deleted</p>')
    for line in paragraphs(photo.deleted or ""):
        st.markdown(f"**Reason:** {markup.escaped(line)}")
    st.html(
        html_list(
            {
                "Name": readable.short(photo.name, 120),
                "SHA-256": photo.sha256,
                "Added": f"{photo.at} by {one_line(photo.who, 120)}",
                "Deleted": f"{entry.at} by {one_line(entry.who, 120)}, entry {entry.number} of the log",
            }
        )
    )
    st.caption("Its bytes, pictures and maps are gone, unless another photo or case holds them. The log stays.")
    photo_facts.draw_history(subject)


def draw_unexamined(subject: PhotoSubject) -> None:
    """Draw a photo that could not be examined, or was not examined yet."""
    photo = subject.photo
    left, right = st.columns([3, 2], gap="medium")
    with left:
        problem = photo.error or {}
        st.html('<p class="tt-reading">No verdict: this photo could not be examined</p>')
        if photo.error:
            st.markdown(markup.escaped(one_line(str(problem.get("message", "")), 1000)))
            st.markdown(advice_on(str(problem.get("code", ""))))
        else:
            st.markdown("It was not examined yet.")
        st.caption("That it could not be examined is no sign of anything.")
        photo_facts.draw_matches(photo)
    with right:
        photo_facts.draw_facts(subject, None)
    st.divider()
    with messages.showing_errors():
        photo_opinion.draw_opinions(subject, None)
