"""How far to trust a release: the answers of `pipeline.words.answers`, drawn under each other."""

import html
from collections.abc import Sequence

import streamlit as st

from pipeline.words.answers import Answer


def draw_answers(answers: Sequence[Answer]) -> None:
    """Draw answers: the figure large, the sentence beside it, how sure it is under that."""
    rows = "".join(
        f'<div style="font-size:1.45rem;font-weight:650;text-align:right;font-variant-numeric:tabular-nums;'
        f'line-height:1.3;white-space:nowrap">{html.escape(one.figure)}</div>'
        f'<div style="line-height:1.4;padding-top:.25rem">{html.escape(one.sentence)} '
        f'<span style="opacity:.82;font-size:.875rem;display:inline-block">{html.escape(one.certainty)}</span></div>'
        for one in answers
    )
    st.html(
        '<div class="tt-answers" style="display:grid;grid-template-columns:minmax(3.6rem,max-content) 1fr;'
        f'gap:.45rem .9rem">{rows}</div>'
    )
