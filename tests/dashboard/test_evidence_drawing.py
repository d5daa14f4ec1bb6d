"""Findings beside the verdict: calm, ordered, bounded, and plain text whatever a file holds; on Examine on request."""

import io

import numpy as np
import pytest
from driven import text_of
from made_up_cases import add, casebook, opened
from PIL import Image, PngImagePlugin
from streamlit.testing.v1 import AppTest
from synthetic_run import mixed_run
from test_examine_app import app, pressed

from dashboard.kit import evidence
from dashboard.session.case_pictures import encode_anew
from pipeline.casebook.report.kept import LARGEST_PICTURE
from pipeline.casebook.report.parts import Part
from pipeline.errors import AlteredObject
from pipeline.evidence.scan import signals

HOSTILE = "<script>alert(1)</script> **b** [l](http://e.example) :red[x] $y$ \u202egpj.exe"


def finding(weight="ordinary", **more):
    return {
        "signal": "exif",
        "title": "EXIF",
        "weight": weight,
        "shows": "A camera wrote it.",
        "how_to_read": "Cameras do.",
        "facts": [],
        "exhibits": [],
        "caution": "Not enough alone.",
    } | more


def _script(findings):
    import io

    from PIL import Image

    from dashboard.kit import evidence
    from pipeline.casebook.report.parts import Part
    from pipeline.errors import AlteredObject

    def show(exhibit):
        if exhibit.text("sha256") == "gone":
            raise AlteredObject("The object gone… is no longer there.")
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "PNG")
        return buffer.getvalue()

    evidence.draw_findings([Part(each) for each in findings], show, "key")


def drawn(*findings):
    test = AppTest.from_function(_script, default_timeout=60, kwargs={"findings": list(findings)}).run()
    assert not test.exception, test.exception
    return test


def html(test):
    return "\n".join(str(each.proto.body) for each in test.get("html"))


def test_what_is_worth_a_look_comes_first_and_nothing_is_red():
    test = drawn(finding("nothing", title="C"), finding("ordinary", title="B"), finding("look", title="A"))
    text = html(test)
    assert text.index(">A<") < text.index(">B<") < text.index(">C<")
    assert "1 of 3 signals is worth a look" in text_of(test)
    marks = [each.value for each in test.markdown if "badge" in each.value]
    assert [word in mark for word, mark in zip(("worth a look", "as usual", "nothing to see"), marks, strict=True)] == [
        True
    ] * 3
    assert not test.error and not test.warning and not any("red" in mark or "suspicious" in mark for mark in marks)


def test_a_weight_that_is_not_known_is_calm():
    assert "as usual" in " ".join(each.value for each in drawn(finding("SUSPICIOUS")).markdown)


def test_everything_in_a_finding_is_plain_text():
    exhibit = {"title": HOSTILE, "caption": HOSTILE, "sha256": "there", "width": 8, "height": 8}
    facts = [{"name": HOSTILE, "value": HOSTILE, "private": False}]
    hostile = finding(
        "look", facts=facts, exhibits=[exhibit], **dict.fromkeys(("title", "shows", "how_to_read"), HOSTILE)
    )
    test = drawn(hostile, finding("ordinary", title=HOSTILE, caution=HOSTILE))
    assert "<script" not in html(test) and "&lt;script&gt;" in html(test)
    for each in [*test.caption, *test.markdown]:
        assert "[l](" not in each.value and ":red[" not in each.value and "**b**" not in each.value
    assert "\u202e" not in str(test.main) and "⟨U+202E⟩" in html(test)


def test_ten_megabytes_of_text_are_bounded():
    long = "x" * 10_000_000
    facts = [{"name": long, "value": long, "private": False}] * 5000
    test = drawn(finding("look", title=long, shows=long, how_to_read=long, caution=long, facts=facts))
    assert len(html(test)) + len(text_of(test)) < 1_000_000
    assert "cut: 10000000 characters" in html(test) and "facts more stand in the dossier" in text_of(test)
    many = drawn(*[finding(title=f"Signal {number}") for number in range(500)])
    assert "440 findings more stand in the dossier" in text_of(many).replace("\\", "")


@pytest.mark.parametrize("strange", [{}, {"facts": 3, "exhibits": "x", "title": None}, {"facts": [{"name": 1}, 2]}])
def test_a_finding_of_another_form_ends_nothing(strange):
    assert "A signal without a name" in html(drawn(strange)) and len(drawn(strange, finding()).expander) == 2


def test_private_facts_are_hidden_until_asked_for():
    facts = [{"name": "Camera", "value": "X100", "private": False}, {"name": "GPS", "value": "52.1 N", "private": True}]
    test = drawn(finding("look", facts=facts))
    assert "X100" in html(test) and "52.1" not in str(test.main)
    assert test.toggle[0].label == "Show private facts (1)"
    test.toggle[0].set_value(True).run()
    assert "52.1 N" in html(test)


def test_an_exhibit_that_is_gone_says_so_and_the_others_stand():
    exhibits = [{"title": name, "caption": "c", "sha256": name} for name in ("there", "gone", "there")]
    test = drawn(finding("look", exhibits=exhibits))
    assert len(test.image) == 2 and "no longer there" in test.error[0].value and "Cameras do" in text_of(test)


def test_without_findings_it_is_said_that_nobody_looked():
    assert "No signal beside the networks was looked for" in drawn().info[0].value


def png(**text):
    info = PngImagePlugin.PngInfo()
    for name, value in text.items():
        info.add_text(name, value)
    buffer = io.BytesIO()
    Image.fromarray(np.arange(768, dtype=np.uint8).reshape(16, 16, 3)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def test_a_kept_picture_is_encoded_anew_without_what_else_stands_in_it():
    data = png(Comment="a secret") + b"trailing"
    again = encode_anew(data)
    assert b"secret" not in again and b"trailing" not in again
    assert (np.asarray(Image.open(io.BytesIO(again))) == np.asarray(Image.open(io.BytesIO(data)))).all()


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"GIF89a" + bytes(40), png()[:60]])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(AlteredObject):
        encode_anew(data)


def test_a_picture_that_would_fill_the_memory_is_refused():
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 60_000, LARGEST_PICTURE // 60_000 + 1, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    with pytest.raises(AlteredObject):
        encode_anew(b"\x89PNG\r\n\x1a\n" + chunk + png()[33:])


@pytest.mark.usefixtures("home")
def test_what_stands_in_a_file_is_text_on_the_photos_page():
    buffer = io.BytesIO()
    image = Image.new("RGB", (200, 160), (120, 100, 90))
    exif = image.getexif()
    exif[0x0131] = HOSTILE.replace("\u202e", "")
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    image.save(buffer, "JPEG", quality=95, exif=exif)
    case = casebook().create("The matter")
    add(case, "a.jpg", data=buffer.getvalue())
    test = opened(case)
    assert "<script" not in html(test) and "&lt;script&gt;" in html(test)
    assert "52." not in html(test) and any(each.label.startswith("Show private facts") for each in test.toggle)
    assert f"of {len(signals())} signals" in text_of(test)


def test_on_examine_the_file_is_looked_at_on_request(tmp_path, monkeypatch):
    from pipeline.settings import settings

    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path))
    settings.cache_clear()
    run = mixed_run(tmp_path)
    monkeypatch.setattr("pipeline.evidence.scan.look_at", lambda *_: pytest.fail("looked at without being asked"))
    test = app(run=run.id, photo=0)
    monkeypatch.undo()
    monkeypatch.setenv("TELLTALE_HOME", str(tmp_path))
    pressed(test, "evidence")
    assert f"of {len(signals())} signals" in text_of(test) and "never changes it" in text_of(test)
    test.toggle(key="boxes").set_value(False).run()
    assert f"of {len(signals())} signals" in text_of(test)
    settings.cache_clear()


def test_the_kit_says_weights_as_the_report_does():
    from pipeline.casebook.report.evidence_part import WEIGHTS

    assert evidence.sort_findings([Part(finding(weight)) for weight in reversed(WEIGHTS)])[0].text("weight") == "look"
    assert set(evidence.ICONS) == set(WEIGHTS)
