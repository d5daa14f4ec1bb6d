"""The page Cases as an investigator meets it: a case made, photos added, a reload, a report, a verification."""

import shutil
import zipfile

import pytest

from dashboard.session.samples import samples
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from tests.served_app import served

MINUTES = 60_000
UPLOADER = "[class*='st-key-case-files'] input[type=file]"
PARTS = {
    "Photos": "in the order of adding",
    "Opinions": "No opinions to show yet",
    "Hand+over": "Make the archive",
    "Verify": "Verify now",
    "Log": "Save the whole log as CSV",
    "Edit": "Keep the changes",
}
"""A part of a case, as the address names it, and what stands in it."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(tmp_path_factory, home):
    """Start the app on a free port, with a home of its own; stop it afterwards."""
    with served(tmp_path_factory.mktemp("app"), home=home, release="quick", analyst="ada") as found:
        yield found


@pytest.fixture
def evidence(tmp_path):
    """Three files: two samples, one under a name that is markup, and a web page that calls itself a photo."""
    first, second = (sample.path for sample in samples()[:2])
    shutil.copy(first, tmp_path / "first.jpg")
    shutil.copy(second, tmp_path / "<b>second<b>.jpg")
    (tmp_path / "page.jpg").write_text("<!doctype html><script>document.title = 'owned'</script>")
    return sorted(tmp_path.glob("*.jpg"))


def test_a_case_from_its_beginning_to_an_archive_that_holds(page, address, evidence, tmp_path):
    page.goto(f"{address}/cases")
    page.get_by_text("Start here").wait_for()
    page.get_by_label("Name", exact=True).fill("Harbour <i>portraits</i>")
    page.get_by_role("button", name="Make the case").click()
    page.get_by_text("No photos yet").wait_for()

    page.locator(UPLOADER).set_input_files(evidence)
    page.get_by_role("button", name="Add 3 files").dblclick()
    page.get_by_role("button", name="Add 3 files").wait_for(state="hidden")  # the press arrived
    page.reload()
    page.get_by_text("3 of 3 photos").wait_for(timeout=5 * MINUTES)
    page.get_by_text("Harbour <i>portraits</i>").first.wait_for()
    page.get_by_text("<b>second<b>.jpg").first.wait_for()
    page.get_by_text("This looks like a web page").wait_for()
    _opens_and_survives_a_reload(page)
    _is_handed_over(page, tmp_path / "case.zip")
    _holds(page)
    assert page.title() != "owned" and page.foreign == []


def _opens_and_survives_a_reload(page):
    page.locator("[class*='st-key-open-'] button").first.click()
    page.get_by_text("SHA-256 of the original bytes").wait_for()
    assert "photo=" in page.url
    page.reload()
    page.get_by_text("SHA-256 of the original bytes").wait_for()
    page.get_by_role("button", name="Back to the case").click()
    page.get_by_text("3 of 3 photos").wait_for()


def _is_handed_over(page, path):
    page.get_by_text("Hand over", exact=True).click()
    page.get_by_role("button", name="Make the archive").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the archive").click()
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert sum(name.startswith("originals/") for name in archive.namelist()) == 3


def _holds(page):
    page.get_by_text("Verify", exact=True).click()
    page.get_by_role("button", name="Verify now").click()
    page.get_by_text("All of it holds.").wait_for(timeout=5 * MINUTES)


def test_a_blind_case_shows_no_verdict_and_the_page_fits_both_widths(page, address, home, evidence):
    case = Casebook(Person("ada"), home).create("Blind", blind=True)
    page.goto(f"{address}/cases?case={case.id}")
    page.get_by_text("No photos yet").wait_for()
    page.locator(UPLOADER).set_input_files(evidence[1])
    page.get_by_role("button", name="Add 1 file").click()
    page.get_by_text("1 of 1 photo, in the order of adding").wait_for(timeout=5 * MINUTES)
    page.get_by_text("Give your opinion first").first.wait_for()
    assert page.get_by_text("Indications of").count() == 0
    assert page.get_by_text("No indication of editing").count() == 0
    for part, shows in PARTS.items():
        page.goto(f"{page.url.split('&part')[0]}&part={part}")
        page.get_by_text(shows).first.wait_for()
        for width, height in ((1280, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(300)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), part
    assert page.foreign == []
