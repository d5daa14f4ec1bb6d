"""The report as PDF: text that can be taken out, letters embedded, tagged, and written while it is made."""

import hashlib
import io
import re
from dataclasses import replace

import pytest
from PIL import Image
from pypdf import PdfReader

from pipeline.casebook.report import pdf_blocks, pdf_canvas
from pipeline.casebook.report.contents import Report
from pipeline.casebook.report.pdf import _Pages, report_pdf
from pipeline.casebook.report.pdf_canvas import PageWriter
from tests.made_up_case import case_photo, case_record, jpeg, keep_examined, made_up_case, picture, png
from tests.made_up_case import examination as made_up_examination


def read(record, objects, folder, **options) -> PdfReader:
    out = folder / "report.pdf"
    report_pdf(record, objects, out, **options)
    return PdfReader(io.BytesIO(out.read_bytes()), strict=True)


@pytest.fixture(scope="module")
def case():
    return made_up_case()


@pytest.fixture(scope="module")
def document(case, tmp_path_factory) -> PdfReader:
    return read(*case, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def text(document) -> str:
    return "\n".join(page.extract_text() for page in document.pages)


def structure(document):
    """Yield role, alternative text and depth of every element of the structure, in its order."""

    def walk(element, depth):
        element = element.get_object()
        yield element["/S"][1:], element.get("/Alt"), depth
        kids = element["/K"]
        for kid in kids if isinstance(kids, list) else ():
            yield from walk(kid, depth + 1)

    root = document.trailer["/Root"]["/StructTreeRoot"]
    yield from walk(root["/K"], 0)


def test_its_text_can_be_taken_out(case, text):
    record = case[0]
    for line in (
        "What was not done",
        "Nobody was identified.",
        record.head,
        record.photos[0].sha256,
        "Indications of a deepfake (strong)",
        "No pores.",
        'python -m pipeline verify "Harbour portraits"',
    ):
        assert line in text
    assert text.index("What was not done") < text.index("Summary") < text.index("Photo 1 IMG_0001.jpg")
    assert text.index("Photo 7 broken.jpg") < text.index("The head of the log") < text.rindex("How to verify")


def test_every_page_names_case_head_and_number(case, document):
    pages = document.pages
    assert len(pages) > 10
    for number, page in enumerate(pages, 1):
        around = page.extract_text()
        assert around.startswith("Report of a case “Harbour portraits”")
        assert f"Head of the log {case[0].head[:12]}…" in around
        assert f"page {number} of" in around and f"{len(pages)}" in around.split(f"page {number} of")[1][:8]


def test_it_has_a_title_and_the_records_time_and_no_author(document):
    assert document.metadata == {
        "/Title": "Report of a case “Harbour portraits”",
        "/Producer": "Telltale, with ReportLab",
        "/CreationDate": "D:20261128101500Z",
    }
    root = document.trailer["/Root"]
    assert root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_every_font_is_embedded_and_says_its_letters(document):
    fonts = {
        font["/BaseFont"]: font for page in document.pages for font in page["/Resources"]["/Font"].get_object().values()
    }
    assert {name.split("+")[1] for name in fonts} == {"DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"}
    assert all("/FontFile2" in font["/FontDescriptor"] and "/ToUnicode" in font for font in fonts.values())


def test_its_structure_names_headings_tables_and_pictures(document):
    elements = list(structure(document))
    roles = [role for role, _, _ in elements]
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    assert roles[:3] == ["Document", "H1", "H2"] and {"H3", "H4", "H5", "L", "LI", "Code"} <= set(roles)
    assert all(depth == 3 for role, _, depth in elements if role in ("TH", "TD"))
    assert all(depth == 2 for role, _, depth in elements if role == "TR")
    pictures = [alt for role, alt, _ in elements if role == "Figure"]
    assert all(pictures) and "Thumbnail of the original" in pictures
    assert any("threshold 0.82" in alt for alt in pictures)


def test_every_marked_part_of_a_page_is_found_from_it(document):
    """The tree of parents leads from a page's parts to elements that lead back to them (ISO 32000-1, 14.7.4.4)."""
    numbers = document.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    parents = {int(numbers[place]): numbers[place + 1].get_object() for place in range(0, len(numbers), 2)}
    assert len(parents) == len(document.pages)
    for page in document.pages:
        elements = parents[page["/StructParents"]]
        code = page.get_contents().get_data()
        assert code.count(b"/MCID") == len(elements) and code.count(b"BDC") + code.count(b"BMC") == code.count(b"EMC")
        for place, element in enumerate(elements):
            assert element["/K"] == place and element["/Pg"].get_object() == page.get_object()


def test_pictures_are_those_that_were_kept(case, document):
    record, objects = case
    taken = {
        hashlib.sha256(image.get_object()._data).hexdigest()
        for page in document.pages
        for image in page["/Resources"].get("/XObject", {}).values()
        if image.get_object()["/Subtype"] == "/Image" and image.get_object()["/Filter"] == ["/DCTDecode"]
    }
    for photo in record.photos[:4]:
        assert {photo.examined.thumbnail, photo.examined.overlay} <= taken
    assert taken <= set(objects.kept)


def test_its_contents_list_leads_to_each_photo(document):
    titles = [one if isinstance(one, list) else one.title for one in document.outline]
    photos = titles[titles.index("The photos") + 1]
    assert [one.title for one in photos][:2] == ["Photo 1 IMG_0001.jpg", "Photo 2 IMG_0002.jpg"]
    page = document.pages[document.get_destination_page_number(photos[1])]
    assert "Photo 2 IMG_0002.jpg" in page.extract_text()


def test_pages_and_pictures_are_forgotten_once_they_are_written(case, monkeypatch):
    """A page's code and a picture's bytes are in the file when the next page begins, not in memory."""
    kept = []
    write_page = PageWriter.showPage

    def count(self):
        write_page(self)
        kept.append(sum(isinstance(one, pdf_canvas.AT_ONCE) for one in self._doc.idToObject.values()))

    monkeypatch.setattr(PageWriter, "showPage", count)
    stream = io.BytesIO()
    _Pages(Report.of(*case), stream).write()
    assert len(kept) > 10 and set(kept) == {0}


def test_a_long_table_goes_over_many_pages_with_its_head(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf_blocks, "ROWS", 40)
    _, objects = made_up_case()
    waiting = made_up_case()[0].photos[5]
    record = case_record([replace(waiting, number=number, name=f"{number}.jpg") for number in range(1, 161)])
    document = read(record, objects, tmp_path)
    pages = [page.extract_text() for page in document.pages]
    listed = [page for page in pages if "not examined yet\n" in page]
    assert len(listed) > 2 and all("p(edited)" in page for page in listed)
    assert "160.jpg" in "".join(listed)


def test_text_longer_than_a_page_is_split(tmp_path):
    record, objects = made_up_case()

    def change(dossier):
        dossier["record"]["notes"] = ["word " * 550 + "end"] * 9
        dossier["findings"][0]["how_to_read"] = "word " * 580 + "end"
        dossier["findings"][0]["facts"] = [{"name": "N" * 390, "value": "V" * 390, "private": False}] * 60
        dossier["words"]["headline"] = "Inconclusive: " + "reason " * 400

    examined = keep_examined(objects, made_up_examination("real", 9), 40, change)
    photo = replace(record.photos[0], examinations=(examined,), matches=(record.photos[0].matches[0],) * 90)
    document = read(replace(record, photos=(photo,), description="line\n" * 3_000), objects, tmp_path)
    text = "".join(page.extract_text() for page in document.pages)
    assert text.count("end;") + text.count("end\n") >= 9 and "How to verify" in text
    assert text.replace("\n", "").count("V" * 390) == 60


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "I;16", "1", "CMYK"])
def test_pictures_of_every_kind_are_drawn(tmp_path, mode):
    record, objects = made_up_case()
    image = Image.new("I;16", (40, 40), 30_000) if mode == "I;16" else picture(1, 40, 40).convert(mode)
    data = jpeg(image) if mode == "CMYK" else png(image)
    examined = replace(record.photos[0].examined, thumbnail=objects.keep(data))
    photo = replace(record.photos[0], examinations=(examined,))
    document = read(replace(record, photos=(photo,)), objects, tmp_path)
    assert any(
        image.get_object()["/Width"] == 40
        for page in document.pages
        for image in page["/Resources"].get("/XObject", {}).values()
        if image.get_object()["/Subtype"] == "/Image"
    )


def test_a_picture_that_cannot_be_decoded_says_so_in_its_place(tmp_path):
    record, objects = made_up_case()
    torn = objects.keep(png(picture(1, 200, 200))[:900])
    photo = replace(record.photos[0], examinations=(replace(record.photos[0].examined, thumbnail=torn),))
    document = read(replace(record, photos=(photo,)), objects, tmp_path)
    text = "".join(page.extract_text() for page in document.pages)
    assert "cannot be decoded" in text and "How to verify" in text


def test_the_same_text_looks_the_same_each_time_it_is_drawn(tmp_path):
    """Text that was drawn before is written again without being laid out: photo by photo it stands alike."""
    _, objects = made_up_case()
    photos = [replace(case_photo(objects, number, "real"), name="same.jpg") for number in (1, 2)]
    document = read(case_record(photos), objects, tmp_path)
    pages = [page.extract_text() for page in document.pages]
    first, second = (place for place, page in enumerate(pages) if re.search(r"Photo \d same.jpg", page))
    between = pages[first][pages[first].index("Stage 2") : pages[first].index("All three together")]
    assert "did not run" in between and between in pages[second]
    caution = r"Not\s+enough\s+alone"
    assert len(re.findall(caution, "".join(pages[first:second]))) == 3
    assert len(re.findall(caution, "".join(pages[second:]))) == 3 + 3  # the latter in the chapter on reading it


def test_what_is_remembered_of_drawn_text_changes_nothing(case, document, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_canvas, "REMEMBERED", 1)
    report_pdf(*case, tmp_path / "forgetful.pdf")
    monkeypatch.undo()
    report_pdf(*case, tmp_path / "usual.pdf")
    assert (tmp_path / "forgetful.pdf").read_bytes() == (tmp_path / "usual.pdf").read_bytes()


def test_progress_ends_where_all_is_done(case, tmp_path):
    steps = []
    report_pdf(*case, tmp_path / "report.pdf", progress=lambda done, total: steps.append((done, total)))
    assert steps[0] == (1, 16) and steps[-1] == (16, 16) and len(steps) == 16


def test_an_older_file_stays_where_a_report_cannot_be_made(case, tmp_path, monkeypatch):
    out = tmp_path / "report.pdf"
    out.write_text("an older one")

    def fail(self):
        yield from []
        raise KeyboardInterrupt

    monkeypatch.setattr(Report, "sections", fail)
    with pytest.raises(KeyboardInterrupt):
        report_pdf(*case, out)
    assert out.read_text() == "an older one" and [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
