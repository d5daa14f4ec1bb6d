"""What is asked of the user who hands photos over: files, a zip, or a folder."""

from dataclasses import dataclass

import streamlit as st

from dashboard.session.handover import Source


@dataclass(frozen=True)
class Request:
    """What the user handed over; `token` tells one request from another."""

    sources: list[Source]
    token: tuple[str, ...]


def ask_files(files_key: str, folder_key: str, verb: str = "Examine", why_not: str = "") -> Request | None:
    """Ask for files or a folder; return what was handed over once the user says go.

    Args:
        files_key, folder_key: of the two uploaders.
        verb: what is done with them, on the button; its key is the verb in small letters.
        why_not: why nothing can be handed over now; "" where it can.
    """
    files_tab, folder_tab = st.tabs(["Files or zip", "Folder"])
    with files_tab:
        files = st.file_uploader("Photos, or a zip of photos", accept_multiple_files=True, key=files_key)
    with folder_tab:
        folder = st.file_uploader("A folder, with all folders in it", None, "directory", key=folder_key)
    taken = [*files, *folder]
    label = f"{verb} {len(taken)} {'file' if len(taken) == 1 else 'files'}" if taken else verb
    idle = not taken or bool(why_not)
    if not st.button(label, verb.lower(), why_not or None, type="primary", disabled=idle, width="stretch"):
        return None
    sources = [
        Source(file.name, file.getvalue, outright)
        for group, outright in ((files, True), (folder, False))
        for file in group
    ]
    return Request(sources, tuple(file.file_id for file in taken))
