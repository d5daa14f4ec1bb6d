"""Hidden content: bytes in front and behind, second pictures, maps, videos, further frames."""

import base64
import io
import weakref
import zipfile

import numpy as np
import pytest
from made_up_metadata import JPEG, PNG, saved, scene, segment, with_segments, xmp, xmp_segment
from PIL import Image

from pipeline.evidence.file_parts.second_pictures import SecondPicture
from pipeline.evidence.file_parts.tail import pieces
from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import hidden_content
from pipeline.photo import Photo

OTHER = saved(scene(60, 80, 7), quality=90)
SAME = saved(Image.fromarray(scene()).resize((64, 48)), quality=90)
VIDEO = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\x03\xe8mdat" + bytes(range(248)) * 4


def look(data):
    finding = hidden_content.look(Evidence(Photo.read(data, partial=True)))
    return finding, [fact.value for fact in finding.facts]


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("notes.txt", "x" * 300)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"])
def test_nothing_beside_the_picture(form):
    finding, facts = look(saved(scene(), form))
    assert finding.weight == "nothing" and facts == [] and finding.shows == "Nothing lies beside the picture."


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_bytes_behind_the_end_are_counted_and_shown_by_their_beginning(form):
    data = saved(scene(), form)
    finding, facts = look(data + b"\x93secret\xff" + b"\xa7" * 500)
    assert finding.weight == "look" and finding.shows.startswith("508 bytes lie in the file beside the picture: of an")
    assert facts == [
        "508 bytes, of an unknown kind, beginning with 93 73 65 63 72 65 74 ff a7 a7 a7 a7 a7 a7 a7 a7 "
        "(“·secret·········”)"
    ]
    assert finding.facts[0].name == f"From byte {len(data):,} on"


def test_zeros_that_fill_a_block_are_named_and_ask_for_nothing():
    finding, facts = look(JPEG + bytes(512))
    assert finding.weight == "nothing" and facts == ["512 bytes, all zero: they fill a block"]


def test_a_few_bytes_are_ordinary():
    finding, _ = look(JPEG + b"\r\n-- \r\n")
    assert finding.weight == "ordinary" and finding.shows.startswith("7 bytes lie beside the picture")


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (zipped(), "a zip archive"),
        (b"%PDF-1.7\n" + b"x" * 99, "a PDF document"),
        (b"\x7fELF" + b"\1" * 99, "a Linux program"),
        (b"<html><script>alert(1)</script></html>", "a web page"),
        (b"7z\xbc\xaf\x27\x1c\0\4" + b"\1" * 99, "a 7z archive"),
    ],
)
def test_other_kinds_of_files_behind_a_photo_ask_for_a_look(behind, words):
    finding, facts = look(JPEG + behind)
    assert finding.weight == "look" and facts == [f"{len(behind):,} bytes, {words}"]


def test_a_video_is_a_motion_photo_and_ordinary():
    finding, facts = look(JPEG + VIDEO)
    assert finding.weight == "ordinary" and finding.shows == "A video of 1,024 bytes is attached."
    assert facts == ["1,024 bytes, a video (motion photo)"]
    finding, facts = look(JPEG + bytes(40) + VIDEO + b"MotionPhoto_Data\0SEFT")
    assert facts == [
        "40 bytes, all zero: they fill a block",
        "1,024 bytes, a video (motion photo)",
        "21 bytes, Samsung's mark of a motion photo",
    ]
    assert finding.weight == "ordinary"


def test_a_video_in_a_box_of_a_heic():
    assert look(saved(scene(), "HEIF") + b"\0\0\3\xe8mpvd" + b"v" * 992)[1] == ["1,000 bytes, a video (motion photo)"]


def test_notes_of_an_editor_ask_for_a_look():
    finding, facts = look(JPEG + b"\0\0\x01\x0bPhotoEditor_Re_Edit_Data" + b'{"clipInfoValue":1}' * 9 + b"SEFT")
    assert finding.weight == "look" and "what it changed" in finding.shows and "what it changed" in facts[-1]


def test_the_rest_of_a_longer_png_may_show_what_was_cut_off():
    larger = saved(scene(200, 300), "PNG")
    finding, facts = look(PNG + larger[len(PNG) :])
    assert finding.weight == "look" and "may be recoverable (CVE-2023-21036)" in finding.shows and len(facts) == 1


def test_text_in_front_of_a_photo():
    finding, facts = look(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG)
    assert (
        finding.weight == "look" and facts == ["45 bytes, a text file"] and finding.facts[0].name.endswith("byte 0 on")
    )


def test_a_second_picture_that_shows_the_same_is_ordinary():
    finding, facts = look(JPEG + SAME)
    assert finding.weight == "ordinary" and finding.shows == "One more picture is in the file."
    assert facts[1] == "a picture behind the photo; 64 × 48 pixels; it shows the same as the photo"
    assert (finding.exhibits[0].width, finding.exhibits[0].height) == (64, 48)


def test_a_second_picture_that_shows_something_else_asks_for_a_look():
    finding, _ = look(JPEG + OTHER + b"\0" * 3 + SAME)
    assert finding.weight == "look"
    assert finding.shows.startswith("A second picture shows something that the photo does not: a picture behind the")
    assert len(finding.exhibits) == 2 and "It shows something that the photo does not." in finding.exhibits[0].caption
    pixels = np.asarray(Image.open(io.BytesIO(finding.exhibits[0].data)), np.float32)
    assert np.abs(pixels - Photo.read(OTHER).rgb).mean() < 5


def test_a_multi_picture_file_says_what_its_pictures_are():
    data = saved(Image.fromarray(scene()), "MPO", save_all=True, append_images=[Image.fromarray(scene(seed=4))])
    entry = data.index(b"MPF\0")
    finding, facts = look(data)
    assert finding.weight == "look" and "a picture of no stated kind behind the photo" in facts[1]
    at = entry + 4 + 50 + 16  # the second of the entries, each of 16 bytes, behind header and directory
    for role, words in ((0x020002, "a second view (3D)"), (0x040000, "the original, kept by a program")):
        assert data[at : at + 4] == b"\0\0\0\0"
        changed = data[:at] + role.to_bytes(4, "little") + data[at + 4 :]
        assert words in look(changed)[1][1]


def gain_map(*segments):
    return with_segments(saved(Image.fromarray(scene(60, 80, 9)).convert("L")), *segments)


@pytest.mark.parametrize(
    "mark",
    [xmp_segment(xmp({"hdrgm:Version": "1.0"})), segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0")],
)
def test_a_gain_map_may_look_like_anything(mark):
    finding, facts = look(JPEG + gain_map(mark))
    assert finding.weight == "ordinary" and facts[1] == "a gain map behind the photo; 80 × 60 pixels"
    assert finding.exhibits[0].title == "A gain map behind the photo"
    assert look(JPEG + gain_map())[0].weight == "look"


def test_a_picture_within_xmp():
    packet = xmp({"GImage:Data": base64.b64encode(OTHER).decode()})
    finding, facts = look(with_segments(JPEG, xmp_segment(packet)))
    assert finding.weight == "look" and "a picture within XMP (GImage); 80 × 60 pixels" in facts[0]
    broken = look(with_segments(JPEG, xmp_segment(xmp({"GImage:Data": "!!!not base64"}))))
    assert broken[0].weight == "ordinary" and "not decoded" in broken[1][0] and broken[0].exhibits == ()


def test_further_pictures_of_a_heic_and_its_depth():
    more = [Image.fromarray(scene(seed=6))]
    finding, facts = look(saved(Image.fromarray(scene()), "HEIF", quality=90, save_all=True, append_images=more))
    assert finding.weight == "look" and facts[0].startswith("another picture of the HEIF file; 128 × 96 pixels")
    assert len(finding.exhibits) == 1


def test_no_more_than_one_of_the_other_pictures_is_held_as_it_is(monkeypatch):
    others = [np.zeros((2000, 3000, 3), np.uint8) for _ in range(4)]
    refs, held = [weakref.ref(one) for one in others], []

    def pictures(*_):
        for number in range(4):
            held.append(sum(ref() is not None for ref in refs))
            yield SecondPicture(f"picture {number}", others.pop(), is_map=number > 0)

    monkeypatch.setattr(hidden_content, "second_pictures", pictures)
    finding, facts = look(JPEG)
    assert held == [4, 4, 3, 2], "all, then with one under way"
    assert facts[0] == "picture 0; 3000 × 2000 pixels; it is too even to compare" and len(finding.exhibits) == 4
    assert (finding.exhibits[0].width, finding.exhibits[0].height) == (900, 600)


def test_frames_of_a_series_are_shown_and_ordinary():
    frames = [Image.fromarray(scene(seed=seed)).quantize(64) for seed in range(1, 7)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    finding, facts = look(data)
    assert finding.weight == "ordinary" and finding.shows == "3 more pictures are in the file."
    assert [fact.split(";")[0] for fact in facts] == [f"frame or page {number} of 6" for number in (2, 3, 4)]


def test_a_second_picture_that_does_not_decode_is_said():
    finding, facts = look(JPEG + b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xd9" + b"\0" * 9)
    assert "not decoded" in facts[-1] and finding.exhibits == () and finding.weight == "ordinary"


def test_an_end_that_is_missing_is_said():
    finding, facts = look(JPEG[:-400])
    assert finding.weight == "nothing" and facts[0].startswith("is missing or cannot be followed")
    assert "could" not in finding.shows and "cannot be told" in finding.shows
    assert look(saved(scene(), "TIFF"))[1][0].startswith("cannot be told in a TIFF")


def test_a_file_of_thousands_of_pieces_is_looked_at_within_bounds():
    data = JPEG + b"\xff\xd8\xff\xd9\0" * 20_000
    around, ends = pieces(data)
    assert ends and len(around) <= 61 and sum(len(piece.data) for piece in around) == 100_000
    finding, facts = look(data)
    assert len(finding.exhibits) == 0 and "very many pieces" in " ".join(facts)


def test_pieces_cover_all_that_lies_behind_in_their_order():
    data = JPEG + bytes(5) + b"\x93note" * 30 + OTHER + VIDEO + zipped()
    around, _ = pieces(data)
    assert [piece.sort for piece in around] == ["zeros", "unknown", "picture", "video", "file"]
    assert data[: around[0].start] == JPEG and b"".join(piece.data for piece in around) == data[len(JPEG) :]
