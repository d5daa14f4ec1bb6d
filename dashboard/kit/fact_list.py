"""What is known of a file and of its examination, and what can be taken away."""

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session.examined_photos import Opened
from models.release import Release
from pipeline.casebook.runs import RunFacts
from pipeline.examination import faces_account
from pipeline.records import public
from pipeline.words import numbers, readable


def draw_file_facts(opened: Opened) -> None:
    """Draw the facts of the file."""
    record = opened.record
    st.markdown("**The file**")
    st.html(
        html_list(
            {
                "Name": readable.plain(record["name"]),
                "Format": record["format"],
                "Dimensions": f"{record['width']} × {record['height']} px",
                "Size": f"{numbers.size(record['bytes'])} ({record['bytes']:,} bytes)".replace(",", " "),
                "Faces": faces_account(record),
                **({"Frame or page": str(record["frame"] + 1)} if record.get("frame") else {}),
                **({"Cut short": "yes: only what is left was examined"} if record.get("partial") else {}),
            }
        )
    )
    st.markdown("SHA-256 of the original bytes")
    st.code(record["sha256"], language=None, wrap_lines=True)
    for note in record["notes"]:
        st.caption(f"On reading: {markup.escaped(note)}")


def draw_examination_facts(opened: Opened, run: RunFacts) -> None:
    """Draw who said so, and when."""
    record, release = opened.record, opened.release
    st.markdown("**The examination**")
    st.html(
        html_list(
            {
                "Release": release.name,
                "Stage 1": release.edited.weights,
                "Stage 2": release.deepfake.weights,
                "Run": run.id,
                "Begun": run.created,
                "Took": numbers.say_spent(record["ms"]),
            }
        )
    )
    st.markdown("SHA-256 of the release")
    st.code(record["release_sha256"], language=None, wrap_lines=True)
    _warn_stale(record["release_sha256"], release)


def _warn_stale(then: str, release: Release) -> None:
    if then != release.sha256:
        st.warning(
            messages.stale(release.name, "Examine it again before you rely on this.", "this photo was examined"),
            icon=":material/warning:",
        )


def offer_downloads(kept: dict[str, Any], overlay: bytes | None) -> None:
    """Offer the overlay as PNG and the record as JSON.

    Args:
        kept: the photo's record.
        overlay: PNG; None where there is no map.
    """
    stem = f"telltale-{kept['sha256'][:16]}"
    with st.container(horizontal=True):
        if overlay:
            st.download_button("Overlay, PNG", overlay, f"{stem}.png", "image/png", key="png", on_click="ignore")
        record = json.dumps(public(kept), ensure_ascii=False, indent=1)
        st.download_button("Record, JSON", record, f"{stem}.json", "application/json", key="json", on_click="ignore")


def html_list(facts: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Return facts as an HTML list; both sides are escaped."""
    pairs = facts.items() if isinstance(facts, Mapping) else facts
    rows = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in pairs)
    return f'<dl class="tt-facts">{rows}</dl>'
