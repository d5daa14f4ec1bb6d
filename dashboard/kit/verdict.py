"""A verdict: as a card's lines, and opened with both stages, thresholds and bands of abstention."""

import html

import pandas as pd
import streamlit as st

from dashboard.kit import markup
from dashboard.kit.fact_list import html_list
from dashboard.kit.rows import Row
from dashboard.kit.stage_bars import draw_bars, draw_joint
from dashboard.kit.theme import COLOURS
from dashboard.session import evaluations
from models.regions import REGION_NAMES
from models.release import Release
from pipeline.errors import BadEvaluation
from pipeline.examination import FaceExamination
from pipeline.face import Face
from pipeline.verdict import CAUTION, NO_FACE, StageScore, Verdict
from pipeline.words import numbers, readable, verdicts
from pipeline.words.track_record import caveat, pointing_record, track_record


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
    return (
        f'<p class="tt-head">{shape_html(verdict.label)}{html.escape(verdicts.HEADLINES[verdict.label])}{strength}</p>'
    )


def shape_html(label: str) -> str:
    """Return a label's shape in its colour, as HTML; a label that is not known here has a question mark."""
    return (
        f'<span class="tt-shape" style="color:{COLOURS.get(label, "inherit")}">{verdicts.SHAPES.get(label, "?")}</span>'
    )


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
    label = f"probability {html.escape(numbers.two_digits(score.probability))}, threshold {score.threshold:.2f}"
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
    st.html(f'<p class="tt-reading">{shape_html(verdict.label)}{line}</p>')
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
        st.html(f'<p class="tt-reading">{shape_html(verdict.label)}{line}</p>')
        if verdict.label != "inconclusive" and verdict.reasons:
            st.markdown(markup.escaped(verdicts.reasons(verdict.reasons)))
    account = row.faces_account
    several = len(record["faces"]) > 1 or record.get("faces_unjudged") or record.get("faces_left_out")
    draw_left_out(bool(record.get("partial")), account if several else "", bool(record.get("faces_unjudged")))


def draw_left_out(partial: bool, account: str, unjudged: bool) -> None:
    """Draw what of a photo was not examined.

    Args:
        partial: the file is cut short.
        account: how many faces there are and what became of each; "" where one was examined and that is all.
        unjudged: a face was found and not judged.
    """
    if partial:
        st.error(
            "The file is cut short: this is a verdict on what is left of the photo. Look for the whole file.",
            icon=":material/broken_image:",
        )
    if account:
        st.markdown(f"**{markup.escaped(account)}**")
    if unjudged:
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
    draw_bars(verdict)
    _record(release)
    draw_joint(verdict)
    draw_parts(verdict.edited)
    if verdict.deepfake is None:
        st.caption(f"Stage 2 did not run: {verdicts.why_not_split(verdict.edited)}.")
    st.caption(
        f"How the thresholds were chosen. Stage 1: {markup.escaped(release.edited.rule)}  \n"
        f"Stage 2: {markup.escaped(release.deepfake.rule)}"
    )


def _record(release: Release) -> None:
    """Say how often the release was wrong on held-out photos, and how far the place that it names is to be trusted."""
    newest = [evaluations.newest(release.name, dataset) for dataset in ("test", "unseen")]
    try:
        test, unseen = (evaluations.read_figures(one.path) if one else {} for one in newest)
    except BadEvaluation as problem:
        st.caption(f"How often it is wrong on held-out photos cannot be told. {markup.escaped(str(problem))}")
        return
    if sentence := track_record(test, unseen):
        note = caveat(release.sha256, *(one.run for one in newest if one))
        st.markdown(f"**How often it is wrong.** {markup.escaped(f'{sentence} {note}'.strip())}")
    if pointed := pointing_record(test):
        st.markdown(f"**How far to trust the place.** {markup.escaped(pointed)}")


def draw_parts(score: StageScore) -> None:
    """Draw which parts of a face stage 1 holds edited, where its network tells."""
    if not score.regions:
        return
    st.markdown("**Which parts stage 1 holds edited** (not calibrated: compare them, do not read them as chances)")
    st.html(html_list({name: f"{share:.2f}" for name, share in zip(REGION_NAMES, score.regions, strict=True)}))


def draw_faces(faces: tuple[FaceExamination, ...]) -> None:
    """Draw one line a face."""
    rows = [
        {
            "face": number,
            "verdict": f"{verdicts.SHAPES[entry.verdict.label]} {verdicts.CHIPS[entry.verdict.label]}",
            "p(edited)": numbers.cell(entry.verdict.edited.probability if entry.verdict.edited else None),
            "p(deepfake | edited)": numbers.cell(
                entry.verdict.deepfake.probability if entry.verdict.deepfake else None
            ),
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
        column_config={"p(edited)": two, "p(deepfake | edited)": two},
        height=min(320, 38 + 35 * len(rows)),
        placeholder="–",
        alt="Verdict of each face",
    )
