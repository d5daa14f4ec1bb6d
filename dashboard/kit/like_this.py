"""How often a release is wrong on pictures like one, slice by slice."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup
from pipeline.figures.like_this import Fit
from pipeline.words.like_this import Like, say_cell, say_here, say_matters, say_range


def draw_like(like: Like, label: str) -> None:
    """Draw all slices that fit, the one of the sentence first, and what must be known to read them."""
    for remark in like.remarks:
        st.caption(remark)
    if not like.fits:
        return
    with st.expander("Pictures like this: everything that fits", icon=":material/stacks:"):
        rows = [_cells(fit) for fit in sorted(like.fits, key=lambda fit: fit is not like.worst)]
        st.table(pd.DataFrame(rows), hide_index=True, alt="Errors of stage 1 on slices that this face belongs to")
        st.caption(
            "Stage 1 at its threshold, on the release’s held-out photos; 95 % intervals. A picture belongs to one "
            "slice of each kind. The sentence under the verdict is about the one where, by the lower ends of the "
            f"intervals, {say_matters(label)} are most frequent: they matter most for this verdict. Skin tone is that "
            "of the pixels under unknown light, no attribute of a person."
        )
        every = [
            {
                "slice": fit.name,
                "value": fit.value,
                "this face": fit.measured,
                "photos": fit.n,
                **_flat("false alarms", fit.false_alarms.as_dict()),
                **_flat("missed edits", fit.missed.as_dict()),
            }
            for fit in like.fits
        ]
        charts.offer_csv(pd.DataFrame(every), "like-this")


def _cells(fit: Fit) -> dict[str, str]:
    return {
        "pictures like this in": f"**{markup.escaped(fit.name)}**: {markup.escaped(say_range(fit))}"
        f"{_say_measured(fit)}",
        "real, called edited": say_cell(fit.false_alarms),
        "edited, missed": say_cell(fit.missed),
    }


def _say_measured(fit: Fit) -> str:
    """Say what was measured of this face, in brackets; "" where the slice says it."""
    here = say_here(fit)
    return f" (here {markup.escaped(here)})" if here else ""


def _flat(name: str, figure: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}{'' if part == 'value' else f', {part}'}": figure[part] for part in ("value", "low", "high", "n")}
