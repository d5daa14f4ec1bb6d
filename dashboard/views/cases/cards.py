"""Photos of cases as cards or as a table; what is hidden from the person who looks is not drawn."""

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import pandas as pd
import streamlit as st

from dashboard.kit import markup
from dashboard.kit.theme import COLOURS
from dashboard.kit.verdict import bar_html, headline_html
from dashboard.session import case_pictures, cases
from dashboard.views.cases import shown
from models.release import StageName, read_release, release_names
from pipeline.casebook.case_record import Opinion
from pipeline.casebook.search import PhotoRow
from pipeline.errors import AlteredObject
from pipeline.verdict import Label, StageScore, Verdict
from pipeline.words import readable, verdicts
from pipeline.words.numbers import cell, two_digits

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook

Open = Callable[[PhotoRow], None]
HIDDEN = "Give your opinion first"


def draw_cards(book: "Casebook", rows: Sequence[PhotoRow], on_open: Open, with_case: bool = False) -> None:
    """Draw photos as cards.

    Args:
        book: the cases, and who looks.
        rows: the photos.
        on_open: opens one.
        with_case: also say of which case each is.
    """
    with st.container(key="case-photos"):
        grid = st.grid(min_column_width=190)
        for row in rows:
            with grid.container(border=True):
                _draw_thumbnail(book, row)
                st.html(card_html(row, _why(book, row), with_case))
                if st.button("Open", key=f"open-{row.case}-{row.number}", width="stretch"):
                    on_open(row)


def _draw_thumbnail(book: "Casebook", row: PhotoRow) -> None:
    nothing = "no picture"
    if row.thumbnail:
        try:
            data = case_pictures.kept_picture(book, row.thumbnail)
            st.image(data, width="stretch", alt=f"Photo {readable.plain(row.name)}")
            return
        except AlteredObject:
            nothing = "the thumbnail is gone or was altered: verify the case"
    st.html(f'<div class="tt-nothing">{nothing}</div>')


def _why(book: "Casebook", row: PhotoRow) -> str:
    if row.verdict != "inconclusive" or row.hidden:
        return ""
    try:
        return verdicts.reasons(cases.reasons(book, row.dossier))
    except AlteredObject:
        return "the reasons are gone or were altered: verify the case"


def card_html(row: PhotoRow, why: str = "", with_case: bool = False) -> str:
    """Return a photo's lines as HTML; everything that came from outside is escaped.

    Args:
        row: the photo.
        why: the reasons of an inconclusive verdict, in words.
        with_case: also say of which case it is.
    """
    of_case = f'<p class="tt-small">in {markup.html_name(row.case_name)}</p>' if with_case else ""
    name = (
        f'<p class="tt-name tt-file" title="{html.escape(readable.plain(row.name))}">'
        f"{row.number} · {markup.html_name(row.name)}</p>"
    )
    flags = [f"in the list “{readable.short(each, 40)}”" for each in row.matches]
    if row.hidden:
        head = f'<p class="tt-head"><span class="tt-shape">?</span>{HIDDEN}</p>'
        return f"<div>{head}{name}{of_case}{shown.tags_html(row.tags, flags)}</div>"
    return f"<div>{_verdict(row, why)}{name}{of_case}{_notes(row)}{shown.tags_html(row.tags, flags)}</div>"


def _verdict(row: PhotoRow, why: str) -> str:
    """Return the verdict of a photo, its reasons, and a bar of stage 1, as HTML."""
    if row.verdict not in COLOURS:
        head = f'<p class="tt-head"><span class="tt-shape">{shown.CROSS}</span>{shown.NO_VERDICT}</p>'
        return f'{head}<p class="tt-name">{shown.short_html(row.error, 200)}</p>'
    edited, deepfake = _score(row, "edited", row.p_edited), _score(row, "deepfake", row.p_deepfake)
    head = headline_html(Verdict(cast(Label, row.verdict), edited, deepfake))
    reason = f'<p class="tt-name">{html.escape(why)}</p>' if why else ""
    return f"{head}{reason}{bar_html(edited, COLOURS[row.verdict])}"


def _score(row: PhotoRow, name: StageName, probability: float | None) -> StageScore | None:
    """Return a stage's score; None where it did not run, or where the release is not here."""
    if probability is None or row.release not in release_names():
        return None
    stage = read_release(row.release).stage(name)
    return StageScore(stage.weights, probability, stage.threshold, stage.abstain)


def _notes(row: PhotoRow) -> str:
    score = _score(row, "edited", row.p_edited)
    notes = [f"p(edited) {html.escape(two_digits(row.p_edited))}"] if row.p_edited is not None else []
    notes = [f"{notes[0]} · threshold {score.threshold:.2f}"] if score else notes
    if row.release:
        notes.append(f"release {html.escape(readable.short(row.release))}")
    if row.notable:
        notes.append(f"{row.notable} finding{'' if row.notable == 1 else 's'} to look at")
    notes += [f"{markup.html_name(each.who)}: {shown.say_held(each)}" for each in last_opinions(row.opinions)]
    return "".join(f'<p class="tt-small">{note}</p>' for note in notes)


def last_opinions(opinions: Sequence[Opinion]) -> list[Opinion]:
    """Return the last opinion of each person, in the order of giving."""
    last: dict[str, Opinion] = {}
    for opinion in opinions:
        last.pop(opinion.who, None)
        last[opinion.who] = opinion
    return list(last.values())


def draw_table(book: "Casebook", rows: Sequence[PhotoRow], key: str, on_open: Open) -> None:
    """Draw photos as a table; a click on a row opens it, see `draw_cards`."""
    event = st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        height=min(720, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        placeholder="–",
        column_config={
            "p(edited)": st.column_config.ProgressColumn("p(edited)", min_value=0, max_value=1, format="%.2f"),
            "p(deepfake | edited)": st.column_config.NumberColumn(format="%.2f"),
        },
        alt="Photos of the case as a table",
    )
    st.caption("Click the box at the left of a row to open the photo.")
    if picked := event.selection.rows:
        on_open(rows[picked[0]])


def _cells(row: PhotoRow) -> dict[str, object]:
    hidden = row.hidden
    opinions = (
        "" if hidden else ", ".join(f"{each.who}: {shown.say_held(each)}" for each in last_opinions(row.opinions))
    )
    return {
        "number": row.number,
        "verdict": f"? {HIDDEN}" if hidden else shown.say_verdict(row.verdict),
        "name": readable.cell(row.name),
        "p(edited)": None if hidden else cell(row.p_edited),
        "p(deepfake | edited)": None if hidden else cell(row.p_deepfake),
        "findings": None if hidden else row.notable,
        "opinions": readable.cell(opinions),
        "tags": readable.cell(", ".join(row.tags)),
        "in lists": readable.cell(", ".join(row.matches)),
        "why not examined": readable.cell(row.error, 200),
        "added": shown.when(row.at),
        "by": readable.cell(row.who),
        "bytes": row.bytes,
        "SHA-256": row.sha256,
        "release": row.release,
    }
