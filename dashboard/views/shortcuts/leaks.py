"""Was it tested on photos that it knows? Near twins between a split and the photos learned from."""

import pandas as pd
import streamlit as st

from dashboard.kit import charts
from dashboard.views.shortcuts.data_wording import STRICT, leak_row, say_leaks
from pipeline.results.audit import Audit, Leak


def draw_leaks(audit: Audit) -> None:
    """Draw how many photos of each split have a near twin among those learned from, and say what follows."""
    if not audit.leakage:
        st.info("The audit has no splits to compare: whether tested photos are among those learned from is not known.")
        return
    st.markdown(say_leaks(audit))
    table = pd.DataFrame([leak_row(leak) for leak in audit.leakage])
    st.dataframe(table, hide_index=True, height="content")
    st.caption(
        "A share alone says little: unrelated portraits look alike too. So it stands beside how many photos have a "
        "near one that are surely unrelated, and how many that are surely of one person. 95 % intervals by groups."
    )
    charts.offer_csv(table, "leakage")
    _draw_pairs([leak for leak in audit.leakage if leak.measure in STRICT and leak.examples])


def _draw_pairs(leaks: list[Leak]) -> None:
    """Draw the pairs that look like twins, by their hashes, to be looked at where the photos are."""
    rows = [{"photos of": leak.split, "near": leak.measure, **pair} for leak in leaks for pair in leak.examples]
    if rows:
        with st.expander(f"{len(rows)} pairs that should be looked at, by the first digits of their SHA-256"):
            st.dataframe(pd.DataFrame(rows), hide_index=True)
