"""Adding photos to a case: files, a folder, a zip, or photos of a past run; how far that is, and what waits."""

import streamlit as st

from dashboard.kit import choose_release, markup, messages, progress, take_in
from dashboard.session import case_arrivals, cases, route, runs
from dashboard.session.case_arrivals import ADDING, Added, Arrival
from dashboard.session.case_jobs import Job
from dashboard.views.cases import shown
from dashboard.views.cases.subject import Subject
from models.release import read_release, release_names
from pipeline.casebook.runs import RunFacts, Runs
from pipeline.settings import settings
from pipeline.words.figures import count, say_photos

EVERY, SELDOM, MANY = 1.0, 3.0, 500
"""Seconds between two looks at an adding; the longer one for a case of many photos."""
MOST_RUNS = 50


def draw_add(subject: Subject) -> None:
    """Draw how far an adding is, what waits to be added, and the ways to add more."""
    job = cases.jobs().of(ADDING, subject.case.id)
    running = bool(job and job.running)
    if job:
        _draw_job(subject, job, running)
    waiting = None if running else case_arrivals.waiting_for(subject.case)
    if waiting:
        _draw_waiting(subject, waiting, job)
    reason = subject.why_not("added")
    if not reason and (running or waiting):
        reason = "Photos are being added." if running else "Go on with what waits first, or let go of it."
    with st.expander("Add photos", not subject.facts.total and not running, icon=":material/add_photo_alternate:"):
        _ask_files(subject, reason)
        _ask_run(subject, reason)


def _draw_job(subject: Subject, job: Job, was_running: bool) -> None:
    every = None if not was_running else EVERY if subject.facts.total < MANY else SELDOM
    messages.live("adding", lambda: _draw_progress(job, was_running), every)
    if job.running:
        return
    if job.progress.failure:
        st.error(f"{markup.escaped(job.progress.failure)}\n\n{job.advice}", icon=":material/warning:")
    if isinstance(job.result, Added):
        _draw_account(job.result)


def _draw_progress(job: Job, was_running: bool) -> None:
    if not job.running:
        if was_running:
            route.refresh()  # the last of it: draw the page once more, and no more by itself
        return
    added = job.result
    if isinstance(added, Added) and added.handover and added.handover.taking:
        progress.draw_taking_in(added.handover)
    elif not job.progress.total:
        st.progress(0.0, "Loading the models …")
    elif progress.draw_running(job.progress, "Added", "photos", "stop-adding"):
        job.stop()
        route.refresh()


def _draw_account(added: Added) -> None:
    """Say what became of what was handed over."""
    parts = [f"{say_photos(added.new)} added"]
    parts += [f"{count(added.refused)} of them could not be examined"] if added.refused else []
    parts += [f"{count(added.there)} were in the case already"] if added.there else []
    if added.handover and added.handover.left_out:
        parts.append(f"{count(added.handover.left_out)} left out, no photos by their bytes or their names")
    st.caption(f"**Accounted for:** {'; '.join(parts)}.")
    if added.problems:
        names = "  \n".join(f"{markup.escaped(name)}: {markup.escaped(why)}" for name, why in added.problems[:20])
        more = f"  \n… and {len(added.problems) - 20} more" if len(added.problems) > 20 else ""
        st.warning(f"Could not be added:  \n{names}{more}", icon=":material/warning:")


def _draw_waiting(subject: Subject, waiting: Arrival, job: Job | None) -> None:
    """Draw what was handed over and is not all in the case, and offer to go on."""
    broken, total = case_arrivals.broken_off(subject.case, waiting), case_arrivals.count_of(subject.case, waiting)
    why = "Adding was stopped" if job and job.progress.stopped else "Adding was interrupted"
    text = f"{why}: of {say_photos(total)} handed over by {markup.escaped(waiting.who)} not all are in the case."
    if broken:
        text += f" The taking-in of the {count(broken)} files was broken off, too: hand the missing ones over again."
    st.warning(text, icon=":material/pause:")
    reason = subject.why_not("added")
    with st.container(horizontal=True):
        if st.button("Go on", type="primary", key="adding-on", disabled=bool(reason), help=reason or None):
            case_arrivals.go_on(cases.jobs(), subject.case, waiting)
            route.refresh()
        if st.button("Let go of the rest", key="adding-drop", disabled=bool(reason), help="What is in the case stays."):
            case_arrivals.drop(subject.case)
            route.refresh()


def _ask_files(subject: Subject, reason: str) -> None:
    if reason:
        st.caption(reason)
    asked = take_in.ask_files(runs.uploader_key("case-files"), runs.uploader_key("case-folder"), "Add", reason)
    release = choose_release.choose(release_names(), read_release(settings().release).name)
    if asked:
        case_arrivals.hand_over(cases.jobs(), subject.case, asked.sources, release)
        runs.empty_uploaders()


def _ask_run(subject: Subject, reason: str) -> None:
    past = [(facts, n) for facts, n in runs.past_runs(MOST_RUNS) if n]
    if not past:
        return
    st.markdown("**Or photos of a past run**, with what was found there; nothing is examined again.")
    names = {facts.id: _say_run(facts, n) for facts, n in past}
    run_id = st.selectbox("Run", list(names), format_func=names.__getitem__, key="case-run")
    idle = bool(reason) or not run_id
    if st.button("Add the run’s photos", key="add-run", disabled=idle, help=reason or None) and run_id:
        case_arrivals.hand_over_run(cases.jobs(), subject.case, Runs().open(run_id))
        route.refresh()


def _say_run(facts: RunFacts, photos: int) -> str:
    return f"{shown.when(facts.created)}: {say_photos(photos)}, release {facts.release}"
