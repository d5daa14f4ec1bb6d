"""A verdict: as a card's lines, and opened with both stages, thresholds and bands of abstention."""

import html
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.kit import markup
from dashboard.kit.fact_list import html_list
from dashboard.kit.rows import Row
from dashboard.kit.theme import COLOURS, ink
from dashboard.session import evaluations
from models.regions import REGION_NAMES
from models.release import Release
from pipeline.errors import BadEvaluation
from pipeline.examination import FaceExamination
from pipeline.face import Face
from pipeline.verdict import CAUTION, NO_FACE, StageScore, Verdict
from pipeline.words import numbers, readable, verdicts
from pipeline.words.track_record import pointing_record, track_record

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def card_html(row: Row) -> str:
    """Return a row's lines as HTML; everything that came from outside is escaped."""
    assert row.verdict is not None
    notes = _numbers(row.verdict.edited, html.escape(row.faces_account))
    if row.same_as:
        notes.append(f"the same file again: {markup.html_name(row.same_as)}")
    lines = "".join(f'<p class="tt-small">{note}</p>' for note in notes)
    reason = verdicts.reasons(row.verdict.reasons)
    why = f'<p class="tt-name">{html.escape(reason)}</p>' if reason else ""
    name = (
        f'<p class="tt-name tt-file" title="{html.escape(readable.plain(row.name))}">{markup.html_name(row.name)}</p>'
    )
    bar = bar_html(row.verdict.edited, COLOURS[row.verdict.label])
    return f"<div>{headline_html(row.verdict)}{why}{name}{bar}{lines}</div>"


def headline_html(verdict: Verdict) -> str:
    """Return a verdict's headline as HTML: shape, words and strength, without its reasons."""
    strength = f" ({verdict.strength})" if verdict.strength else ""
    return f'<p class="tt-head">{_shape(verdict)}{html.escape(verdicts.HEADLINES[verdict.label])}{strength}</p>'


def _shape(verdict: Verdict) -> str:
    return f'<span class="tt-shape" style="color:{COLOURS[verdict.label]}">{verdicts.SHAPES[verdict.label]}</span>'


def _numbers(score: StageScore | None, faces: str) -> list[str]:
    if score is None:
        return [faces]
    probability = html.escape(numbers.two_digits(score.probability))
    return [f"p(edited) {probability} · threshold {score.threshold:.2f}", faces]


def bar_html(score: StageScore | None, colour: str) -> str:
    """Return a bar of a probability against its threshold and its band of abstention, as HTML."""
    if score is None:
        return ""
    low, high = (100 * edge for edge in score.abstain)
    label = f"probability {score.probability:.2f}, threshold {score.threshold:.2f}"
    return (
        f'<div class="tt-bar" role="img" aria-label="{label}">'
        f'<div class="tt-fill" style="width:{100 * score.probability:.1f}%;background:{colour}"></div>'
        f'<div class="tt-band" style="left:{low:.1f}%;width:{max(0.0, high - low):.1f}%"></div>'
        f'<div class="tt-mark" style="left:{100 * score.threshold:.1f}%"></div></div>'
    )


def draw_panel(face: FaceExamination | None, number: int, faces: int, record: str = "") -> None:
    """Draw the verdict of one face, or, with None, that there is none.

    Args:
        face: the face.
        number: its place, from 1.
        faces: how many were examined.
        record: how often the release is wrong on pictures like this one, in markdown.
    """
    verdict = face.verdict if face else NO_FACE
    strength = f" ({verdict.strength})" if verdict.strength else ""
    which = f"Face {number}: " if face and faces > 1 else ""
    line = html.escape(f"{which}{verdicts.headline(verdict)}{strength}")
    st.html(f'<p class="tt-reading">{_shape(verdict)}{line}</p>')
    if face is None:
        st.markdown("Nothing can be said of a photo in which no face was examined; that is no sign of anything.")
    else:
        who = f"Face {number} of {faces}, numbered in the photo. " if faces > 1 else ""
        who += _say_found_how(face.face)
        st.markdown(f"{who}{verdicts.where(face)}")
        if record:
            st.markdown(record)
    st.warning(CAUTION, icon=":material/balance:")


def draw_of_photo(row: Row, face: FaceExamination | None) -> None:
    """Draw what holds of the photo as a whole and not of one face: its verdict, faces not judged, a file cut short.

    Args:
        row: the photo's.
        face: the face that is drawn below; None where there is none.
    """
    record, verdict = row.record, row.verdict
    assert verdict is not None
    if face and (verdict.label, verdict.reasons) != (face.verdict.label, face.verdict.reasons):
        strength = f" ({verdict.strength})" if verdict.strength else ""
        line = html.escape(f"The photo: {verdicts.headline(verdict)}{strength}")
        st.html(f'<p class="tt-reading">{_shape(verdict)}{line}</p>')
        if verdict.label != "inconclusive" and verdict.reasons:
            st.markdown(markup.escaped(verdicts.reasons(verdict.reasons)))
    if record.get("partial"):
        st.error(
            "The file is cut short: this is a verdict on what is left of the photo. Look for the whole file.",
            icon=":material/broken_image:",
        )
    account = row.faces_account
    if len(record["faces"]) > 1 or record.get("faces_unjudged") or record.get("faces_left_out"):
        st.markdown(f"**{markup.escaped(account)}**")
    if record.get("faces_unjudged"):
        st.warning(
            "Not every face of this photo was examined, and one of those left out may be the edited one. They have a "
            "dashed box and a question mark: mark one by hand to have it examined.",
            icon=":material/face:",
        )


def _say_found_how(face: Face) -> str:
    """Say in sentences, each with a blank behind it, how a face came to be examined."""
    text = "This face was **marked by hand**. " if face.marked else ""
    if face.turn:
        text += f"It was examined turned upright, by {face.turn}° counter-clockwise. "
    return text


def draw_stages(verdict: Verdict, release: Release) -> None:
    """Draw both stages as bars with thresholds and bands, and the joint probabilities."""
    if verdict.edited is None:
        return
    st.plotly_chart(
        plot_of(verdict, ink()),
        key="stages",
        config={"displaylogo": False, "displayModeBar": False},
        alt=_say_scores(verdict),
    )
    st.caption(
        "Line: threshold. Shaded: the band in which the release says nothing. "
        "Probabilities are calibrated on held-out photos like those of the training data."
    )
    _record(release)
    joint = verdict.probabilities
    names = {"real": "No editing", "deepfake": "Deepfake", "facetune": "Facetune-style retouching"}
    st.markdown("**All three together** (joint probabilities)")
    st.html(html_list({names[label]: numbers.two_digits(value) for label, value in joint.items()}))
    _regions(verdict.edited)
    if verdict.deepfake is None:
        st.caption("Stage 2 did not run: stage 1 did not pass its threshold, so “edited” is not split into kinds.")
    st.caption(
        f"How the thresholds were chosen. Stage 1: {markup.escaped(release.edited.rule)}  \n"
        f"Stage 2: {markup.escaped(release.deepfake.rule)}"
    )


def _record(release: Release) -> None:
    """Say how often the release was wrong on held-out photos, and how far the place that it names is to be trusted."""
    try:
        test, unseen = (_figures(release.name, dataset) for dataset in ("test", "unseen"))
    except BadEvaluation as problem:
        st.caption(f"How often it is wrong on held-out photos cannot be told. {markup.escaped(str(problem))}")
        return
    if sentence := track_record(test, unseen):
        st.markdown(f"**How often it is wrong.** {markup.escaped(sentence)}")
    if pointed := pointing_record(test):
        st.markdown(f"**How far to trust the place.** {markup.escaped(pointed)}")


def _figures(release: str, dataset: str) -> dict[str, Any]:
    newest = evaluations.newest(release, dataset)
    return evaluations.read_figures(newest.path) if newest else {}


def _regions(score: StageScore) -> None:
    if not score.regions:
        return
    st.markdown("**Which parts stage 1 holds edited** (not calibrated: compare them, do not read them as chances)")
    st.html(html_list({name: f"{share:.2f}" for name, share in zip(REGION_NAMES, score.regions, strict=True)}))


def _say_scores(verdict: Verdict) -> str:
    second = f"; stage 2 {verdict.deepfake.probability:.2f}" if verdict.deepfake else "; stage 2 not run"
    return f"Stage 1 {verdict.edited.probability:.2f}{second}" if verdict.edited else ""


def plot_of(verdict: Verdict, colour: str) -> "Figure":
    """Return both stages' probabilities as horizontal bars, each with its threshold and its band of abstention.

    Args:
        verdict: of a face that was scored.
        colour: of text and threshold lines.
    """
    import plotly.graph_objects as go

    plot = go.Figure()
    colours = {"edited": COLOURS[verdict.label], "deepfake": COLOURS["deepfake"]}
    scores = (("edited", "p(edited)", verdict.edited), ("deepfake", "p(deepfake | edited)", verdict.deepfake))
    for place, (stage, name, score) in zip((1, 0), scores, strict=True):
        probability = "not run" if score is None else numbers.two_digits(score.probability)
        title = f"<b>{verdicts.STAGES[stage]}</b><br>{name}: {probability}"
        plot.add_annotation(
            x=0, y=place + 0.22, text=title, showarrow=False, xanchor="left", yanchor="bottom", align="left"
        )
        _add_stage(plot, place, score, colours[stage])
        if score:
            _add_threshold(plot, place, score.threshold, colour)
    plot.update_xaxes(range=[0, 1], dtick=0.25, title="calibrated probability", fixedrange=True)
    plot.update_yaxes(range=[-0.35, 1.85], visible=False, fixedrange=True)
    plot.update_layout(height=270, margin={"l": 4, "r": 12, "t": 4, "b": 40}, showlegend=False, bargap=0)
    plot.update_annotations(font_color=colour)
    plot.update_xaxes(tickfont_color=colour, title_font_color=colour)
    return plot


def _add_stage(plot: "Figure", place: int, score: StageScore | None, colour: str) -> None:
    """Add a stage's bar and its band of abstention; of one that did not run only the ground."""
    low, high = place - 0.18, place + 0.18
    plot.add_shape(
        type="rect", x0=0, x1=1, y0=low, y1=high, fillcolor="rgba(127,127,127,.16)", line_width=0, layer="below"
    )
    if score is None:
        return
    plot.add_bar(
        x=[score.probability],
        y=[place],
        width=0.36,
        orientation="h",
        marker_color=colour,
        hovertemplate="%{x:.3f}<extra></extra>",
    )
    plot.add_shape(
        type="rect",
        x0=score.abstain[0],
        x1=score.abstain[1],
        y0=low,
        y1=high,
        line_width=0,
        fillcolor="rgba(127,127,127,.55)",
    )


def _add_threshold(plot: "Figure", place: int, threshold: float, colour: str) -> None:
    """Add a stage's threshold, a line with its number under it."""
    plot.add_shape(
        type="line",
        x0=threshold,
        x1=threshold,
        y0=place - 0.26,
        y1=place + 0.22,
        line={"width": 3, "color": colour},
    )
    plot.add_annotation(
        x=threshold,
        y=place - 0.24,
        text=f"threshold {threshold:.2f}",
        showarrow=False,
        yanchor="top",
        xanchor="right" if threshold > 0.8 else "center",
        font_size=11,
    )


def draw_faces(faces: tuple[FaceExamination, ...]) -> None:
    """Draw one line a face."""
    rows = [
        {
            "face": number,
            "verdict": f"{verdicts.SHAPES[entry.verdict.label]} {verdicts.CHIPS[entry.verdict.label]}",
            "p(edited)": entry.verdict.edited.probability if entry.verdict.edited else None,
            "p(deepfake)": entry.verdict.deepfake.probability if entry.verdict.deepfake else None,
            "size, px": round(entry.face.size),
            "found": verdicts.say_found(entry.face),
            "reason": verdicts.reasons(entry.verdict.reasons),
        }
        for number, entry in enumerate(faces, 1)
    ]
    two = st.column_config.NumberColumn(format="%.2f")
    st.markdown(f"**All {len(faces)} faces**, largest first; the photo's verdict is that of the most suspicious one")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"p(edited)": two, "p(deepfake)": two},
        height=min(320, 38 + 35 * len(rows)),
        placeholder="–",
        alt="Verdict of each face",
    )
