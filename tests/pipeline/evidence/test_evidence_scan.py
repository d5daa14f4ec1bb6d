"""All signals over all kinds of photos: each gives a finding that can be kept, and none raises or touches a verdict."""

import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from made_up_metadata import (
    JPEG,
    PNG,
    chunk,
    exif_block,
    exif_segment,
    iptc_segment,
    photoshop_segment,
    plain,
    saved,
    scene,
    segment,
    text,
    with_chunks,
    with_segments,
    xmp,
    xmp_segment,
)
from PIL import Image

from pipeline.errors import UnreadablePhoto
from pipeline.evidence import bounds, scan
from pipeline.evidence.finding import NOT_ENOUGH, Evidence, Exhibit, Fact, Finding
from pipeline.photo import Photo

PROJECT = Path(__file__).resolve().parents[3]
NASTY = '=HYPERLINK("http://x")<script>alert(1)</script>‮gpj.exe\u2066\'; DROP TABLE x;--\x07\x1b[31m'
PHOTOS = {
    "jpeg": JPEG,
    "png": PNG,
    "webp": saved(scene(), "WEBP"),
    "gif": saved(
        Image.fromarray(scene()).quantize(64), "GIF", save_all=True, append_images=[Image.new("P", (128, 96))]
    ),
    "tiff": saved(scene(), "TIFF"),
    "bmp": saved(scene(), "BMP"),
    "heic": saved(scene(), "HEIF"),
    "avif": saved(scene(), "AVIF"),
    "grey": saved(Image.fromarray(scene()).convert("L")),
    "cmyk": saved(Image.fromarray(scene()).convert("CMYK")),
    "one pixel": saved(scene(1, 1), "PNG"),
    "a strip": saved(scene(3, 900), "PNG"),
    "one colour": saved(Image.new("RGB", (80, 60), "grey")),
    "truncated": JPEG[: len(JPEG) * 3 // 4],
    "truncated png": PNG[: len(PNG) * 3 // 4],
    "hostile exif": with_segments(
        JPEG,
        exif_segment(
            exif_block(
                {tag: text(NASTY) for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298)},
                {0x9003: text(NASTY), 0x9286: plain(b"UNICODE\0" + b"\xd8\x00" * 400), 0x829A: plain(b"\xff" * 8)},
                {2: text(NASTY), 4: plain(b""), 0x001D: text(NASTY)},
                b"\xff\xd8\xff\xd9",
            )
        ),
    ),
    "hostile xmp": with_segments(
        JPEG,
        xmp_segment(b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 999 + b'">]><a>&b;</a>'),
        xmp_segment(xmp({"xmp:CreatorTool": NASTY.replace("\x07", "").replace("\x1b", ""), "xmp:CreateDate": "<&>"})),
        xmp_segment(b"<a>" * 5000),
    ),
    "hostile iptc": with_segments(
        JPEG,
        iptc_segment(*((number, NASTY * 20) for number in (5, 40, 55, 60, 80, 120))),
        photoshop_segment(b"8BIM\x04\x0c\xff" + b"\xff" * 40),
        segment(0xFE, NASTY.encode()),
    ),
    "ten megabytes of text": with_chunks(
        PNG,
        chunk(b"tEXt", b"Comment\0" + b"<b>" * 3_500_000),
        chunk(b"zTXt", b"Description\0\0" + zlib.compress(b"=1+1;" * 2_000_000)),
        chunk(b"iTXt", b"Title\0\1\0\0\0" + zlib.compress("‮é\0".encode() * 2_000_000)),
        chunk(b"zTXt", b"broken\0\0" + b"nothing packed"),
    ),
    "a thousand texts": with_chunks(PNG, *(chunk(b"tEXt", b"Comment\0" + b"x" * 900) for _ in range(1000))),
    "things behind it": JPEG + bytes(40) + saved(scene(40, 60, 5)) + b"PK\3\4" + b"\xff" * 500,
}


@pytest.fixture(scope="module")
def photos():
    return {name: Photo.read(data, partial=True) for name, data in PHOTOS.items()}


def test_signals_are_found_by_scanning_and_stand_in_their_order():
    every = scan.signals()
    names = [signal.name for signal in every]
    own = ["exif", "dates", "place", "software", "generative_marks", "captions", "embedded_thumbnail", "hidden_content"]
    assert [name for name in names if name in own] == own and "content_credentials" in names
    assert [signal.order for signal in every] == sorted(signal.order for signal in every)
    assert "bounds" not in names and "finding" not in names
    assert all(signal.title and signal.how_to_read for signal in every)


@pytest.mark.parametrize("name", PHOTOS)
def test_every_signal_gives_a_finding_that_can_be_kept(photos, name):
    findings = scan.look_at(photos[name], f"{NASTY}.jpg")
    assert [finding.signal for finding in findings] == [signal.name for signal in scan.signals()]
    for finding in findings:
        assert "could not be read, so nothing is known" not in finding.shows, finding
        stored = json.dumps(finding.as_dict(), ensure_ascii=False).encode()
        assert json.loads(stored) == finding.as_dict() and len(stored) <= bounds.MOST_FINDING, finding.signal
        assert finding.weight in ("nothing", "ordinary", "look") and finding.shows and finding.how_to_read
        assert finding.caution == NOT_ENOUGH
        for exhibit in finding.exhibits:
            with Image.open(io.BytesIO(exhibit.data)) as image:
                image.load()
                assert image.format in ("PNG", "JPEG") and image.size == (exhibit.width, exhibit.height)
                assert not image.getexif() and "xmp" not in image.info and "comment" not in image.info


def test_a_sample_photo_without_metadata_is_ordinary_and_hides_nothing(hopper):
    findings = {finding.signal: finding for finding in scan.look_at(hopper)}
    for name in ("exif", "dates", "place", "software", "captions", "embedded_thumbnail", "hidden_content"):
        assert findings[name].weight == "nothing" and not findings[name].facts, name
    assert findings["content_credentials"].shows.endswith("which is not suspicious.")


def test_findings_are_the_same_each_time(photos):
    for name in ("jpeg", "hostile exif", "things behind it"):
        again = Photo.read(PHOTOS[name], partial=True)
        assert scan.look_at(photos[name], "a.jpg") == scan.look_at(again, "a.jpg")


def broken(problem):
    def look(evidence):
        raise problem

    return scan.Signal("broken", "A broken one", 5, "How.", look)


@pytest.mark.parametrize("problem", [ValueError("<b>no</b>"), UnreadablePhoto("Damaged here."), RecursionError()])
def test_a_fault_of_one_signal_is_its_finding_and_the_rest_goes_on(monkeypatch, hopper, problem, capsys):
    every = (broken(problem), *[signal for signal in scan.signals() if signal.name in ("exif", "place")])
    monkeypatch.setattr(scan, "signals", lambda: every)
    first, *rest = scan.look_at(hopper)
    assert (first.signal, first.title, first.weight, first.how_to_read) == ("broken", "A broken one", "nothing", "How.")
    assert first.shows.startswith("This signal could not be read, so nothing is known from it. ")
    assert str(problem) in first.shows and [finding.signal for finding in rest] == ["exif", "place"]
    assert ("Traceback" in capsys.readouterr().err) == (not isinstance(problem, UnreadablePhoto))


def test_what_ends_the_program_is_not_held(monkeypatch, hopper):
    monkeypatch.setattr(scan, "signals", lambda: (broken(KeyboardInterrupt()),))
    with pytest.raises(KeyboardInterrupt):
        scan.look_at(hopper)


def test_a_finding_that_is_too_large_keeps_its_beginning_and_says_how_much_is_left_out():
    facts = tuple(Fact(f"fact {number}", "\x01" * 1999, private=number == 3) for number in range(600))
    finding = bounds.bounded(Finding("s", "t", "look", "x" * 5000, "how", facts))
    assert bounds.size_of(finding) <= bounds.MOST_FINDING
    assert finding.shows == "x" * 2000 + " … (3,000 more characters left out)"
    kept = finding.facts[:-1]
    assert kept == facts[: len(kept)] and 4 < len(kept) < 10 and kept[3].private
    assert finding.facts[-1] == Fact("Left out", f"{600 - len(kept)} more facts, which would be too many to store")


def test_overlong_values_are_cut_and_counted(photos):
    captions = next(one for one in scan.look_at(photos["ten megabytes of text"]) if one.signal == "captions")
    values = {fact.name: fact.value for fact in captions.facts}
    assert values["Text “Comment”"] == ("<b>" * 667)[:2000] + " … (10,498,000 more characters left out)"
    assert values["Text “Description”"].endswith("(9,998,000 more characters left out)")


def test_texts_that_cannot_be_stored_are_made_storable():
    assert bounds.cut("a\ud800b\0c") == "a?b␀c" and bounds.cut("é" * 3, 2) == "éé … (1 more characters left out)"
    assert bounds.short("a\nb\t c") == "“a b c”" and len(bounds.short("x" * 900)) == 82


def test_a_value_at_the_limit_stays_whole():
    exhibit = Exhibit("t", "c", b"", 1, 1)
    finding = Finding("s", "t", "ordinary", "x", "how", (Fact("n", "v" * 2000),), (exhibit,) * 20)
    assert bounds.bounded(finding).facts == finding.facts and len(bounds.bounded(finding).exhibits) == 16


def test_the_verdict_is_not_touched_no_network_is_loaded():
    code = (
        "import sys; from pipeline.evidence.scan import signals; assert signals()\n"
        "bad = {'torch', 'onnxruntime', 'ai_edge_litert', 'c2pa', 'pipeline.cascade', 'pipeline.verdict'}\n"
        "sys.exit(sorted(bad & set(sys.modules)) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, timeout=120, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_looking_leaves_the_photo_as_it_is(photos):
    photo = photos["jpeg"]
    before = photo.rgb.copy()
    for signal in scan.signals():
        signal.look(Evidence(photo, "x"))
    assert photo.data == JPEG and (photo.rgb == before).all()
