"""What is drawn first can be read before the rest is there."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboard.session import widgets
from tests.bench.pages import PAGES, SLIDERS

SCRIPT = """
import streamlit as st
from dashboard.session import widgets
st.write("first")
widgets.paint("plots")
st.write("rest")
"""


def test_the_browser_gets_longer_the_first_time_for_it_loads_what_it_draws_with(monkeypatch):
    waited = []
    monkeypatch.setattr(widgets, "sleep", waited.append)
    test = AppTest.from_string(SCRIPT).run()
    assert [part.value for part in test.markdown] == ["first", "rest"]
    test.run()
    assert waited == [widgets.LOADING, widgets.PAINTING] and widgets.LOADING > widgets.PAINTING


def test_what_the_benchmark_looks_for_is_drawn():
    """A class that no page draws any more would never be found, and another would be timed in its place."""
    drawn = "".join(path.read_text(encoding="utf-8") for path in Path(widgets.__file__).parents[1].rglob("*.py"))
    looked_for = [*PAGES.values(), *(name for _, watched in SLIDERS.values() for name in watched)]
    mine = {name for names in looked_for for name in re.findall(r"\.(tt-[a-z-]+)", names)}
    assert mine and not {name for name in mine if not re.search(rf"{name}(?![a-z-])", drawn)}
