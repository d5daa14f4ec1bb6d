"""Cases: photos of one matter, kept with what was found in them, what people hold of them, and a log of every act."""

import streamlit as st

from dashboard.kit import messages
from dashboard.session import cases
from dashboard.views.cases import gate

TITLE = "Cases"
ICON = "🗂️"
GROUP = "Investigate"
ORDER = 2


def render() -> None:
    """Draw the list of cases, one case, or one photo of it; before a login nothing of them."""
    if not gate.draw_gate():
        return
    from dashboard.views.cases import start, style, whole  # they bring the database's library, which takes a second

    st.html(style.STYLE)
    book, (case_id, number) = cases.casebook(), cases.opened()
    if not case_id:
        start.draw_start(book)
        return
    if number is None and gate.draw_back("All cases"):
        cases.close_case()
    with messages.showing_errors():
        case = book.open(case_id)
        if number is None:
            whole.draw_case(book, case)
            return
        from dashboard.views.cases.photo_page import draw_photo

        draw_photo(book, case, number, whole.order_of(book, case))
