"""One measured figure, drawn large."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.kit import markup
from pipeline.words.figures import MEANINGS, count, say_interval, say_value, unit_of


def draw_tile(label: str, name: str, figure: Mapping[str, Any] | None) -> None:
    """Draw one figure large, with its interval and n under it and its meaning as help; says where it is missing.

    Args:
        label: what it is called here.
        name: of the measure.
        figure: as it is stored; None where it was not measured.
    """
    unit = unit_of(name)
    with st.container(border=True):
        if figure is None or figure.get("value") is None:
            st.metric(label, "–", help=MEANINGS.get(name))
            st.caption("not measured: too few photos of a class" if figure else "not measured")
            return
        st.metric(label, say_value(figure, unit), help=MEANINGS.get(name))
        st.caption(f"95 % interval {markup.escaped(say_interval(figure, unit))}, n {count(figure['n'])}")
