"""Who may see cases where a login is configured: nobody before it, and everybody by their role."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.session import login
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.errors import BadSetting, NotAllowed

PAGE = """
from dashboard.kit.messages import showing_errors
from dashboard.views.cases import page
with showing_errors():
    page.render()
"""
PERSON = """
import streamlit as st
from dashboard.session import cases
from pipeline.errors import TriageError
try:
    person = cases.person()
    st.markdown(f"{person.name}: {person.role}")
except TriageError as problem:
    st.error(f"{type(problem).__name__}: {problem}")
"""


@pytest.fixture(autouse=True)
def own_home(home):
    yield home


@pytest.fixture
def matter(home):
    return Casebook(Person("ada@example.org")).create("The matter", "Very secret.")


def app(script, auth=True, **user):
    test = AppTest.from_string(script, default_timeout=120)
    if auth:
        test.secrets["auth"] = {"client_id": "telltale", "client_kwargs": {"prompt": "login"}}
        test.user = {"is_logged_in": bool(user), **user}
    test.run()
    assert not test.exception, test.exception
    return test


def said(test):
    return "\n".join(str(each.value) for each in (*test.markdown, *test.error, *test.caption)) + str(list(test.html))


def person(**user):
    return said(app(PERSON, **user))


def test_nothing_of_a_case_is_shown_before_the_login(matter):
    test = app(PAGE)
    assert [button.label for button in test.button] == ["Log in"]
    assert "The matter" not in said(test) and "Cases are shown to people who logged in" in said(test)


def test_an_address_of_a_case_does_not_go_round_the_login(matter):
    test = AppTest.from_string(PAGE, default_timeout=120)
    test.secrets["auth"] = {"client_id": "telltale"}
    test.user = {"is_logged_in": False}
    test.query_params["case"] = matter.id
    test.run()
    assert not test.exception and "secret" not in said(test)


def test_without_the_login_s_library_that_is_told(matter):
    test = app(PAGE)
    test.button[0].click().run()
    assert not test.exception
    assert not test.error or "Nobody can log in" in test.error[0].value


def test_a_person_is_who_logged_in_with_the_role_that_the_settings_give(setting):
    setting(roles='{"Ada@Example.org": "admin", "bob@example.org": "analyst"}')
    assert "ada@example.org: admin" in person(email="ADA@example.org ")
    assert "bob@example.org: analyst" in person(email="bob@example.org", email_verified=True)
    assert "eve@example.org: viewer" in person(email="eve@example.org")


def test_who_has_no_address_of_their_own_is_not_let_in():
    assert "NotAllowed" in person(name="ada")
    assert "NotAllowed" in person(email="ada@example.org", email_verified=False)


def test_a_role_that_there_is_not_is_told_and_gives_nothing(setting):
    setting(roles='{"ada@example.org": "boss"}')
    assert "BadSetting" in person(email="ada@example.org")


def test_without_a_login_the_one_at_this_machine_does_everything(setting):
    setting(analyst="ada")
    assert "ada: admin" in said(app(PERSON, auth=False))


def test_roles_without_a_login_let_nobody_in_by_a_slip(setting, matter):
    setting(roles='{"ada@example.org": "admin"}')
    assert "BadSetting" in said(app(PERSON, auth=False))
    assert "The matter" not in said(app(PAGE, auth=False))


def test_secrets_that_cannot_be_read_let_nobody_in(monkeypatch, tmp_path):
    """A login that a misplaced quotation mark switches off would make everybody an administrator."""
    broken = tmp_path / "secrets.toml"
    broken.write_text('[auth\nclient_id = "x"')
    monkeypatch.setattr(login.st, "get_option", lambda name: [str(broken)] if name == "secrets.files" else None)
    monkeypatch.setattr(login.st.secrets, "load_if_toml_exists", lambda: False, raising=False)
    with pytest.raises(BadSetting, match=r"secrets\.toml cannot be read"):
        login.is_configured()


def test_several_services_are_offered_by_name():
    test = AppTest.from_string(PAGE, default_timeout=120)
    test.secrets["auth"] = {
        "redirect_uri": "x",
        "client_kwargs": {},
        "okta": {"client_id": "a"},
        "azure": {"client_id": "b"},
    }
    test.user = {"is_logged_in": False}
    test.run()
    assert [button.label for button in test.button] == ["Log in with azure", "Log in with okta"]


def test_what_a_person_does_stands_in_the_log_under_their_address(setting, matter):
    setting(roles='{"bob@example.org": "analyst"}')
    matter.share("bob@example.org", "admin")
    test = AppTest.from_string(PAGE, default_timeout=120)
    test.secrets["auth"] = {"client_id": "telltale"}
    test.user = {"is_logged_in": True, "email": "bob@example.org"}
    test.query_params["case"], test.query_params["part"] = matter.id, "Edit"
    test.run()
    assert "bob@example.org, analyst" in said(test).replace("\\", "")
    test.button(key="put-away").click().run()
    assert not test.exception
    entry = matter.entries()[-1]
    assert (entry.act, entry.who) == ("archived", "bob@example.org")


def test_the_core_refuses_what_the_page_does_not_offer(matter):
    matter.share("eve@example.org", "viewer")
    eve = Casebook(Person("eve@example.org", "viewer")).open(matter.id)
    with pytest.raises(NotAllowed):
        eve.archive()
