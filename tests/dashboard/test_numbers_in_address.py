"""Numbers in a page's address: whoever writes an address may write anything into it."""

import pytest
from driven import app, text_of

from dashboard.session.route import DIGITS

SCRIPT = (
    "import streamlit as st\n"
    "from dashboard.session import cases, route\n"
    "from dashboard.views.errors import address\n"
    "st.caption(f'photo {route.opened_index()}, of a case {cases.opened()[1]}, page {address.page_of(7)}')"
)


@pytest.mark.parametrize("named", ["9" * 5000, "9" * (DIGITS + 1), "-1", "1.0", "²", "x"])
def test_what_is_no_number_that_can_be_meant_opens_nothing(named):
    assert text_of(app(SCRIPT, photo=named, page=named)) == "photo None, of a case None, page 1"


def test_a_number_opens_what_it_names_and_a_page_at_most_the_last():
    assert text_of(app(SCRIPT, photo="003", page="9" * DIGITS)) == "photo 3, of a case 3, page 7"
    assert text_of(app(SCRIPT, photo="0", page="0")) == "photo 0, of a case 0, page 1"
    assert text_of(app(SCRIPT)) == "photo None, of a case None, page 1"
