"""What was said of one evaluated photo: the verdict beside the truth, both stages, and what re-saving does to it."""

import html

import pandas as pd
import streamlit as st

from dashboard.kit import charts, markup, stage_bars
from dashboard.kit.theme import ink
from dashboard.session import widgets
from dashboard.views.errors.board import CLEAN, Board, judge
from dashboard.views.errors.controls import bands_key
from dashboard.views.errors.evaluated import EvaluatedPhoto, Row, photos_at, score
from dashboard.views.errors.wording import OUTCOMES, shape_html
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


def draw_panel(board: Board, photo: EvaluatedPhoto) -> None:
    """Draw the verdict beside the truth, both stages against the release's thresholds, and what others would say."""
    row, given = photo.row, photo.verdict
    strength = f" ({given.strength})" if given.strength else ""
    st.html(f'<p class="tt-reading">{shape_html(given.label)}{verdicts.HEADLINES[given.label]}{strength}</p>')
    st.markdown(
        f"True label: **{markup.escaped(row['label'])}** ({markup.escaped(row['kind'] or 'kind not said')}). "
        f"{OUTCOMES[photo.outcome].capitalize()}."
    )
    for code in given.reasons:
        st.markdown(f"- {markup.escaped(verdicts.reasons((code,)))}")
    if given.edited is None:
        st.info("No score is stored of this photo.")
        return
    first, second = (None if row[name] != row[name] else row[name] for name in ("p_edited", "p_deepfake"))
    spoken = f"Stage 1 {numbers.two_digits(first)}, stage 2 {numbers.two_digits(second)}, each against its threshold"
    st.plotly_chart(
        stage_bars.plot_of(given, ink()),
        key="stages",
        alt=spoken,
        config={"displaylogo": False, "displayModeBar": False},
    )
    unasked = score(row, "deepfake", board.bands[1])
    if given.deepfake is None and unasked:
        st.caption(
            f"Stage 2 was not asked; it would have given {numbers.two_digits(unasked.probability)} for “deepfake”."
        )
    _draw_tried(board, photo.place)


def _draw_tried(board: Board, place: int) -> None:
    bands = widgets.recall(bands_key(board))
    if bands is None or bands == board.bands:
        return
    photo = photos_at(board, judge(board, bands), [place])[0]
    edges = ", ".join(f"{band.low:.2f} to {band.high:.2f}" for band in bands)
    st.info(
        f"Under the thresholds being tried (no answer from {edges}): “{verdicts.HEADLINES[photo.verdict.label]}”, "
        f"{OUTCOMES[photo.outcome]}.",
        icon=":material/science:",
    )


def draw_tiers(board: Board, photo: str) -> None:
    """Draw what was said of the photo after it was saved again in several ways, where that was measured."""
    st.markdown("**Would it survive being saved again?**")
    table = board.evaluation.tiers
    mine = pd.DataFrame() if table is None else table[table.id == photo]
    if mine.empty:
        st.caption("Not measured for this photo: only a sample is saved again.")
        return
    clean = next(iter(mine.verdict[mine.tier == CLEAN]), "")
    rows = "".join(_tier_html(one, clean) for one in mine.to_dict("records"))
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("saved again", "verdict", "p(edited)", "p(deepfake | edited)")
    )
    st.html(f'<table class="tt-rates"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')
    st.caption("Bold: the verdict turned. A dash: the stage was not asked, or no face was found any more.")
    charts.offer_csv(mine, f"saved-again-{photo}")


def _tier_html(one: Row, clean: str) -> str:
    label = str(one["verdict"])
    name = html.escape(readable.plain(verdicts.CHIPS.get(label, label)))
    turned = f"<b>{name} (turned)</b>" if clean and label != clean else name
    both = (one["p_edited"], one["p_deepfake"])
    spoken = (numbers.two_digits(None if value != value else value) for value in both)
    cells = "".join(f"<td>{html.escape(number)}</td>" for number in spoken)
    way = html.escape(readable.plain(WAYS.get(str(one["tier"]), str(one["tier"]))))
    mark = shape_html(label) if label in verdicts.SHAPES else ""
    return f'<tr><th scope="row">{way}</th><td class="tt-word">{mark}{turned}</td>{cells}</tr>'
