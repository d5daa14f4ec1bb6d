"""From the results of a run into a case."""

import time
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest
from synthetic_run import HOSTILE, mixed_run

from dashboard.session import cases
from dashboard.session.case_arrivals import ADDING
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.casebook.search import PhotoQuery, search
from pipeline.settings import PROJECT


@pytest.fixture(autouse=True)
def own_home(home, setting):
    setting(home=home, analyst="ada")
    yield home
    cases.jobs().close()
    cases.jobs.clear()


@pytest.fixture
def results(home):
    """The results of a run, with what adds them to a case open."""
    run = mixed_run(home)
    test = AppTest.from_file(str(PROJECT / "dashboard" / "app.py"), default_timeout=120)
    test.query_params["run"] = run.id
    test.run()
    test.session_state["to-case"] = True
    test.run()
    assert not test.exception
    return test


def added(book, name):
    case = book.open(name)
    until = time.monotonic() + 120
    while cases.jobs().of(ADDING, case.id).running:
        assert time.monotonic() < until
        time.sleep(0.02)
    return sorted(row.name for row in search(book, PhotoQuery(case.id)).rows)


def test_all_photos_of_a_run_are_added_to_a_new_case(results):
    results.text_input(key="to-case-name").input("From a run")
    results.button(key="to-case-add").click().run()
    assert not results.exception
    names = added(Casebook(Person("ada")), "From a run")
    assert len(names) == 6 and HOSTILE in names


def test_those_that_a_filter_leaves_are_added_to_a_case_that_is_there(results):
    book = Casebook(Person("ada"))
    case = book.create("The matter")
    results.pills(key="labels").set_value(["deepfake"]).run()
    results.selectbox(key="to-case-id").set_value(case.id)
    results.button(key="to-case-add").click().run()
    assert not results.exception and added(book, "The matter") == ["deepfake.png"]


def test_a_case_without_a_name_is_not_made_and_that_is_told(results):
    results.button(key="to-case-add").click().run()
    assert any("A case needs a name" in error.value for error in results.error)
    assert Casebook(Person("ada")).cases() == []


def test_while_photos_are_being_added_no_more_are_handed_over(results):
    """They would be taken for those that already are on their way."""
    case = Casebook(Person("ada")).create("The matter")
    waits = Event()
    cases.jobs().begin(ADDING, case.id, "bob", lambda _: waits.wait(60))
    results.run()
    results.selectbox(key="to-case-id").set_value(case.id).run()
    results.button(key="to-case-add").click().run()
    waits.set()
    assert "nothing was added yet" in results.error[0].value
