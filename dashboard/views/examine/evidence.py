"""What else a photo's file tells, beside the verdict: looked for on request."""

import streamlit as st

from dashboard.kit import evidence, messages
from dashboard.session import file_evidence
from dashboard.session.examined_photos import Opened
from pipeline.casebook.runs import Run


def offer_evidence(run: Run, opened: Opened) -> None:
    """Offer to look at a photo's file for signs that no network sees; draw them once they are asked for."""
    sha256 = opened.record["sha256"]
    with st.expander("Evidence of the file itself", icon=":material/description:"):
        if not file_evidence.is_asked(sha256):
            st.caption("Metadata, previews, compression, credentials: what stands in the file beside its pixels.")
            if not st.button("Look at the file’s evidence", key="evidence"):
                return
            file_evidence.ask(sha256)
        with messages.showing_errors():
            with st.spinner("Looking at the file …"):
                findings, pictures = file_evidence.evidence_of(run, opened.record)
            evidence.draw_findings(findings, lambda exhibit: pictures[exhibit.text("sha256")], f"examine-{sha256}")
