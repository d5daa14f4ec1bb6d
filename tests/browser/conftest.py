"""What the browser's tests share: a browser, and pages that note every request to anywhere but the app."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.served_app import CHROMIUM, FLAGS

MISSING = "chromium is not installed; TELLTALE_REQUIRE_BROWSER=1 makes this a failure"
MINUTES = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them where there is no browser and none is asked for."""
    skipped = not CHROMIUM.exists() and os.environ.get("TELLTALE_REQUIRE_BROWSER") != "1"
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(skipped, reason=MISSING))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start a browser; end it with the module: its event loop would stand in the way of later tests with their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """Give a fresh page that notes every request to anywhere but the app, in `foreign`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(2 * MINUTES)
    opened.foreign = []
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    opened.on("request", lambda request: request.url.startswith(own) or opened.foreign.append(request.url))
    yield opened
    context.close()
