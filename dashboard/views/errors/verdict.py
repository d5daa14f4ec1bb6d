"""What was said of one evaluated photo: the verdict beside the truth, both stages, and what re-saving does to it."""

import html

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, verdict
from dashboard.kit.theme import ink
from dashboard.session import widgets
from dashboard.views.errors.board import CLEAN, Board, judged
from dashboard.views.errors.controls import bands_key
from dashboard.views.errors.wording import OUTCOMES, Row, Seen, score, seen, shape
from pipeline.words import numbers, readable, verdicts

WAYS = {
    "clean": "as it is",
    "web": "768 px, JPEG 60",
    "hard": "512 px, JPEG 40",
    "screenshot": "screenshot",
    "crop": "face cut out",
    "social": "social network",
}
"""Tiers, in words; others are named as the evaluation names them."""


def panel(board: Board, photo: Seen) -> None:
    """Draw the verdict beside the truth, both stages against the release's thresholds, and what others would say."""
    row, said = photo.row, photo.verdict
    strength = f" ({said.strength})" if said.strength else ""
    st.html(f'<p class="tt-reading">{shape(said.label)}{verdicts.HEADLINES[said.label]}{strength}</p>')
    st.markdown(
        f"True label: **{markup.escaped(row['label'])}** ({markup.escaped(row['kind'] or 'kind not said')}). "
        f"{OUTCOMES[photo.outcome].capitalize()}."
    )
    for code in said.reasons:
        st.markdown(f"- {markup.escaped(verdicts.reasons((code,)))}")
    if said.edited is None:
        st.info("No score is stored of this photo.")
        return
    first, second = (None if row[name] != row[name] else row[name] for name in ("p_edited", "p_deepfake"))
    spoken = f"Stage 1 {numbers.two_digits(first)}, stage 2 {numbers.two_digits(second)}, each against its threshold"
    st.plotly_chart(
        verdict.figure(said, ink()), key="stages", alt=spoken, config={"displaylogo": False, "displayModeBar": False}
    )
    unasked = score(row, "deepfake", board.bands[1])
    if said.deepfake is None and unasked:
        st.caption(
            f"Stage 2 was not asked; it would have given {numbers.two_digits(unasked.probability)} for “deepfake”."
        )
    _tried(board, photo.place)


def _tried(board: Board, place: int) -> None:
    bands = widgets.remembered(bands_key(board))
    if bands is None or bands == board.bands:
        return
    photo = seen(board, judged(board, bands), [place])[0]
    edges = ", ".join(f"{band.low:.2f} to {band.high:.2f}" for band in bands)
    st.info(
        f"Under the thresholds being tried (no answer from {edges}): “{verdicts.HEADLINES[photo.verdict.label]}”, "
        f"{OUTCOMES[photo.outcome]}.",
        icon=":material/science:",
    )


def tiers(board: Board, photo: str) -> None:
    """Draw what was said of the photo after it was saved again in several ways, where that was measured."""
    st.markdown("**Would it survive being saved again?**")
    table = board.evaluation.tiers
    mine = pd.DataFrame() if table is None else table[table.id == photo]
    if mine.empty:
        st.caption("Not measured for this photo: only a sample is saved again.")
        return
    clean = next(iter(mine.verdict[mine.tier == CLEAN]), "")
    rows = "".join(_tier(one, clean) for one in mine.to_dict("records"))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("saved again", "verdict", "p(edited)", "p(deepfake)"))
    st.html(f'<table class="tt-rates"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')
    st.caption("Bold: the verdict turned. A dash: the stage was not asked, or no face was found any more.")
    charts.save(mine, f"saved-again-{photo}")


def _tier(one: Row, clean: str) -> str:
    said = str(one["verdict"])
    name = html.escape(readable.plain(verdicts.CHIPS.get(said, said)))
    turned = f"<b>{name} (turned)</b>" if clean and said != clean else name
    both = (one["p_edited"], one["p_deepfake"])
    spoken = (numbers.two_digits(None if value != value else value) for value in both)
    cells = "".join(f"<td>{html.escape(number)}</td>" for number in spoken)
    way = html.escape(readable.plain(WAYS.get(str(one["tier"]), str(one["tier"]))))
    mark = shape(said) if said in verdicts.SHAPES else ""
    return f'<tr><th scope="row">{way}</th><td class="tt-word">{mark}{turned}</td>{cells}</tr>'
