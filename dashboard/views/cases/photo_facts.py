"""What is known of a photo of a case: its file, its examinations, its tags; and what can be done with it."""

from typing import Any

import streamlit as st

from dashboard.kit import choose_release, fact_list, markup, messages
from dashboard.kit.fact_list import html_list
from dashboard.session import case_photos, case_work, cases, route, widgets
from dashboard.views.cases.jobs_shown import draw_job
from dashboard.views.cases.photo_subject import PhotoSubject
from models.release import release_names
from pipeline.casebook.case_record import CasePhoto, Examined
from pipeline.casebook.log import ACTS
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.people_part import HOW_MATCHED
from pipeline.casebook.texts import LONGEST_TEXT
from pipeline.words import numbers, readable
from pipeline.words.figures import count

MOST = 100
DELETING = "case-deleting"


def draw_matches(photo: CasePhoto) -> None:
    """Draw the lists of known hashes in which a photo stands."""
    if not photo.matches:
        return
    lines = [
        f"- **{markup.escaped(one_line(match.known, 120))}**: {HOW_MATCHED.get(match.how, one_line(match.how, 60))}"
        + (f". {markup.escaped(one_line(match.note))}" if match.note else "")
        for match in photo.matches[:MOST]
    ]
    text = "Stood in a list of known hashes when it arrived. What a list says is its maker’s word."
    st.info("\n".join([text, "", *lines]), icon=":material/playlist_add_check:")


def choose_examination(subject: PhotoSubject) -> PhotoSubject:
    """Ask which examination is looked at, the one that counts first; return the photo with it."""
    examinations = subject.photo.examinations[::-1][:MOST]
    if len(examinations) < 2:
        return subject

    def say_examined(examined: Examined) -> str:
        counts = ", the one that counts" if examined is examinations[0] else ""
        return f"{examined.release}, {examined.at[:16].replace('T', ' ')}{counts}"

    chosen = st.selectbox(
        f"Examination ({count(len(examinations))})",
        range(len(examinations)),
        format_func=lambda place: say_examined(examinations[place]),
        key=f"examination-{subject.key}-{len(examinations)}",
    )
    return subject.at(examinations[chosen or 0])


def draw_facts(subject: PhotoSubject, overlay: bytes | None) -> None:
    """Draw what is known of the file and of its examinations, then what can be done with the photo.

    Args:
        subject: the photo.
        overlay: of the map that is drawn, PNG; None where there is none.
    """
    draw_file(subject)
    if subject.photo.matches and subject.examined is None:
        st.caption("It stands in a list of known hashes.")
    if subject.examined:
        _draw_examined(subject, subject.examined)
    _ask_tags(subject)
    if record := _record_of(subject):
        fact_list.offer_downloads(record, overlay)
    st.caption("The original file itself is never handed out here.")
    if subject.photo.sha256:
        _ask_again(subject)
    draw_history(subject)
    _ask_deletion(subject)


def draw_file(subject: PhotoSubject) -> None:
    """Draw what is known of the file, and how it came here."""
    photo, record = subject.photo, subject.dossier.part("record")
    pixels = f"{record.count('width')} × {record.count('height')} px" if record.count("width") else ""
    facts = {
        "Name": readable.short(photo.name, 160),
        "Format": record.text("format", 60),
        "Dimensions": pixels,
        "Size": _say_size(photo.bytes),
        "Added": f"{photo.at} by {one_line(photo.who, 120)}",
        "Came from": one_line(photo.source, 200),
    }
    if record.count("frame"):
        facts["Frame or page"] = str(record.count("frame") + 1)
    st.markdown("**The file**")
    st.html(html_list({name: value for name, value in facts.items() if value}))
    if photo.sha256:
        st.markdown("SHA-256 of the original bytes")
        st.code(photo.sha256, language=None, wrap_lines=True)
    for note in record.texts("notes", 400)[:20]:
        st.caption(f"On reading: {markup.escaped(note)}")


def _say_size(size: int) -> str:
    exact = f" ({count(size)} bytes)" if size >= 1000 else ""
    return f"{numbers.size(size)}{exact}" if size else ""


def _draw_examined(subject: PhotoSubject, examined: Examined) -> None:
    weights, versions = subject.dossier.part("weights"), subject.dossier.part("versions")
    facts = {
        "Release": one_line(examined.release, 120),
        "Stage 1": weights.part("edited").text("id", 120),
        "Stage 2": weights.part("deepfake").text("id", 120),
        "Examined": f"{examined.at} by {one_line(examined.who, 120)}",
        "In the log": f"entry {examined.entry}",
        "Telltale": versions.text("telltale", 60),
        "Machine": subject.dossier.text("machine", 120),
    }
    st.markdown("**The examination**")
    st.html(html_list({name: value for name, value in facts.items() if value}))
    st.markdown("SHA-256 of the release")
    st.code(examined.release_sha256, language=None, wrap_lines=True)


def _record_of(subject: PhotoSubject) -> dict[str, Any]:
    """Return the stored record as it can be taken away; an empty one where none can be read."""
    record = dict(subject.dossier.part("record").data)
    faces = record.get("faces")
    if not isinstance(faces, list) or not all(isinstance(face, dict) for face in faces):
        return {}
    return record | {"name": subject.photo.name, "sha256": subject.photo.sha256}


def _ask_tags(subject: PhotoSubject) -> None:
    tags, why_not = subject.photo.tags, subject.why_not("tagged")
    known = cases.choices(subject.book, subject.case.id, subject.facts.entries).tags
    key = f"tags-{subject.key}-{subject.facts.entries}"
    st.multiselect(
        "Tags",
        sorted({*known, *tags}),
        list(tags),
        format_func=lambda tag: one_line(tag, 120),
        accept_new_options=True,
        placeholder="None yet: write one, then press Enter",
        key=key,
        disabled=bool(why_not),
        help=why_not or "For finding it again; kept as soon as you choose.",
        on_change=_keep_tags,
        args=(subject, key),
    )


def _keep_tags(subject: PhotoSubject, key: str) -> None:
    with messages.showing_errors():
        subject.case.tag(subject.photo.number, list(widgets.value_of(key) or ()), subject.photo.tags)


def _ask_again(subject: PhotoSubject) -> None:
    """Let the photo be examined once more, by a release of this machine."""
    names, why_not = release_names()[::-1], subject.why_not("examined")
    number, jobs = subject.photo.number, cases.jobs()
    if job := jobs.of(case_work.again_of(number), subject.case.id):
        draw_job(f"again-{subject.key}", job, "Examining the photo again", "", lambda: None, stops=False)
        if job.running:
            return
    with st.expander("Examine again with another release", icon=":material/replay:"):
        if why_not:
            st.caption(markup.escaped(why_not))
        release = st.selectbox(
            "Release", names, format_func=choose_release.with_word, key=f"again-{subject.key}", disabled=bool(why_not)
        )
        st.caption("The new examination then counts; this one stays in the log, and can be looked at.")
        if st.button("Examine again", key=f"go-{subject.key}", disabled=bool(why_not) or not release):
            case_work.examine_again(jobs, subject.case, number, str(release))
            route.refresh()


def draw_history(subject: PhotoSubject) -> None:
    """Draw every entry of the log that tells of the photo."""
    entries = subject.log.entries
    with st.expander(f"What was done with it ({count(len(entries))})", icon=":material/history:"):
        lines = [
            (
                f"{entry.number} · {entry.at}",
                f"{ACTS.get(entry.act, one_line(entry.act, 60))}, {one_line(entry.who, 120)}",
            )
            for entry in entries[-MOST:]
        ]
        st.html(html_list(lines))
        if len(entries) > MOST:
            st.caption(f"The last {MOST} are shown; all stand in the log.")


def _ask_deletion(subject: PhotoSubject) -> None:
    """Let the photo be deleted, with a reason, and once it was asked whether that is meant."""
    why_not = subject.why_not("deleted")
    if widgets.recall(DELETING) != subject.key or why_not:
        asked = st.button(
            "Delete this photo …",
            icon=":material/delete:",
            type="tertiary",
            key=f"delete-{subject.key}",
            disabled=bool(why_not),
            help=why_not or "You are asked for a reason first.",
        )
        if why_not:
            st.caption(markup.escaped(why_not))
        if asked:
            widgets.keep(DELETING, subject.key)
            route.refresh()
        return
    with st.container(border=True):
        _confirm_deletion(subject)


def _confirm_deletion(subject: PhotoSubject) -> None:
    st.markdown("**Delete this photo for good?**")
    st.caption(
        "Its bytes, its pictures and its maps are removed from this machine, from runs and from files made of this "
        "case too, unless another photo or case holds them. The log keeps that it was here, its name and hash, its "
        "verdicts, and your reason; so does the list of a run that it came from. It cannot be undone."
    )
    reason = st.text_input("Reason", max_chars=LONGEST_TEXT, key=f"reason-{subject.key}", placeholder="Why it goes")
    with st.container(horizontal=True):
        sure = st.button("Delete for good", key=f"sure-{subject.key}")
        back = st.button("Keep it", type="primary", key=f"keep-{subject.key}")
    if back:
        widgets.keep(DELETING, None)
        route.refresh()
    if sure:
        with messages.showing_errors():
            case_photos.delete(subject.case, subject.photo.number, reason)
            case_work.forget_hand_outs(cases.jobs(), subject.case.id)
            widgets.keep(DELETING, None)
            cases.close_photo()
