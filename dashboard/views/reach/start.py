"""Before there are figures: what to do first, a file to begin with, and what was imported earlier."""

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import login, route, runs
from dashboard.views.reach import address
from pipeline.reach.engagement import read_header
from pipeline.reach.kept import FigureFiles
from pipeline.reach.text import MOST_BYTES
from pipeline.words import readable

TEMPLATE = (
    "photo,sha256,platform,url,measured at,posted at,views,likes,comments,shares,followers\r\n"
    "portrait.jpg,,tiktok,https://example.org/post/1,2026-03-01 12:00,2026-02-28,12000,800,35,90,45000\r\n"
    "portrait.jpg,,tiktok,https://example.org/post/1,2026-03-02 12:00,2026-02-28,48000,2900,160,410,45600\r\n"
    "second.png,,x,https://example.org/post/2,,2026-03-01,1.2K,64,9,12,800\r\n"
    "third.jpg,,,,,,,350,20,,\r\n"
).encode("utf-8-sig")
"""A small file with what rows may look like: a post twice, a short number, a photo without views."""


def draw_start() -> None:
    """Draw what to do first."""
    left, right = st.columns([1, 1.5], gap="large")
    with left:
        ask_file()
        _draw_earlier()
    with right:
        st.markdown(
            "#### Start here\n"
            "1. Examine the photos, on the page Examine or in a case.\n"
            "2. Export the figures of the posts that show them: from Meta, X, YouTube, TikTok, a monitoring tool or a "
            "sheet of your own. A photo is named by its file, its SHA-256 or MD5, or an address that ends in that "
            "name.\n"
            "3. Hand the CSV over here. Columns are recognised by their names; correct them where they are not.\n\n"
            "Several rows of one post are taken as its figures over time. Posts of one photo are added up."
        )
        st.download_button(
            "A small CSV to begin with",
            TEMPLATE,
            "telltale-reach-template.csv",
            "text/csv",
            key="reach-template",
            icon=":material/download:",
            on_click="ignore",
        )


def ask_file() -> None:
    """Ask for a file of figures, keep it, and show it."""
    file = st.file_uploader(
        "Engagement figures: CSV, or parted by semicolons or tabs",
        ("csv", "tsv", "txt"),
        key=runs.uploader_key("reach-figures"),
        max_upload_size=MOST_BYTES // 10**6,
        help="The file stays on this machine, under the folder that Settings names, until you forget it here.",
    )
    if file is None:
        return
    with messages.showing_errors():
        data = file.getvalue()
        read_header(data, file.name)  # what is no table at all is not kept
        kept = FigureFiles().keep(data, file.name)
        address.show_figures(kept.sha256)
        runs.empty_uploaders()


def _draw_earlier() -> None:
    """Offer what was imported earlier; not where people log in, as everybody would see everybody's files."""
    if login.is_configured():
        return
    if earlier := FigureFiles().newest(8):
        st.markdown("**Imported earlier**")
        for kept in earlier:
            label = f"{markup.escaped(readable.short(kept.name, 40))} · {kept.at[:16].replace('T', ' ')}"
            if st.button(label, key=f"reach-earlier-{kept.sha256}", icon=":material/table:", type="tertiary"):
                address.show_figures(kept.sha256)
                route.refresh()
