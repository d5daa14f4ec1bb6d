"""One measured figure, drawn large."""

import streamlit as st

from dashboard.kit import markup
from pipeline.words.figures import MEANINGS, Figure, count, interval, value


def tile(label: str, name: str, figure: Figure | None) -> None:
    """Draw one figure large, with its interval and n under it and its meaning as help; says where it is missing."""
    with st.container(border=True):
        if figure is None or figure.get("value") is None:
            st.metric(label, "–", help=MEANINGS.get(name))
            st.caption("not measured: too few photos of a class" if figure else "not measured")
            return
        st.metric(label, value(name, figure), help=MEANINGS.get(name))
        st.caption(f"95 % interval {markup.escaped(interval(name, figure))}, n {count(figure['n'])}")
