"""Tagging an evaluated photo, by button or key, with a note; and taking tags away again."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import widgets
from dashboard.views.errors import cached
from dashboard.views.errors.evaluated import Row
from pipeline.casebook.tags import LONGEST, TAGS, Tag, by_photo, csv_table
from pipeline.errors import TriageError
from pipeline.results.evaluation import Evaluation

MEANINGS = {
    "label suspect": "The true label looks wrong.",
    "interesting": "Worth coming back to.",
    "fixed": "Its cause was found and dealt with.",
}
REMOVED = "errors-removed"


def read_tags() -> dict[str, dict[str, Tag]]:
    """Return photo → tag → `Tag`; says so and returns none where the casebook cannot be read."""
    try:
        return by_photo(cached.tags().all())
    except TriageError as problem:
        messages.show_error(problem)
        return {}


def draw_tags(evaluation: Evaluation, row: Row, mine: Mapping[str, Tag]) -> None:
    """Draw the tags of a photo: keys 1, 2 and 3 set them, or take them away."""
    st.markdown("**Tags**")
    with st.container(horizontal=True):
        for number, tag in enumerate(TAGS, 1):
            new = Tag(row["id"], tag, sha256=row["sha256"], release=evaluation.release, dataset=evaluation.dataset)
            st.button(
                tag.capitalize(),
                key=f"tag-{number}",
                shortcut=str(number),
                help=MEANINGS[tag],
                type="primary" if tag in mine else "secondary",
                on_click=_take if tag in mine else _put,
                args=(mine.get(tag, new),),
            )
    for kept in mine.values():
        key = f"note-{kept.photo}-{kept.tag}-{kept.at}"
        st.text_input(
            f"Note on “{kept.tag}”",
            kept.note,
            max_chars=LONGEST,
            key=key,
            placeholder="why, in a few words",
            help=f"Kept when you press Enter or leave the field. Written {kept.at}.",
            on_change=_note,
            args=(kept, key),
        )
    _undo(row["id"])


def _put(tag: Tag) -> None:
    with messages.showing_errors():
        cached.tags().put(tag)
        widgets.keep(REMOVED, None)


def _take(tag: Tag) -> None:
    with messages.showing_errors():
        widgets.keep(REMOVED, cached.tags().remove(tag.photo, tag.tag))


def _note(kept: Tag, key: str) -> None:
    _put(replace(kept, note=str(widgets.value_of(key) or ""), at=""))


def _undo(photo: str) -> None:
    removed: Tag | None = widgets.recall(REMOVED)
    if removed is None or removed.photo != photo:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"“{markup.escaped(removed.tag)}” was taken away.")
        st.button("Put it back", key="tag-undo", icon=":material/undo:", on_click=_put, args=(removed,))


def draw_export(tags: Mapping[str, Mapping[str, Tag]]) -> None:
    """List all tags, of whichever evaluation, and offer them as CSV."""
    every = sorted((tag for mine in tags.values() for tag in mine.values()), key=lambda tag: tag.at, reverse=True)
    with st.expander(f"All tags: {len(every)} on {len(tags)} photos"):
        if not every:
            st.caption("No photo is tagged yet. Open a photo, then press 1, 2 or 3.")
            return
        st.dataframe(
            pd.DataFrame([vars(tag) for tag in every]),
            hide_index=True,
            height=min(320, 38 + 35 * len(every)),
            alt="All tags",
        )
        st.download_button(
            "All tags as CSV",
            lambda: csv_table(every),
            "telltale-tags.csv",
            "text/csv",
            key="csv-tags",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
