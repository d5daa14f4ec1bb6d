"""A job behind the page: how far it is, how it ended."""

from collections.abc import Callable

import streamlit as st

from dashboard.kit import markup, messages, progress
from dashboard.session import route
from dashboard.session.case_jobs import Job

EVERY = 1.0
"""Seconds between two looks at a job that goes on."""


def draw_job(name: str, job: Job, words: str, what: str, ended: Callable[[], None], stops: bool = True) -> None:
    """Draw a job, again and again while it goes on; when it ends, the whole page is drawn once more.

    Args:
        name: of this part of the page; unique on it.
        job: the job.
        words: what is done to each thing, as a sentence begins: "Added".
        what: is counted, in the plural: "photos"; "" where nothing is, and the words stand alone.
        ended: draws what it came to; not called where it failed.
        stops: it can be stopped.
    """
    was_running = job.running

    def part() -> None:
        if job.running:
            _draw_running(name, job, words, what, stops)
        elif was_running:
            route.refresh()

    messages.live(name, part, EVERY if was_running else None)
    if was_running:
        return
    if job.progress.failure:
        st.error(f"{markup.escaped(job.progress.failure)}\n\n{job.advice}", icon=":material/warning:")
    else:
        ended()


def _draw_running(name: str, job: Job, words: str, what: str, stops: bool) -> None:
    if not what:
        st.progress(0.0, f"{words} …")
    elif not job.progress.total:
        st.progress(0.0, f"{words} {job.progress.done} {what} so far" if job.progress.done else "Beginning …")
    elif not stops:
        share = min(1.0, job.progress.done / job.progress.total)
        st.progress(share, f"{words} {job.progress.done} of {job.progress.total} {what}")
    elif progress.draw_running(job.progress, words, what, f"stop-{name}"):
        job.stop()
        route.refresh()
