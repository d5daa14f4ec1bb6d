"""The settings as they are, the runs that are kept, and where the labelled photos lie."""

import re

import pandas as pd
import streamlit as st

from dashboard.kit import messages, photo_search
from dashboard.session import route, runs
from pipeline.settings import Settings, settings

TITLE = "Settings"
ICON = "⚙️"
GROUP = "Reference"
ORDER = 20
ADDRESSES = ("database", "store", "timestamp_url", "api_url")
PASSWORD = re.compile(r"://[^/]*@")
"""Name and password in an address."""


def render() -> None:
    """Draw the past runs, the folder of labelled photos, and the settings."""
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "Settings are read once, when the app starts: set the variable, then start it again.",
        "Light or dark: menu at the top right, the three dots.",
    )
    st.subheader("Runs that are kept", anchor=False)
    _draw_runs()
    st.subheader("Photos of evaluations", anchor=False)
    photo_search.ask_folder()
    st.subheader("Settings in force", anchor=False)
    rows = [
        {
            "setting": name,
            "value": _shown(name),
            "variable": f"TELLTALE_{name.upper()}",
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Settings in force")


def _shown(name: str) -> str:
    """Return a setting's value as anybody may see it: without passwords, and without who may do what."""
    value = getattr(settings(), name)
    if name in ADDRESSES and value:
        return PASSWORD.sub("://***@", str(value))
    return f"{len(value)} {'person' if len(value) == 1 else 'people'}" if name == "roles" and value else str(value)


def _draw_runs() -> None:
    st.markdown("Photos and results stay on this machine, in:")
    st.code(str(settings().home), language=None, wrap_lines=True)
    kept = runs.past_runs()
    if not kept:
        st.info("No run yet. Go to Examine and add photos.")
        return
    rows = [
        {
            "begun (UTC)": run.created.replace("T", " ").removesuffix("Z"),
            "photos": count,
            "release": run.release,
            "heatmaps": run.heatmaps,
            "run": run.id,
        }
        for run, count in kept
    ]
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="runs",
        alt="Runs that are kept",
    )
    picked = event.selection.rows
    if st.button("Open the chosen run", disabled=not picked, type="primary", key="open-run"):
        route.go_to_run(kept[picked[0]][0].id)
    if not picked:
        st.caption("Click the box at the left of a run to choose it.")
