"""The photos of a case: adding more, finding among them, a gallery or a table, page by page."""

from functools import partial

import streamlit as st

from dashboard.kit import markup, messages, navigation
from dashboard.session import cases
from dashboard.session.case_arrivals import ADDING
from dashboard.views.cases import add, cards, listing
from dashboard.views.cases.add import EVERY, MANY, SELDOM
from dashboard.views.cases.asking import PhotoFilter, ask_text, ask_verdicts
from dashboard.views.cases.subject import Subject
from pipeline.casebook.search import PhotoQuery, PhotoRow, numbers
from pipeline.words.figures import count, say_photos

WIDTHS = [1, 2.6]
PAGE, LONG_PAGE = 24, 100
"""Photos on a page of the gallery, and of the table."""


def draw_photos(subject: Subject) -> None:
    """Draw the photos of a case."""
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        add.draw_add(subject)
    job = cases.jobs().of(ADDING, subject.case.id)
    every = None if not (job and job.running) else EVERY if subject.facts.total < MANY else SELDOM
    with right:
        messages.live("photos", lambda: _draw_all(Subject.of(subject.book, subject.case)), every)


def _draw_all(subject: Subject) -> None:
    if subject.facts.total:
        _draw_list(subject)
    else:
        _draw_first_steps(subject)


def _draw_first_steps(subject: Subject) -> None:
    gone = f" {say_photos(subject.facts.deleted)} that it had were deleted." if subject.facts.deleted else ""
    st.markdown(
        f"#### No photos yet\nAdd files, a folder or a zip, or photos of a past run.{gone} They are copied into the "
        "casebook, byte by byte, and examined with heatmaps and with what else a file tells."
    )
    messages.how_to_read(
        "What cannot be examined is added all the same, with the reason: a case keeps what was handed over.",
        "The same file under the same name is in a case once, however often it is added.",
    )


def _draw_list(subject: Subject) -> None:
    book, case, key = subject.book, subject.case, subject.case.id[:8]
    facts = subject.facts
    verdicts = () if subject.waiting else ask_verdicts(key, facts.photos)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = navigation.choose_list("case-view")
        text = ask_text(key)
        asked = PhotoFilter.ask(lambda: cases.choices(book, case.id, facts.entries), key, verdicts, not subject.waiting)
        bar = st.container(width="content")
    query = asked.query(subject.person, text, case.id, facts.blind)
    page = listing.search_page(book, query, PAGE if view == "Gallery" else LONG_PAGE, key)
    st.caption(f"{count(page.total)} of {say_photos(subject.facts.total)}, {markup.escaped(asked.say())}")
    with bar:
        listing.offer_exports(book, query, page.total, f"case-{key}")
    on_open = partial(_open, subject, query)
    if not page.rows:
        st.info("No photo passes these filters. Take one away to see more.")
    elif view == "Gallery":
        cards.draw_cards(book, page.rows, on_open)
    else:
        cards.draw_table(book, page.rows, f"table-{key}-{page.rows[0].number}", on_open)
    messages.how_to_read(
        "Bar: calibrated probability that the most suspicious face was edited; the line is the release’s threshold, "
        "hatched is where it abstains. Opinions of people stand under it.",
        "An indication, not proof: open a photo before you rely on it. “No indication” does not mean genuine.",
    )


def _open(subject: Subject, query: PhotoQuery, row: PhotoRow) -> None:
    """Open a photo; next and previous then go through the photos as they are listed here."""
    cases.keep_order(subject.case.id, numbers(subject.book, query))
    cases.open_photo(row.number)
