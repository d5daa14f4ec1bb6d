"""From starting the app to a usable page and to a first verdict, in a real browser."""

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.served_app import CHROMIUM, FLAGS, served


def to_first_page_and_verdict() -> dict[str, Any]:
    """Return seconds, measured in the browser; the machine's own caches are warm."""
    if not CHROMIUM.exists():
        return {"skipped": "chromium is not installed"}
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        since = time.perf_counter()
        with served(Path(folder)) as address:
            return _measured(browser, address, since)


def _measured(browser: Any, address: str, since: float) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.get_by_role("button", name="Try all").wait_for(timeout=120_000)
    usable = time.perf_counter() - since
    clicked = time.perf_counter()
    page.get_by_role("button", name="Try all").click()
    page.get_by_text("Indications of").or_(page.get_by_text("No indication of")).first.wait_for(timeout=120_000)
    return {
        "start to first usable page, s": round(usable, 1),
        "click on the samples to first verdict, s": round(time.perf_counter() - clicked, 1),
        "start to first verdict, s": round(time.perf_counter() - since, 1),
    }
