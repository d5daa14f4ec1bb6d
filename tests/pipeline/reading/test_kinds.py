"""Kinds are told by the first bytes: what is read, and what is not, by a name and advice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_files import SCENE, chunk, page, saved, tiff, with_chunks

from pipeline.errors import UnreadablePhoto
from pipeline.photo import Photo
from pipeline.reading import kinds
from pipeline.reading.kinds import HEAD, STARTS, is_picture, kind_of

READ = ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"]

NAMED = [
    (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(900), "a video", "Take a frame of it and examine that"),
    (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(900), "a video", "Take a frame"),
    (b"RIFF\x10\0\0\0AVI LIST", "a video", "Take a frame"),
    (b"\x1a\x45\xdf\xa3\x01\0\0\0", "a video", "Take a frame"),
    ((b"G" + bytes(187)) * 4, "a video", "Take a frame"),
    (b"\0\0\0\x18ftypM4A \0\0\0\0", "a sound recording", ""),
    (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a camera raw file", "Export it as JPEG or TIFF"),
    (b"FUJIFILMCCD-RAW 0201FF", "a camera raw file", "Export it"),
    (b"IIRO\x08\0\0\0", "a camera raw file", "Export it"),
    (b"IIU\0\x18\0\0\0", "a camera raw file", "Export it"),
    (b"FOVb\0\0\2\0", "a camera raw file", "Export it"),
    (b"II*\0\x10\0\0\0CR\2\0", "a camera raw file", "Export it"),
    (tiff(page(SCENE, t50706=1)), "a camera raw file", "Export it"),
    (tiff(page(SCENE, t262=32803)), "a camera raw file", "Export it"),
    (tiff(page(SCENE, t262=34892), order=">"), "a camera raw file", "Export it"),
    (tiff(page(SCENE, t254=1, t271=1), under=(page(SCENE),)), "a camera raw file", "Export it"),
    (b"\xff\x0a" + bytes(90), "a JPEG XL picture", "Save it as PNG or TIFF"),
    (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(90), "a JPEG XL picture", "Save it"),
    (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(90), "a JPEG 2000 picture", "Save it"),
    (b"8BPS\0\1" + bytes(90), "a Photoshop file", "from Photoshop"),
    (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing", "must be taken out"),
    (b"<?xml version='1.0'?><gpx/>", "an XML file", ""),
    (b"%PDF-1.7\n", "a PDF document", "Take the photo out of it"),
    (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive", "Unpack it, or pack it as zip"),
    (b"Rar!\x1a\x07\1\0", "a RAR archive", "Unpack it"),
    (b"a.jpg".ljust(257, b"\0") + b"ustar\0" + bytes(300), "a tar archive", "Unpack it"),
    (b"\x1f\x8b\x08\0", "a gzip file", "Unpack it"),
    (bytes(128) + b"DICM" + bytes(90), "a DICOM medical picture", "Save it"),
    (b'{"title": "IMG_1.jpg"}', "a JSON file", ""),
    (b"12.03.24, 10:00 - A: IMG.jpg\n" * 200, "a text file", ""),
    (("é" * 3000).encode(), "a text file", ""),
    (b"\0\5\x16\7\0\2\0\0Mac OS X", "a macOS side file", "The photo lies beside it"),
    (b"version https://git-lfs.github.com/spec/v1\n", "a pointer to a file kept elsewhere", "Fetch the file itself"),
]


@pytest.mark.parametrize(("data", "name", "advice"), NAMED, ids=[f"{case[1]} {at}" for at, case in enumerate(NAMED)])
def test_what_is_not_read_is_named_with_what_to_do(data, name, advice):
    kind = kind_of(data[:HEAD])
    assert kind and kind.name.startswith(name) and advice in kind.advice and not is_picture(data[:HEAD])
    with pytest.raises(UnreadablePhoto) as caught:
        Photo.read(data)
    said = str(caught.value)
    assert said.startswith(f"This looks like {kind.name}, ") and kind.advice in said and len(said) < 400
    assert ("which is not read" in said) == kind.picture and said.endswith("HEIC and AVIF are read.")


@pytest.mark.parametrize("start", STARTS)
def test_every_known_beginning_is_told(start):
    assert kind_of(start + bytes(20)) is not None


@pytest.mark.parametrize("form", READ)
def test_what_is_read_is_told_by_its_bytes(form):
    head = saved(form=form)[:HEAD]
    assert is_picture(head) and kind_of(head) is None


def test_words_that_begin_like_a_bmp_are_no_picture():
    assert not is_picture(b"BMW sells cars, and this is a text about them.")


def test_nothing_is_said_of_what_is_not_known():
    assert kind_of(b"\x01\x02\x03\x04" * 30) is None and kind_of(b"") is None and not is_picture(b"")


@pytest.mark.parametrize("before", [b"\r\n", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n",
                                    b"------WebKitFormBoundary\r\nContent-Disposition: form-data\r\n\r\n"])  # fmt: skip
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_behind_a_stray_header_is_read_from_there(before, form):
    plain = saved(form=form)
    photo = Photo.read(before + plain)
    assert (photo.rgb == Photo.read(plain).rgb).all() and photo.data == before + plain and is_picture(photo.data[:HEAD])
    said = f"a {form} begins after {len(before)} bytes that do not belong to it: it was read from there"
    assert photo.notes == (said,) and photo.format == form


@pytest.mark.parametrize("before", [b"%PDF-1.4\n1 0 obj\n", b"\x01\x02", b"<html><body>", b"FUJIFILMCCD-RAW 0201FF"])
def test_a_picture_inside_something_else_is_not_taken_for_it(before):
    assert not is_picture(before + saved(form="JPEG"))
    with pytest.raises(UnreadablePhoto):
        Photo.read(before + saved(form="JPEG"))


def test_an_animation_and_a_picture_with_metadata_in_front_are_pictures():
    assert is_picture(with_chunks(saved(), chunk(b"tEXt", b"Comment\0" + b"x" * 9000))[:HEAD])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    start=st.sampled_from([b"", *STARTS, *kinds.TIFF_STARTS, b"RIFF", b"\0\0\0\x18ftyp", b"<?xml", b"{"]),
    rest=st.binary(max_size=600),
)
def test_any_bytes_are_told(start, rest):
    kind = kind_of(start + rest)
    assert kind is None or (not is_picture(start + rest) and kind.name.isprintable())
