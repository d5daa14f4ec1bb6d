"""From starting the app to a usable page and to a first verdict, in a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from typing import Any

CHROMIUM = shutil.which("chromium")


def to_first_page_and_verdict() -> dict[str, Any]:
    """Return seconds, measured in the browser; the machine's own caches are warm."""
    if CHROMIUM is None:
        return {"skipped": "chromium is not installed"}
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}"]
        since = time.perf_counter()
        server = subprocess.Popen(command, env=os.environ | {"TELLTALE_HOME": home}, stdout=subprocess.DEVNULL)
        try:
            return _measured(browser, f"http://localhost:{port}", since)
        finally:
            server.terminate()
            server.wait()


def _measured(browser: Any, address: str, since: float) -> dict[str, Any]:
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 1280, "height": 900})
    while True:
        try:
            page.goto(address)
            break
        except Error:
            time.sleep(0.1)
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
