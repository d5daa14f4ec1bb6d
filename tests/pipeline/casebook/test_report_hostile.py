"""Text that came out of files and from strangers: escaped, bounded, visible and never obeyed, in both forms."""

import json
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from pipeline.casebook.case_record import CaseRecord, Match, Opinion
from pipeline.casebook.report.contents import Report
from pipeline.casebook.report.harmless import file_name, one_line, paragraphs, visible
from pipeline.casebook.report.html import report_html
from pipeline.casebook.report.parts import Part, flat
from pipeline.casebook.report.pdf import report_pdf
from pipeline.casebook.report.pdf_fonts import TEXT, written
from pipeline.errors import AlteredObject
from tests.made_up_case import MadeUpObjects, examination, keep_examined, made_up_case
from tests.pipeline.casebook.test_report_html import Page

LONG = "A" * 10_000_000
EVIL = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "link": '<a href="javascript:alert(1)">x</a> javascript:alert(2)',
    "attribute": "\" onload=alert(1) ' autofocus onfocus=alert(1) x='",
    "template": "{{ 7 * 7 }}{% raw %}{% include '/etc/passwd' %}",
    "reportlab markup": "<para><img src='/etc/passwd'/><a href='http://x'>y</a><font size='90'>&nbsp;</para>",
    "formula": '=HYPERLINK("http://x","y")',
    "comment": "--><!--[if IE]>]]></style></title></svg>",
    "bidi": "photo\u202egpj.exe\u2066\u2069\u200f",
    "controls": "a\x00b\x07c\x1b[31md\x7f\x85e\u2028f",
    "surrogates": "a\ud800b\udfffc",
    "unassigned": "a\uffffb\ufdd0c\U000e0001d",
    "stacked": "Z" + "\u0301\u0316\u0334" * 200 + "o",
    "pdf": "(\\) Tj ET Q endstream endobj %%EOF",
    "other letters": "中文 العربية עברית 🙂",
}


def hostile_case(text: str) -> tuple[CaseRecord, MadeUpObjects]:
    """Return a case in which a text stands wherever text can come from outside."""
    record, objects = made_up_case()

    def change(dossier):
        dossier["findings"][0] |= {"title": text, "shows": text, "how_to_read": text, "caution": text, "weight": text}
        dossier["findings"][0]["facts"] = [{"name": text, "value": text, "private": False}]
        dossier["findings"][1]["exhibits"][0] |= {"title": text, "caption": text}
        dossier["words"] |= {
            "headline": text,
            "where": text,
            "map_states": [text],
            "reasons": f"{text}!",
            "strength": text,
        }
        dossier["record"] |= {"format": text, "notes": [text], "faces_account": text, "reasons": [text]}
        dossier["measured"]["like_this"] |= {"sentence": text, "remarks": [text]}
        dossier["measured"]["like_this"]["fits"][0] |= {"name": text, "value": text}
        dossier["measured"] |= {"track_record": text, "pointing_record": text, "dataset": text}
        dossier["cards"]["edited"] |= {"limits": text, "failures": [text], "data": {text: text}, "licence": text}
        dossier["release"] |= {"notes": text, "preprocessing": {text: [text, {text: text}]}}
        dossier |= {"machine": text, "versions": {text: text}}

    examined = keep_examined(objects, examination("deepfake", 1), 40, change)
    examined = replace(examined, who=text, release=text, verdict=text)
    photo = replace(
        record.photos[0],
        name=text,
        who=text,
        source=text,
        tags=(text,),
        matches=(Match(text, text, text),),
        opinions=(Opinion(3, text, text, text, text),),
        examinations=(examined, examined),
    )
    failed = replace(record.photos[6], name=text, error={"code": text, "message": text})
    deleted = replace(record.photos[7], name=text, deleted=text)
    names = {"name": text, "description": text, "created_by": text, "tags": (text,), "members": {text: text}}
    return replace(record, photos=(photo, failed, deleted), acts={text: 3}, **names), objects


def pdf_text(record, objects, folder) -> str:
    out = folder / "report.pdf"
    report_pdf(record, objects, out)
    return "\n".join(page.extract_text() for page in PdfReader(out, strict=True).pages)


@pytest.mark.parametrize("kind", EVIL)
def test_html_holds_it_as_text_and_nothing_else(kind):
    data = report_html(*hostile_case(EVIL[kind]))
    text = data.decode()  # it is UTF-8 whatever stands in it
    page = Page(text)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "iframe", "object", "para", "font", "form", "link", "base"}
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    assert all(link["href"].startswith("#photo-") for link in page.all("a"))
    assert not any(name.startswith("on") or name in ("style", "autofocus") for _, attrs in page.tags for name in attrs)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0\uffff]", text)
    assert visible(EVIL[kind]) in "".join(page.text)


@pytest.mark.parametrize("kind", EVIL)
def test_pdf_holds_it_as_text_and_nothing_else(kind, tmp_path):
    text = pdf_text(*hostile_case(EVIL[kind]), tmp_path)
    for word in written(visible(EVIL[kind]), TEXT).split():  # of one written from the right the reader turns the order
        assert word in re.sub(r"\n", "", text) or word[::-1] in text
    assert "How to verify" in text
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    data = (tmp_path / "report.pdf").read_bytes()
    assert b"/JavaScript" not in data and b"/URI" not in data and b"/Launch" not in data


@pytest.mark.parametrize("text", [LONG, "\u202e" * 1_000_000, "a\n" * 1_000_001, "a " * 2_000_000], ids=len)
def test_ten_megabytes_of_text_are_cut_and_the_cut_is_said(text, tmp_path):
    record, objects = made_up_case()

    def change(dossier):
        dossier["findings"][0]["facts"][0]["value"] = text
        dossier["record"]["notes"] = [text]
        dossier["words"]["headline"] = text

    examined = keep_examined(objects, examination("deepfake", 1), 40, change)
    opinions = (Opinion(3, "2026-11-28T09:00:00Z", "anna", "real", text),)
    photo = replace(record.photos[0], name=text, examinations=(examined,), opinions=opinions, tags=(text,))
    record = replace(record, name=text, description=text, photos=(photo,))
    data = report_html(record, objects).decode()
    assert len(data) < 600_000 and data.count(f"cut: {len(text)} characters in all") >= 6
    assert "How to verify" in pdf_text(record, objects, tmp_path)
    assert (tmp_path / "report.pdf").stat().st_size < 600_000


def test_letters_that_a_font_lacks_are_given_by_their_number():
    assert written("中 a", TEXT) == "⟨U+4E2D⟩ a" and written("a\u200db", TEXT) == "a⟨U+200D⟩b"
    assert written("Zażółć gęślą ▲", TEXT) == "Zażółć gęślą ▲"


def test_text_is_made_harmless_letter_by_letter():
    assert visible("a\u202eb") == "a⟨U+202E⟩b" and visible("\ud800") == "⟨U+D800⟩" and visible("\ufdd0") == "⟨U+FDD0⟩"
    assert visible("e" + "\u0301" * 9) == "e" + "\u0301" * 3 + "⟨6 marks more⟩"
    assert visible("é e\u0301 naïve ▲ 中") == "é e\u0301 naïve ▲ 中"
    assert one_line("a\nb") == "a⏎b" and one_line("a" * 500) == "a" * 400 + " … (cut: 500 characters in all)"


def test_a_long_name_keeps_what_kind_of_file_it_is():
    name = file_name("x" * 300 + ".tar.gz")
    assert name.startswith("xxx") and ".tar.gz (cut: 307 characters in all)" in name


def test_what_somebody_wrote_keeps_its_paragraphs():
    assert paragraphs("one\n\n  \ntwo\x00") == ("one", "two⟨U+0000⟩") and paragraphs("  \n ") == ()
    many = paragraphs("line\n" * 1_000)
    assert len(many) == 301 and many[-1] == "… (cut: 5000 characters in all)"
    assert paragraphs("x" * 30_000)[0] == "x" * 20_000


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"[1, 2]", b'"text"', b"null", b"{", b"[" * 100_000, b'{"a": ' * 50_000, b"1" * 5_000],
    ids=range(9),
)
def test_what_is_no_dossier_is_told_to_be_none(data):
    with pytest.raises(AlteredObject):
        Part.parse(data)
    record, objects = made_up_case()
    examined = replace(record.photos[0].examined, dossier=objects.keep(data))
    photo = replace(record.photos[0], examinations=(examined,))
    parts = list(Report.of(replace(record, photos=(photo,)), objects).sections())
    assert any(part.title == "What is missing" for part in parts)


GONE = object()
STRANGE = [
    GONE,
    None,
    True,
    -1,
    1e308,
    float("nan"),
    10**400,
    "text",
    [],
    [None],
    {},
    {"a": {"b": [1]}},
    [[1, 2], "x", {}],
]


def dossier_paths(part, path=()):
    """Yield where every part of a dossier stands, lists by their first member."""
    pairs = part.items() if isinstance(part, dict) else enumerate(part[:1]) if isinstance(part, list) else ()
    for name, inner in pairs:
        yield (*path, name)
        if name not in ("training", "figures", "knots", "probabilities"):
            yield from dossier_paths(inner, (*path, name))


def test_a_dossier_with_any_part_of_another_form_or_gone_makes_a_report_all_the_same():
    """Each part in turn is taken away or replaced: a newer version, or a hand that meant harm."""
    record, objects = made_up_case()
    whole = json.loads(objects.read(record.photos[0].examined.dossier))
    base = replace(record, photos=record.photos[:1])
    paths = list(dossier_paths(whole))
    assert len(paths) > 150
    for number, path in enumerate(paths):
        dossier = json.loads(json.dumps(whole))
        part = dossier
        for name in path[:-1]:
            part = part[name]
        value = STRANGE[number % len(STRANGE)]
        if value is GONE:
            del part[path[-1]]
        else:
            part[path[-1]] = value
        examined = replace(record.photos[0].examined, dossier=objects.keep(json.dumps(dossier).encode()))
        photo = replace(record.photos[0], examinations=(examined,))
        titles = [one.title for one in Report.of(replace(base, photos=(photo,)), objects).sections()]
        assert titles[-1] == "How to verify", path


def test_stored_values_are_flat_whatever_they_are():
    assert flat({"a": [1, 0.1234567, None], "b\u202e": {"c": "<i>"}}) == "a: 1, 0.123457, –, b⟨U+202E⟩: c: <i>"
    assert len(flat({"a": "x" * 10_000_000})) < 2_000


def test_numbers_that_are_none_are_not_there():
    part = Part({"nan": float("nan"), "big": 10**400, "yes": True, "text": "1", "ok": 2, "pair": [1, "2"]})
    assert [part.number(name) for name in ("nan", "big", "yes", "text", "none", "ok")] == [None] * 5 + [2.0]
    assert part.numbers("pair") == [] and part.count("nan") == 0 and part.figure("ok") is None
    assert part.part("ok").data == {} and part.parts("text") == [] and part.texts("pair") == ["2"]
