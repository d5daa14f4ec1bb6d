"""Was it tested on photos that it knows? Near twins between a split and the photos learned from."""

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from pipeline.results.audit import Audit, Leak
from pipeline.words import figures as measured
from pipeline.words.shares import share

MEASURES = {
    "same bytes": "the very same file",
    "phash": "looks alike at a glance (perceptual hash)",
    "embedding": "looks alike to a network (embedding)",
    "phash and embedding": "looks alike to both: a true twin, most likely",
}
STANDINGS = {
    "none": "none found",
    "as unrelated photos": "no more than unrelated photos",
    "more than unrelated photos": "more than unrelated photos: a leak",
    "not measurable": "not measurable",
}
STRICT = ("same bytes", "phash and embedding")
LEAK = "more than unrelated photos"


def section(audit: Audit) -> None:
    """Draw how many photos of each split have a near twin among those learned from, and say what follows."""
    if not audit.leakage:
        st.info("The audit has no splits to compare: whether tested photos are among those learned from is not known.")
        return
    st.markdown(answer(audit))
    table = pd.DataFrame([_row(leak) for leak in audit.leakage])
    st.dataframe(table, hide_index=True, height="content")
    st.caption(
        "A share alone says little: unrelated portraits look alike too. So it stands beside how many photos have a "
        "near one that are surely unrelated, and how many that are surely of one person. 95 % intervals by groups."
    )
    charts.save(table, "leakage")
    _pairs([leak for leak in audit.leakage if leak.measure in STRICT and leak.examples])


def _pairs(leaks: list[Leak]) -> None:
    """Draw the pairs that look like twins, by their hashes, to be looked at where the photos are."""
    rows = [{"photos of": leak.split, "near": leak.measure, **pair} for leak in leaks for pair in leak.examples]
    if rows:
        with st.expander(f"{len(rows)} pairs that should be looked at, by the first digits of their SHA-256"):
            st.dataframe(pd.DataFrame(rows), hide_index=True)


def answer(audit: Audit) -> str:
    """Say whether a split leaks, as markdown."""
    found = [leak for leak in audit.leakage if leak.standing == LEAK]
    if found:
        named = "; ".join(
            f"{markup.escaped(leak.split)}, by {markup.escaped(leak.measure)}: {share(leak.share)} against "
            f"{share(leak.unrelated)} of unrelated photos"
            for leak in found
        )
        return f"**Yes, in part**: more photos have a twin among those learned from than chance explains ({named})."
    unknown = [leak for leak in audit.leakage if leak.standing not in STANDINGS or leak.standing == "not measurable"]
    if len(unknown) == len(audit.leakage):
        return "**Not known**: nothing could be compared."
    said = "; ".join(
        f"of {markup.escaped(leak.split)} {measured.count(leak.near)} of {measured.count(leak.n)}"
        for leak in audit.leakage
        if leak.measure == STRICT[-1]
    )
    return (
        "**No sign of it.** No split has more near twins among the photos learned from than unrelated photos have. "
        f"Likely twins: {said}."
    )


def _row(leak: Leak) -> dict[str, object]:
    return {
        "photos of": leak.split,
        "near": MEASURES.get(leak.measure, leak.measure),
        "with one among those learned from": f"{measured.count(leak.near)} of {measured.count(leak.n)}: "
        f"{share(leak.share)}",
        "unrelated photos": share(leak.unrelated),
        "photos of one person": share(leak.same_group),
        "": STANDINGS.get(leak.standing, leak.standing),
    }
