import threading
import time

import pytest

from dashboard.session.case_jobs import Jobs
from pipeline.errors import BadCase


@pytest.fixture
def jobs():
    started = Jobs()
    yield started
    started.close()


def over(job):
    until = time.monotonic() + 10
    while job.running:
        assert time.monotonic() < until
        time.sleep(0.01)
    return job


def test_one_of_a_kind_goes_on_for_a_case_and_others_beside_it(jobs):
    go, begun = threading.Event(), []

    def work(job):
        begun.append(job)
        assert go.wait(10)

    one = jobs.begin("adding", "a", "ada", work)
    assert jobs.begin("adding", "a", "bob", work) is one
    other, third = jobs.begin("verifying", "a", "ada", work), jobs.begin("adding", "b", "ada", work)
    go.set()
    for job in (one, other, third):
        over(job)
    assert len(begun) == 3 and jobs.of("adding", "a") is one and jobs.of("adding", "c") is None
    assert jobs.begin("adding", "a", "ada", lambda job: None) is not one, "one that ended is in nobody's way"


def test_an_expected_failure_is_told_with_its_advice(jobs):
    def work(job):
        raise BadCase("It is taken.")

    job = over(jobs.begin("adding", "a", "ada", work))
    assert job.progress.failure == "It is taken." and job.advice == BadCase.advice


def test_a_full_disk_is_told(jobs):
    def work(job):
        raise OSError(28, "No space left on device")

    assert "No space left" in over(jobs.begin("adding", "a", "ada", work)).progress.failure


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_is_raised_it_ends_and_says_so(jobs):
    def work(job):
        raise KeyError("a fault")

    job = over(jobs.begin("adding", "a", "ada", work))
    assert "ended unexpectedly" in job.progress.failure
    job.thread.join(10)


def test_closing_stops_what_goes_on_and_waits_for_it(jobs):
    steps = []

    def work(job):
        while not job.is_stopping:
            steps.append(1)
            time.sleep(0.01)

    job = jobs.begin("adding", "a", "ada", work)
    jobs.close()
    assert not job.running and job.progress.stopped and not job.progress.failure and steps


def test_what_goes_on_is_not_forgotten(jobs):
    go = threading.Event()
    job = jobs.begin("adding", "a", "ada", lambda job: go.wait(10))
    jobs.forget("adding", "a")
    assert jobs.of("adding", "a") is job
    go.set()
    over(job)
    jobs.forget("adding", "a")
    assert jobs.of("adding", "a") is None


def test_progress_is_told_by_those_who_count_themselves(jobs):
    job = over(jobs.begin("archive", "a", "ada", lambda job: [job.report(done, 3) for done in (1, 2, 3)]))
    assert (job.progress.done, job.progress.total) == (3, 3)
