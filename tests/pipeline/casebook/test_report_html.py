"""The report as HTML: one file that runs nothing, fetches nothing, and can be read by everybody."""

import base64
import hashlib
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from pipeline.casebook.report import html
from pipeline.casebook.report.contents import Report
from pipeline.casebook.report.html import report_html, write_html
from tests.made_up_case import made_up_case
from tests.served_app import CHROMIUM, FLAGS

VOID = {"meta", "img", "br", "hr", "link", "input", "rect", "line", "stop"}
MISSING = "chromium is not installed; TELLTALE_REQUIRE_BROWSER=1 makes this a failure"


class Page(HTMLParser):
    """What a page is made of; every element must be closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.text, self._open = [], [], []
        self.feed(text)
        self.close()
        assert self._open == [], "elements that are not closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        if "style" not in self._open:
            self.text.append(data)

    def all(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.fixture(scope="module")
def case():
    return made_up_case()


@pytest.fixture(scope="module")
def data(case):
    return report_html(*case)


@pytest.fixture(scope="module")
def page(data):
    return Page(data.decode())


def test_every_element_is_closed_and_every_id_is_its_own(data, page):
    assert data.lstrip().startswith(b"<!DOCTYPE html>")
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)) and {"photo-1", "photo-7"} <= set(ids)
    links = [attrs["href"] for attrs in page.all("a")]
    assert len(links) == 7 and all(link.startswith("#") and link[1:] in ids for link in links)


def test_nothing_runs_and_nothing_is_fetched(data, page):
    assert not page.all("script", "iframe", "object", "embed", "form", "link", "base", "audio", "video")
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)
    addresses = [value for _, attrs in page.tags for name, value in attrs.items() if name in ("src", "href", "srcset")]
    assert addresses and all(re.match(r"#|data:image/(png|jpeg);base64,", address) for address in addresses)
    assert not re.search(rb"@import|url\((?!#)|https?:", data.split(b"<main>")[0])


def test_the_policy_allows_the_style_that_is_there_and_pictures_within(data, page):
    (policy,) = (meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    style = re.search(rb"<style>(.*?)</style>", data, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_pictures_are_those_that_were_kept_and_say_what_they_are(case, page):
    record, objects = case
    images = page.all("img")
    assert all(image["alt"] for image in images)
    taken = {hashlib.sha256(base64.b64decode(image["src"].split(",")[1])).hexdigest() for image in images}
    for photo in record.photos[:4]:
        assert {photo.examined.thumbnail, photo.examined.overlay} <= taken
    assert taken <= set(objects.kept)


def test_headings_go_down_by_one_and_tables_have_heads(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tables = len(page.all("table"))
    assert tables and tables == len(page.all("caption")) == len(page.all("thead"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.all("th"))
    drawings = page.all("svg")
    assert all(attrs.get("aria-label") or attrs.get("aria-hidden") for attrs in drawings)
    assert [attrs for tag, attrs in page.tags if tag == "html"] == [{"lang": "en"}]


def test_a_verdict_needs_no_colour(data, page):
    text = "".join(page.text)
    assert "▲" in text and "Indications of a deepfake" in text and "(strong)" in text
    assert data.count(b'fill="url(#hatch)"') >= 4 and b"threshold 0.82" in data
    assert not re.search(rb"#[0-9a-fA-F]{6}", data.split(b"<main>")[1]), (
        "colours stand only in the style and the legend"
    )


def test_printed_pages_name_case_head_and_page(data, case):
    style = data.split(b"</style>")[0].decode()
    assert re.search(r'@bottom-right \{content: "page " counter\(page\) " of " counter\(pages\);\}', style)
    rule = re.search(r'@top-left \{content: "(.*?)";\}', style)[1]
    decoded = re.sub(r"\\([0-9a-f]+) ", lambda number: chr(int(number[1], 16)), rule)
    assert decoded == "Report of a case “Harbour portraits”"
    assert case[0].head[:12] in style


def test_a_name_cannot_leave_the_style():
    record, objects = made_up_case()
    name = '";} </style><script>alert(1)</script> \\'
    data = report_html(replace(record, name=name, photos=()), objects).decode()
    page = Page(data)
    assert not page.all("script") and name in "".join(page.text)


def test_a_file_is_written_whole_and_is_the_same(case, data, tmp_path):
    out = tmp_path / "report.html"
    out.write_text("an older one")
    write_html(*case, out)
    assert out.read_bytes() == data and [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_an_older_file_stays_where_a_report_cannot_be_made(case, tmp_path, monkeypatch):
    out = tmp_path / "report.html"
    out.write_text("an older one")

    def fail(self):
        yield from []
        raise KeyboardInterrupt

    monkeypatch.setattr(Report, "sections", fail)
    with pytest.raises(KeyboardInterrupt):
        write_html(*case, out)
    assert out.read_text() == "an older one" and [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_report_is_written_piece_by_piece(case, monkeypatch):
    """What is written at a time stays far below the whole: memory does not grow with the case."""
    pieces = []

    class Stream:
        def write(self, piece):
            pieces.append(len(piece))

    html._write(Report.of(*case), Stream())
    assert max(pieces) < sum(pieces) / 4


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.mark.parametrize("width, scheme", [(1200, "light"), (1200, "dark"), (360, "light")])
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists() and os.environ.get("TELLTALE_REQUIRE_BROWSER") != "1", reason=MISSING)
def test_a_browser_shows_it_all_without_a_complaint(browser, data, tmp_path, width, scheme):
    path = tmp_path / "report.html"
    path.write_bytes(data)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened, complaints, requests = context.new_page(), [], []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("request", lambda request: requests.append(request.url))
    opened.goto(path.as_uri())
    pictures = opened.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)")
    assert complaints == [] and len(pictures) > 10 and all(pictures)
    assert all(url.startswith(("file:", "data:")) for url in requests)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    ink, ground = opened.evaluate(
        "[getComputedStyle(document.documentElement).color, getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert (sum(map(int, re.findall(r"\d+", ground))) < 200) is (scheme == "dark") and ink != ground
    context.close()
