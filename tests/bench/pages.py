"""The evaluation pages with 20,000 predictions, in a real browser: first paint, and the reaction to a slider.

Times are the browser's own: from the click in the menu, the start of the navigation, or the key that moves the slider,
until what is looked for stands on the page and two more frames were drawn.
"""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from models.release import read_release
from pipeline.results import neighbours
from tests.made_up_audit import stored, written
from tests.made_up_evaluation import write_evaluation
from tests.made_up_maps import write_maps
from tests.served_app import CHROMIUM, FLAGS, served

PHOTOS = 20_000
PAGES = {
    "overview": "[data-testid=stMetric], .tt-answers, .js-plotly-plot .main-svg",
    "errors": ".st-key-error-matrix button",
    "where-it-fails": ".js-plotly-plot .main-svg",
    "calibration": ".tt-reading, .js-plotly-plot .main-svg",
    "shortcuts": ".js-plotly-plot .main-svg",
    "heatmaps": ".js-plotly-plot .main-svg",
    "compare": ".js-plotly-plot .main-svg",
}
"""Pages, and what of each must stand there before anything can be read from it."""
GROUP = "Understand the models"
SLIDERS = {
    "errors": ("[class*='st-key-errors-bands'] input[type=range]", (".st-key-error-matrix", ".tt-rates")),
    "calibration": (".st-key-rate-one-in input[type=range]", (".tt-reading",)),
}
"""Pages with a slider: the slider, and what follows it."""
TIMES, MOVES, WARM = 3, 15, 3
PATIENCE = 60_000
"""Milliseconds after which what is looked for is given up: it then counts as −1."""

PAINTED = """
window.__painted = new Promise(done => {
  const look = () => {
    const seen = [...document.querySelectorAll(SELECTOR)].some(one => one.getBoundingClientRect().height > 0);
    const first = () => (performance.getEntriesByName("first-contentful-paint")[0] || {startTime: -1}).startTime;
    if (seen) requestAnimationFrame(() => requestAnimationFrame(() => done([first(), performance.now()])));
    else requestAnimationFrame(look);
  };
  setTimeout(() => done([-1, -1]), PATIENCE);
  look();
});
"""
CLICKED = """selector => {
  const title = () => (document.querySelector("h1") || {}).textContent;
  const before = title();
  window.__painted = new Promise(done => {
    let since = null, titled = null;
    document.addEventListener("click", event => { since = event.timeStamp; }, {capture: true, once: true});
    const look = () => {
      if (since !== null && titled === null && title() && title() !== before) titled = performance.now() - since;
      const fresh = one => one.getBoundingClientRect().height > 0 && !one.closest("[data-stale=true]");
      if (titled !== null && [...document.querySelectorAll(selector)].some(fresh))
        requestAnimationFrame(() => requestAnimationFrame(() => done([titled, performance.now() - since])));
      else requestAnimationFrame(look);
    };
    setTimeout(() => done([-1, -1]), PATIENCE);
    look();
  });
}"""
ARMED = """(watched) => {
  const texts = () => watched.map(name => [...document.querySelectorAll(name)].map(one => one.textContent).join("|"));
  const before = texts();
  window.__took = new Promise(done => {
    let since = null;
    document.addEventListener("keydown", event => { since = event.timeStamp; }, {capture: true, once: true});
    setTimeout(() => done(-1), 5000);
    const look = () => {
      const now = texts();
      if (since !== null && now.every((text, place) => text !== before[place]))
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - since)));
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def at_many_predictions() -> dict[str, Any]:
    """Return milliseconds: of a few first paints of each page, by menu and by address, and of moves of its slider."""
    if not CHROMIUM.exists():
        return {"skipped": "chromium is not installed"}
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        folder = Path(name)
        _made_up(folder / "evaluations")
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with served(folder, evaluations=folder / "evaluations") as address:
            found = _by_menu(browser, address) | _by_address(browser, address) | _reactions(browser, address)
        browser.close()
    return found


def _made_up(home: Path) -> None:
    """Write evaluations of two releases and a baseline, with features, an audit and measured maps."""
    for release in (read_release().name, "other", "baselines/svm"):
        path = write_evaluation(home, PHOTOS, release, seed=len(release))
        if not release.startswith("baselines"):
            seen = np.random.default_rng(0).normal(size=(PHOTOS, 256)).astype(np.float32)
            neighbours.write_features(path, [seen], read_release().edited.weights)
    written(home, stored())
    write_maps(home)


def _by_menu(browser: Any, address: str) -> dict[str, Any]:
    """Go from page to page as one who works does: each is new to its browser, the app stands open in it."""
    taken: dict[str, list[tuple[float, float]]] = {page: [] for page in PAGES}
    for _ in range(TIMES + 1):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        shown = context.new_page()
        shown.goto(address)
        shown.wait_for_timeout(5000)
        for page, selector in PAGES.items():
            shown.get_by_text(GROUP).first.click()
            link = shown.locator(f"a[href$='/{page}']").first
            link.wait_for(state="visible")
            shown.evaluate(_patient(CLICKED), selector)
            link.click()
            taken[page].append(tuple(shown.evaluate("() => window.__painted")))
            shown.wait_for_timeout(2500)  # the rest of the page is drawn before the next one is asked for
        context.close()
    return _told(taken, "from a click in the menu", "title")


def _by_address(browser: Any, address: str) -> dict[str, Any]:
    """Open each page's address in a new browser, which has to load and start the framework too."""
    taken = {
        page: [_opened(browser, f"{address}/{page}", selector) for _ in range(TIMES + 1)]
        for page, selector in PAGES.items()
    }
    return _told(taken, "address in a new browser", "first contentful paint")


def _patient(script: str) -> str:
    return script.replace("PATIENCE", str(PATIENCE))


def _told(taken: dict[str, list[tuple[float, float]]], how: str, first: str) -> dict[str, Any]:
    found = {}
    for page, pairs in taken.items():
        begun, stood = ([pair[place] for pair in pairs] for place in (0, 1))
        found[f"{page}: {how}, ms"] = (
            f"{first} {median(begun[1:]):.0f}; figures {median(stood[1:]):.0f}, worst {max(stood[1:]):.0f}, "
            f"the very first {stood[0]:.0f}"
        )
    return found


def _opened(browser: Any, url: str, selector: str) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(_patient(PAINTED).replace("SELECTOR", repr(selector)))
    page = context.new_page()
    page.goto(url)
    begun, stood = page.evaluate("() => window.__painted")
    page.wait_for_timeout(1500)  # the rest of the page is drawn before the next one is asked for
    context.close()
    return float(begun), float(stood)


def _reactions(browser: Any, address: str) -> dict[str, Any]:
    found = {}
    for name, (slider, watched) in SLIDERS.items():
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/{name}")
        thumb = page.locator(slider).first
        thumb.wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(3000)
        moves = [_reaction(page, thumb, watched, move) for move in range(WARM + MOVES)][WARM:]
        taken = [move for move in moves if move >= 0]  # a move that turns no verdict changes nothing
        found[f"{name}: reaction to a slider, ms: median and worst of {len(taken)}"] = (
            f"{median(taken):.0f}, {max(taken):.0f}" if taken else "nothing changed"
        )
        page.close()
    return found


def _reaction(page: Any, thumb: Any, watched: tuple[str, ...], move: int) -> float:
    thumb.focus()
    page.evaluate(ARMED, list(watched))
    page.keyboard.press("ArrowLeft" if move < 10 else "ArrowRight")
    taken = float(page.evaluate("() => window.__took"))
    page.wait_for_timeout(400)
    return taken
