"""What the signals beside the networks showed in a photo of a case, as it was kept."""

import streamlit as st

from dashboard.kit import evidence, messages
from dashboard.views.cases.photo_subject import PhotoSubject


def draw_evidence(subject: PhotoSubject) -> None:
    """Draw the findings of the dossier."""
    if subject.problem:
        messages.show_error(subject.problem)
        return
    assert subject.examined is not None
    evidence.draw_findings(
        subject.dossier.parts("findings"), subject.exhibit(), f"{subject.key}-{subject.examined.entry}"
    )
    messages.how_to_read(
        "“Worth a look” is no verdict: most such findings have an innocent cause, and most edits leave none of them.",
        "Each says what else brings it about. Nothing here changed the verdict.",
    )


def offer_evidence(subject: PhotoSubject) -> None:
    """Offer the findings behind an expander, while the verdict is hidden: they are the file's, not the networks'."""
    with st.expander("Evidence of the file itself", icon=":material/description:"):
        st.caption("No network had a part in it. To judge by the photo alone, keep your opinion before you read this.")
        draw_evidence(subject)
