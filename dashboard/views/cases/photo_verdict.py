"""The verdict on a photo of a case, in the words and with the figures of the time when it was given."""

import html

import streamlit as st

from dashboard.kit import evidence, markup, messages, stage_bars, verdict
from dashboard.kit.fact_list import html_list
from dashboard.kit.like_this import draw_like
from dashboard.session.examined_photos import Opened
from dashboard.views.cases import photo_facts
from dashboard.views.cases.photo_subject import PhotoSubject
from pipeline.casebook.case_record import Examined
from pipeline.casebook.report.faces import faces_of
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.parts import Part
from pipeline.errors import TriageError
from pipeline.figures.like_this import Fit, worst
from pipeline.verdict import CAUTION, Verdict
from pipeline.words import numbers, verdicts
from pipeline.words.figures import say
from pipeline.words.like_this import Like

MOST_TITLES = 8


def draw_verdict(subject: PhotoSubject, opened: Opened | TriageError, number: int) -> None:
    """Draw what was said of a photo, and how sure that is.

    Args:
        subject: the photo, with the examination that is looked at.
        opened: what is drawn of it, or why nothing can be.
        number: the face that is looked at, from 0.
    """
    examined = subject.examined
    assert examined is not None
    photo_facts.draw_matches(subject.photo)
    if examined is not subject.photo.examined:
        st.info("This is an older examination. The last one counts.", icon=":material/history:")
    _draw_headline(examined, subject.dossier)
    if subject.problem:
        messages.show_error(subject.problem)
        _draw_by_log(examined)
    else:
        _draw_of_dossier(subject.dossier, examined, opened, number)
    messages.how_to_read(
        "Stage 1 says whether a face was edited; only if it passes its threshold does stage 2 say which kind.",
        f"Words and figures are those of {one_line(examined.at, 40)}, kept with the examination.",
    )


def _draw_headline(examined: Examined, dossier: Part) -> None:
    words = dossier.part("words")
    line = words.text("headline") or verdicts.HEADLINES.get(examined.verdict, one_line(examined.verdict, 60))
    strength = f" ({words.text('strength', 40)})" if words.text("strength") else ""
    st.html(f'<p class="tt-reading">{verdict.shape_html(examined.verdict)}{html.escape(line + strength)}</p>')
    by_dossier = dossier.part("record").text("verdict", 60)
    if by_dossier and by_dossier != examined.verdict:
        st.error(
            f"The log and the dossier do not agree: the log has “{markup.escaped(examined.verdict)}”, the dossier "
            f"“{markup.escaped(by_dossier)}”. Verify the case.",
            icon=":material/warning:",
        )


def _draw_by_log(examined: Examined) -> None:
    """Draw what the log alone tells of a verdict."""
    first, second = numbers.two_digits(examined.p_edited), numbers.two_digits(examined.p_deepfake)
    st.markdown(f"By the log: p(edited) {markup.escaped(first)}, p(deepfake | edited) {markup.escaped(second)}.")
    st.warning(CAUTION, icon=":material/balance:")


def _draw_of_dossier(dossier: Part, examined: Examined, opened: Opened | TriageError, number: int) -> None:
    record = dossier.part("record")
    faces = faces_of(record)
    several = len(faces) > 1 or bool(record.parts("faces_unjudged")) or not faces
    account = record.text("faces_account") if several else ""
    verdict.draw_left_out(record.flag("partial"), account, bool(record.parts("faces_unjudged")))
    if not faces:
        st.markdown("Nothing can be said of a photo in which no face was examined; that is no sign of anything.")
        st.warning(CAUTION, icon=":material/balance:")
        return
    place = max(faces, key=lambda face: face.verdict.suspicion).place
    _draw_place(dossier, opened, number, place)
    like = read_like(dossier, examined.verdict)
    st.markdown(markup.escaped(like.sentence))
    draw_like(like, examined.verdict)
    st.warning(CAUTION, icon=":material/balance:")
    _draw_beside(dossier)
    of_face = faces[place].verdict if isinstance(opened, TriageError) else opened.faces[number].verdict
    _draw_stages(dossier, of_face)
    if isinstance(opened, Opened) and len(opened.faces) > 1:
        verdict.draw_faces(opened.faces)


def _draw_place(dossier: Part, opened: Opened | TriageError, number: int, place: int) -> None:
    """Say where the evidence peaks: of the face that decides as it was said then, of another one now."""
    if isinstance(opened, TriageError) or number == place:
        st.markdown(markup.escaped(dossier.part("words").text("where")))
        return
    face = opened.faces[number]
    line = f"Face {number + 1}: {verdicts.headline(face.verdict)}"
    st.html(f'<p class="tt-head">{verdict.shape_html(face.verdict.label)}{html.escape(line)}</p>')
    st.markdown(verdicts.where(face))


def _draw_beside(dossier: Part) -> None:
    """Say what the signals beside the networks ask to be looked at; they are drawn below."""
    findings = dossier.parts("findings")
    if not findings:
        return
    titles = [finding.text("title", 120) for finding in evidence.sort_findings(findings) if evidence.asks(finding)]
    named = f": {'; '.join(map(markup.escaped, titles[:MOST_TITLES]))}" if titles else ""
    st.markdown(f"**Evidence beside the verdict**, below. {evidence.say_count(findings).capitalize()}{named}.")


def _draw_stages(dossier: Part, of_face: Verdict) -> None:
    if of_face.edited is None:
        return
    stage_bars.draw_bars(of_face)
    st.caption("  \n".join(_say_calibration(dossier, stage) for stage in verdicts.STAGES))
    measured = dossier.part("measured")
    if record := measured.text("track_record"):
        st.markdown(f"**How often it was wrong.** {markup.escaped(record)}")
    if record := measured.text("pointing_record"):
        st.markdown(f"**How far to trust the place.** {markup.escaped(record)}")
    if of_face.deepfake is None:
        st.caption(f"Stage 2 did not run: {verdicts.why_not_split(of_face.edited)}.")
    with st.expander("All numbers, and how the thresholds were chosen"):
        stage_bars.draw_joint(of_face)
        verdict.draw_parts(of_face.edited)
        release, rules = dossier.part("release"), {"Stage 1": "edited", "Stage 2": "deepfake"}
        st.markdown("**How the thresholds were chosen**")
        st.html(html_list({name: release.part(stage).text("rule") for name, stage in rules.items()}))


def _say_calibration(dossier: Part, stage: str) -> str:
    """Say how well a stage's probabilities were calibrated, in markdown."""
    name = markup.escaped(verdicts.STAGES[stage].split(":")[0])
    error = dossier.part("measured").part("calibration").part(stage).figure("ece")
    if error is None or error.value is None:
        return f"{name}: how well its probabilities are calibrated was not measured."
    return f"{name}: expected calibration error {say(error, '')}; 0 is perfect."


def read_like(dossier: Part, label: str) -> Like:
    """Return how often the release was wrong on pictures like a photo, as it was kept; texts are fit for markdown.

    Args:
        dossier: of the photo; the sentence is plain text.
        label: its verdict.
    """
    like = dossier.part("measured").part("like_this")
    fits = tuple(fit for part in like.parts("fits") if (fit := _fit(part)))
    sentence = like.text("sentence") or "How often the release is wrong on pictures like this was not measured."
    return Like(sentence, fits, worst(fits, label), tuple(map(markup.escaped, like.texts("remarks"))))


def _fit(part: Part) -> Fit | None:
    alarms, missed = part.figure("false_alarms"), part.figure("missed")
    if alarms is None or missed is None:
        return None
    here = part.number("measured")
    return Fit(
        part.text("name", 60), part.text("value", 60), -1.0 if here is None else here, part.count("n"), alarms, missed
    )
