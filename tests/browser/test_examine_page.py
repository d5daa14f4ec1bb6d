"""The page Examine as an investigator meets it: a folder in, results, a heatmap, an export, a reload; no network."""

import csv
import shutil

import pytest

from dashboard.session.samples import samples
from pipeline.settings import PROJECT
from tests.served_app import served

MINUTES = 60_000
SAMPLES = PROJECT / "sample_data"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Start the app on a free port, with a home of its own; stop it afterwards."""
    with served(tmp_path_factory.mktemp("app"), release="quick") as found:
        yield found


@pytest.fixture
def folder(tmp_path):
    """Make a folder of photos: two samples, one of them twice, and a web page that calls itself a photo."""
    made = tmp_path / "evidence"
    (made / "more").mkdir(parents=True)
    first, second = (sample.path for sample in samples()[:2])
    shutil.copy(first, made / "first.jpg")
    shutil.copy(first, made / "more" / "first again.jpg")
    shutil.copy(second, made / "<b>second<b>.jpg")
    (made / "page.jpg").write_text("<!doctype html><script>document.title = 'owned'</script>")
    return made


def test_a_folder_is_examined_opened_exported_and_survives_a_reload(page, address, folder, tmp_path):
    page.goto(address)
    page.get_by_text("Start here").wait_for()
    page.get_by_role("tab", name="Folder").click()
    page.locator("input[type=file][webkitdirectory]").set_input_files(folder)
    page.get_by_role("button", name="Examine 4 files").dblclick()
    page.get_by_text("All 4 done.").wait_for(timeout=5 * MINUTES)
    page.get_by_text("3 of 3 examined photos").wait_for()
    page.get_by_text("Could not be examined: 1").wait_for()
    page.get_by_text("<b>second<b>.jpg").first.wait_for()

    assert _exported(page, tmp_path / "results.csv") == ["<b>second<b>.jpg", "first again.jpg", "first.jpg"]
    _opens_with_a_heatmap(page)

    page.reload()
    page.get_by_text("Peak").first.wait_for()
    page.get_by_role("button", name="Back to results").click()
    page.get_by_text("3 of 3 examined photos").wait_for()
    page.reload()
    page.get_by_text("3 of 3 examined photos").wait_for()
    assert page.title() != "owned" and page.foreign == []


def _exported(page, path):
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV, 3 rows").click()
    download.value.save_as(path)
    page.keyboard.press("Escape")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(0 <= float(row["p_edited"]) <= 1 for row in rows)
    return sorted(row["path"].rpartition("/")[2] for row in rows)


def _opens_with_a_heatmap(page):
    page.locator("[class*='st-key-open-'] button").first.click()
    image = page.get_by_role("img", name="Heatmap of face 1")
    image.wait_for()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    page.get_by_text("An indication, not proof").wait_for()
    assert "photo=" in page.url
    before = image.get_attribute("src")
    page.get_by_text("Original", exact=True).click()
    page.get_by_role("img", name="The photo").wait_for()
    page.get_by_text("Overlay", exact=True).click()
    image.wait_for()
    assert image.get_attribute("src") == before


def test_a_box_drawn_in_the_photo_is_examined(page, address):
    page.goto(address)
    page.get_by_text("Start here").wait_for()
    page.locator("input[type=file]").first.set_input_files(SAMPLES / "coffee_no_face.jpg")
    page.get_by_role("button", name="Examine 1 file").click()
    page.get_by_text("All 1 done.").wait_for(timeout=5 * MINUTES)
    page.locator("[class*='st-key-open-'] button").first.click()
    plot = page.locator(".js-plotly-plot").first
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    box = plot.bounding_box()
    middle_x, middle_y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle_x - 80, middle_y - 90)
    page.mouse.down()
    page.mouse.move(middle_x, middle_y, steps=4)
    page.mouse.move(middle_x + 80, middle_y + 90, steps=4)
    page.mouse.up()
    page.get_by_text("What the box holds").wait_for()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Examine the marked face").click()
    page.get_by_text("marked by hand").first.wait_for()
    page.get_by_role("button", name="Take back the marked face").click()
    page.get_by_text("no face was found").first.wait_for()
    assert page.foreign == []


def test_every_page_opens_at_both_widths_without_the_network(page, address):
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for path, text in (("", "Start here"), ("model-cards", "How it decides"), ("settings", "Settings in force")):
            page.goto(f"{address}/{path}")
            page.get_by_text(text).first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.foreign == []
