"""How often the release is wrong on pictures like the one that is opened, and its nearest labelled neighbours."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, theme
from dashboard.kit.messages import told
from dashboard.session import evaluations, route
from pipeline.errors import BadEvaluation
from pipeline.figures import like_this
from pipeline.figures.like_this import DATASET, Fit
from pipeline.figures.slices import SKIN_TONE
from pipeline.pictures.face_outline import signed_map
from pipeline.results.canonical import unpacked
from pipeline.results.index import Found
from pipeline.words import figures as measured
from pipeline.words import maps, numbers, readable, verdicts

DIGITS = {"face size": "{:.0f} px", "JPEG quality": "{:.0f}", SKIN_TONE: "{:.0f}°"}
"""How what was measured is said; other facts have no unit."""
Neighbour = tuple[Mapping[str, Any], float]
"""A row of predictions, and its distance."""


@dataclass(frozen=True)
class Like:
    """What is known of a release's errors on pictures like a face.

    Attributes:
        sentence: for under the verdict, in markdown.
        fits: the slices that the face belongs to.
        worst: that of the sentence; None where no slice tells.
        remarks: what else must be said, in markdown.
    """

    sentence: str
    fits: tuple[Fit, ...] = ()
    worst: Fit | None = None
    remarks: tuple[str, ...] = ()


def of_face(release: str, release_sha256: str, known: Mapping[str, float], label: str) -> Like:
    """Find how often a release was wrong on pictures like a face.

    Args:
        release: its name.
        release_sha256: hash of the release file that examined the face.
        known: from `like_this.known_of`.
        label: the face's verdict.

    Returns:
        What is known; where the evaluation cannot be read, its sentence says so: the verdict is shown all the same.
    """
    newest = evaluations.newest(release, DATASET)
    if newest is None:
        return Like(
            f"How often release {markup.escaped(release)} is wrong on pictures like this was not measured: "
            f"there is no evaluation of it on {DATASET} photos here."
        )
    try:
        slices = like_this.read_slices(newest.path)
    except BadEvaluation as problem:
        return Like(
            f"How often the release is wrong on pictures like this cannot be told: {markup.escaped(str(problem))}"
        )
    fits, beyond = like_this.fitting(slices, known), like_this.beyond(slices, known)
    worst = like_this.worst(fits, label)
    said = (
        sentence(worst)
        if worst
        else (
            "How often the release is wrong on pictures like this cannot be told: too few of its held-out photos are so."
        )
    )
    untold = [fit for fit in fits if fit.error(label) is None]
    remarks = [*_unlike(beyond, untold), *_remarks(newest, release_sha256)]
    return Like(said, tuple(fits), worst, tuple(remarks))


def _unlike(beyond: Sequence[str], untold: Sequence[Fit]) -> list[str]:
    """Say in what no held-out photo is like a face, or too few for a figure."""
    remarks = []
    if beyond:
        remarks.append(
            f"No held-out photo is like this one in **{markup.escaped(', '.join(beyond))}**: the figures "
            "say little about it."
        )
    if untold:
        names = "; ".join(f"**{markup.escaped(fit.name)}** ({markup.escaped(_range(fit))})" for fit in untold)
        remarks.append(f"Too few held-out photos are like this one in {names}: whether it is worse there is not known.")
    return remarks


def _remarks(found: Found, release_sha256: str) -> list[str]:
    remarks = []
    if found.run.get("release_sha256", release_sha256) != release_sha256:
        remarks.append("The evaluation was made with another version of this release’s file.")
    if found.run.get("most"):
        remarks.append("The evaluation is a trial on a part of the photos.")
    return remarks


def sentence(fit: Fit) -> str:
    """Say how often real photos like a face were called edited, and how many edits were missed, in markdown."""
    return (
        f"On held-out pictures like this in **{markup.escaped(fit.name)}** ({markup.escaped(_range(fit))}), stage 1 "
        f"called {_told(fit.false_alarms, 'of the real ones')} edited and missed "
        f"{_told(fit.missed, 'of the edited ones')}."
    )


def _range(fit: Fit) -> str:
    """Say a slice without brackets: "high, 40.27 to 80.92"."""
    return fit.value.replace(" (", ", ").removesuffix(")")


def _told(figure: Mapping[str, Any], whose: str) -> str:
    if figure["value"] is None:
        return f"– {whose} (only {measured.count(figure['n'])}: too few)"
    return f"**{measured.percent(figure['value'])}** {whose} ({_interval(figure)}, n {measured.count(figure['n'])})"


def _interval(figure: Mapping[str, Any]) -> str:
    low, high = figure["low"], figure["high"]
    return "no interval" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f} %"


def table(like: Like, label: str) -> None:
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
            f"intervals, {_matters(label)} are most frequent: they matter most for this verdict. Skin tone is that of "
            "the pixels under unknown light, no attribute of a person."
        )
        every = [
            {
                "slice": fit.name,
                "value": fit.value,
                "this face": fit.measured,
                "photos": fit.n,
                **_flat("false alarms", fit.false_alarms),
                **_flat("missed edits", fit.missed),
            }
            for fit in like.fits
        ]
        charts.save(pd.DataFrame(every), "like-this")


def _matters(label: str) -> str:
    return {"real": "missed edits", "inconclusive": "errors of both kinds"}.get(label, "false alarms")


def _cells(fit: Fit) -> dict[str, str]:
    return {
        "pictures like this in": f"**{markup.escaped(fit.name)}**: {markup.escaped(_range(fit))}{_here(fit)}",
        "real, called edited": _short(fit.false_alarms),
        "edited, missed": _short(fit.missed),
    }


def _here(fit: Fit) -> str:
    """Say what was measured of this face, in markdown; "" where the slice says it."""
    said = DIGITS.get(fit.name, "{:.3g}").format(fit.measured)
    return "" if fit.measured < 0 and fit.name == "JPEG quality" else f" (here {markup.escaped(said)})"


def _short(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return f"too few: {measured.count(figure['n'])}"
    return f"{measured.percent(figure['value'])} ({_interval(figure)}), n {measured.count(figure['n'])}"


def _flat(name: str, figure: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}{'' if part == 'value' else f', {part}'}": figure[part] for part in ("value", "low", "high", "n")}


def neighbours(found: Sequence[Neighbour], release: str) -> None:
    """Draw the nearest labelled photos of a release's test as small cards, nearest first; each can be opened.

    Args:
        found: rows of predictions, each with its distance.
        release: its name.
    """
    st.markdown("**Nearest labelled photos**")
    if not found:
        st.caption("None is kept with this release’s evaluation.")
        return
    labels = pd.Series([str(row["label"]) for row, _ in found]).value_counts()
    counts = ", ".join(f"{count} truly {markup.escaped(str(label))}" for label, count in labels.items())
    st.caption(
        f"Of release {markup.escaped(release)}’s held-out photos, by what stage 1’s network sees: {counts}. "
        "Maps: orange speaks for “edited”, blue against it, each on its own scale."
    )
    grid, errors = st.grid(min_column_width=140), route.page("Errors")
    for row, distance in found:
        with grid.cell(), st.container(border=True), told():  # one damaged map does not take the others with it
            _neighbour(row, distance)
            if errors is not None:
                where = {route.EVALUATION: f"{release}/{DATASET}", route.EVALUATED: str(row["id"])}
                st.page_link(errors, label="Open", icon=":material/open_in_new:", query_params=where)


def no_neighbours(problem: BadEvaluation) -> None:
    """Say that the evaluation that holds the labelled photos cannot be read."""
    st.markdown("**Nearest labelled photos**")
    st.caption(f"They cannot be read. {markup.escaped(str(problem))}")


def _neighbour(row: Mapping[str, Any], distance: float) -> None:
    label, verdict = str(row["label"]), str(row["verdict"])
    drawn = unpacked(str(row["heatmap"])) if row["heatmap"] else None
    known = drawn is not None and bool(np.isfinite(drawn).any())
    said = f"Coarse map of photo {row['id']}" if known else "A face’s outline; the photo has no map"
    strongest = float(np.nanmax(np.abs(drawn))) if drawn is not None and known else 0.0
    st.image(signed_map(drawn, strongest, side=128), width="stretch", alt=readable.plain(said))
    truth = f'<span class="tt-shape" style="color:{theme.COLOURS[label]}">{verdicts.SHAPES[label]}</span>truly {label}'
    kind = " · ".join(readable.plain(str(part)) for part in (row["kind"], maps.source(str(row["source"]))) if part)
    st.html(
        f'<div><p class="tt-head">{truth}</p><p class="tt-small">{html.escape(kind)}</p>'
        f'<p class="tt-small">verdict: {verdicts.SHAPES[verdict]} {verdicts.CHIPS[verdict]}, '
        f"p(edited) {html.escape(numbers.two_digits(row['p_edited']))}</p>"
        f'<p class="tt-small">distance {distance:.3f}</p></div>'
    )
