"""Pages driven without a browser, and all the text that they show."""

from streamlit.testing.v1 import AppTest

SHOWN = ("markdown", "caption", "html", "info", "warning", "error", "success", "subheader")


def app(script: str, **query: object) -> AppTest:
    """Run a script as a page at an address; whatever it raises fails the test."""
    test = AppTest.from_string(script, default_timeout=120)
    for name, value in query.items():
        test.query_params[name] = str(value)
    return ran(test)


def ran(test: AppTest) -> AppTest:
    """Run a page again."""
    test.run()
    assert not test.exception, test.exception
    return test


def text_of(test: AppTest) -> str:
    """Return all text of a page, in no order of the page."""
    parts = [part for kind in SHOWN for part in getattr(test, kind)]
    return "\n".join(str(getattr(part, "value", None) or getattr(part, "body", "")) for part in parts)
