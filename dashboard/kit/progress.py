"""How far a run or another job is, with its rate, the time left, and the way to stop it or go on."""

import streamlit as st

from dashboard.kit import markup
from dashboard.session.handover import Handover
from pipeline.casebook.progress import Progress
from pipeline.words import numbers


def draw_taking_in(handover: Handover) -> None:
    """Draw the taking-in of files."""
    share = handover.files / max(1, handover.total)
    left_out = f", {handover.left_out} left out" if handover.left_out else ""
    line = f"Taking in: {handover.files} of {handover.total} files, {handover.photos} photos so far{left_out}"
    st.progress(share, line)


def draw_running(progress: Progress, done: str = "Examined", what: str = "photos", key: str = "stop") -> bool:
    """Draw a job that is going on; return whether the user wants it stopped.

    Args:
        progress: how far it is.
        done: what was done to each, as a sentence begins.
        what: is counted, in the plural.
        key: of the button.
    """
    rate = f" · {progress.rate:.1f} {what} a second" if progress.rate else ""
    left = f" · {numbers.duration(progress.seconds_left)}" if progress.rate else ""
    share = progress.done / max(1, progress.total)
    st.progress(share, f"{done} {progress.done} of {progress.total}{rate}{left}")
    if progress.stopped:
        st.caption("Stopping after what is in hand …")
        return False
    return st.button("Stop", icon=":material/stop:", key=key)


def draw_ended(progress: Progress) -> bool:
    """Draw a run that is not going on; return whether the user wants the rest examined."""
    if progress.failure:
        st.error(f"The run ended: {markup.escaped(progress.failure)}", icon=":material/warning:")
    missing = progress.total - progress.done
    if not missing:
        st.caption(f"All {progress.total} done." if progress.total else "Nothing was handed over.")
        return False
    why = "You stopped this run" if progress.stopped else "This run was interrupted"
    st.warning(
        f"{why}: {missing} of {progress.total} are not examined yet. What is done is kept.", icon=":material/pause:"
    )
    return st.button(f"Resume: examine the other {missing}", type="primary", key="resume")
