"""What is not in the ranking, and what is odd about rows that are: counted, listed with why, to take away."""

from collections import Counter
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from pipeline.reach.forms import left_out, remarks, sentence
from pipeline.reach.ranking import Join
from pipeline.words import readable
from pipeline.words.figures import count

MOST_SHOWN = 200


def draw_left_out(joined: Join) -> None:
    """Draw the account of every row and photo, and lists of what was left out and of what is odd."""
    engagement = joined.engagement
    st.caption(f"**Accounted for:** {markup.escaped(sentence(joined))}")
    rows = left_out(joined)
    unlisted = engagement.bad_rows - len(engagement.bad)
    if rows:
        kinds = Counter(row["what"] for row in rows)
        parts = ", ".join(f"{count(number)} {what}" for what, number in kinds.items())
        with st.expander(f"Left out of the ranking: {count(len(rows) + unlisted)}"):
            st.caption(f"{parts}{f'; {count(unlisted)} more rows that were not read' if unlisted else ''}")
            _draw_rows(rows, "reach-left-out")
    odd = remarks(joined)
    if odd:
        with st.expander(f"Odd, but used: {count(len(odd) + engagement.odd_rows - len(engagement.odd))}"):
            _draw_rows(odd, "reach-remarks")


def _draw_rows(rows: list[dict[str, Any]], name: str) -> None:
    table = pd.DataFrame(rows)
    shown = table.head(MOST_SHOWN).assign(
        name=lambda part: part["name"].map(readable.cell), why=lambda part: part["why"].map(readable.cell)
    )
    st.dataframe(shown, hide_index=True, height=min(420, 38 + 35 * len(shown)), placeholder="–", alt="Rows with why")
    if len(table) > len(shown):
        st.caption(f"The first {count(len(shown))} of {count(len(table))}; the CSV has them all.")
    charts.offer_csv(table, name)
