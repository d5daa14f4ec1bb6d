"""A search over the photos of all cases."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import cases
from dashboard.views.cases import cards, listing
from dashboard.views.cases.asking import PhotoFilter, ask_text, ask_verdicts
from pipeline.words.figures import say_photos

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook

PAGE = 24


def draw_find(book: "Casebook") -> None:
    """Draw what is asked for, and the photos of all cases that answer to it."""
    every = [case for archived in (False, True) for case in book.cases(archived)]
    verdicts = ask_verdicts("all")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = ask_text("all")
        entries = sum(case.entries for case in every)
        asked = PhotoFilter.ask(lambda: cases.choices(book, "", entries), "all", verdicts)
        bar = st.container(width="content")
    query = asked.query(book.person.name, text, blind=any(case.blind for case in every))
    page = listing.search_page(book, query, PAGE, "all")
    st.caption(f"{say_photos(page.total)} of all cases that you may see, {markup.escaped(asked.say())}")
    with bar:
        listing.offer_exports(book, query, page.total, "all-cases")
    if not page.rows:
        st.info("No photo answers to this. Take a condition away to see more.")
    cards.draw_cards(book, page.rows, lambda row: cases.open_photo(row.number, row.case), with_case=True)
    messages.how_to_read(
        "A photo opens in its case. Verdicts of a blind case are hidden until you gave your opinion on the photo; no "
        "filter by verdict and no order by suspicion tells them either.",
        "A name is looked for anywhere in it; a hash by its first digits, six or more.",
    )
