"""Where the evaluated photos lie on this machine: how far the looking is, and where the folder is named."""

from pathlib import Path

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import evaluated_photos, route
from pipeline.datasets.photo_index import Search, data_folder, name_data_folder
from pipeline.settings import settings
from pipeline.words import figures as measured


def draw_progress(search: Search | None, here: int, count: int) -> None:
    """Say in one line how many of an evaluation's photos are on this machine, or how far the looking is.

    Args:
        search: what looks for them; None where no folder is named.
        here: how many of the evaluation's photos were found.
        count: how many it has.
    """
    if search is None:
        st.caption(
            "Photos are shown by their stored heatmap on a face outline. If the labelled photos are on this "
            "machine, name their folder under Settings: they are found by SHA-256."
        )
    elif search.running:
        share = search.done / search.total if search.total else 0.0
        st.progress(
            share,
            f"Looking for the photos in {markup.escaped(str(search.photos.folder))}: "
            f"{measured.count(search.done)} of {measured.count(search.total)} files",
        )
    elif search.problem:
        messages.show_error(search.problem)
    else:
        rest = "." if here == count else "; the others are shown by their heatmap alone."
        st.caption(
            f"{measured.count(here)} of {measured.count(count)} photos, or their originals, are in "
            f"{markup.escaped(str(search.photos.folder))}{rest}"
        )


def ask_folder() -> None:
    """Ask where the labelled photos lie, and say what was found there."""
    st.markdown(
        "The page Errors shows the photos of an evaluation if they are on this machine. They are found by "
        "their SHA-256 in one folder and all below it; nothing is copied."
    )
    named = data_folder()
    if settings().data:
        st.text_input("Folder of labelled photos", str(named), disabled=True, key="data-fixed")
        st.caption("Set by the variable TELLTALE_DATA, which wins over a folder named here.")
    else:
        _ask(named)
    if named:
        looking = (search := evaluated_photos.search()) is not None and search.running
        messages.live("photos", lambda: _draw_search(looking), 1.0 if looking else None)


def _ask(named: Path | None) -> None:
    with st.form("data-folder", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Folder of labelled photos",
            str(named or ""),
            placeholder="none",
            key="data-folder-text",
            help="On the machine on which Telltale runs. Empty: none.",
        )
        wanted = st.form_submit_button("Use this folder")
    if wanted:
        with messages.showing_errors():
            name_data_folder(text)
            route.refresh()


def _draw_search(was_looking: bool) -> None:
    if (search := evaluated_photos.search()) is None:
        return
    if was_looking and not search.running:
        route.refresh()  # so that it is not asked for any more
    if search.running or search.problem:
        draw_progress(search, 0, 0)
    else:
        st.caption(f"{measured.count(len(search.photos.hashes()))} different pictures are known.")
    if st.button("Look again", key="look-again", icon=":material/refresh:", disabled=search.running):
        search.start()
        route.refresh()
