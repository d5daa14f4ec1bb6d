"""PNG: text and profiles of any size, wrong checksums, hidden pictures; pixels equal those of the plain file."""

import struct
import zlib

import numpy as np
import pytest
from odd_files import OTHER, RGB, SCENE, SWAPPED, away, chunk, png16, saved, with_chunks

from pipeline.errors import UnreadablePhoto
from pipeline.photo import Photo
from pipeline.reading import png

PLAIN = saved()
LONG = b"".join(b'{"node": %d, "seed": %d}, ' % (i, i * 7919 % 100003) for i in range(60_000))
TEXTS = {
    "zTXt": chunk(b"zTXt", b"prompt\0\0" + zlib.compress(LONG)),
    "iTXt": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(LONG)),
    "iTXt unpacked": chunk(b"iTXt", b"prompt\0\0\0\0\0" + LONG),
    "tEXt": chunk(b"tEXt", b"prompt\0" + LONG),
    "many": b"".join(chunk(b"zTXt", b"k%d\0\0" % i + zlib.compress(bytes(900_000))) for i in range(90)),
    "bomb": chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000), 9)),
}


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_any_size_is_passed_over(text):
    in_front, at_end = with_chunks(PLAIN, TEXTS[text]), PLAIN[:-12] + TEXTS[text] + PLAIN[-12:]
    for data in (in_front, at_end):
        photo = Photo.read(data)
        assert (photo.rgb == SCENE).all() and photo.notes == () and photo.data == data


def test_a_profile_of_over_a_megabyte_is_applied():
    small = Photo.read(with_chunks(PLAIN, chunk(b"iCCP", b"scanner\0\0" + zlib.compress(SWAPPED))))
    padded = (len(SWAPPED) + 2_000_000).to_bytes(4, "big") + SWAPPED[4:] + bytes(2_000_000)
    large = Photo.read(with_chunks(PLAIN, chunk(b"iCCP", b"scanner\0\0" + zlib.compress(padded))))
    assert (large.rgb == small.rgb).all() and away(small.rgb, SCENE[..., ::-1]) < 3 and large.notes == ()


@pytest.mark.parametrize("behind", [4, 2_000_000])
def test_a_profile_of_another_size_than_it_says_is_not_applied(behind):
    body = b"scanner\0\0" + zlib.compress(SWAPPED + bytes(behind))
    photo = Photo.read(with_chunks(PLAIN, chunk(b"iCCP", body)))
    assert (photo.rgb == SCENE).all()
    assert photo.notes == ("colour profile is broken or does not fit: colours shown without it",)


def test_a_profile_too_large_for_anyone_is_left_out_and_said():
    bomb = chunk(b"iCCP", b"scanner\0\0" + zlib.compress(SWAPPED + bytes(40_000_000), 9))
    photo = Photo.read(with_chunks(PLAIN, bomb))
    said = "colour profile unpacks to over 16 MB, too large: colours shown without it"
    assert (photo.rgb == SCENE).all() and photo.notes == (said,)


@pytest.mark.parametrize(
    "body", [b"x\0\0 broken", b"x\0\1" + zlib.compress(SWAPPED), b"", b"x\0\0" + zlib.compress(b"short")]
)
def test_a_broken_profile_is_said(body):
    photo = Photo.read(with_chunks(PLAIN, chunk(b"iCCP", body)))
    assert (photo.rgb == SCENE).all()
    assert photo.notes == ("colour profile is broken or does not fit: colours shown without it",)


ASIDE = {
    "pHYs": struct.pack(">IIB", 7874, 7874, 1),
    "tEXt": b"Comment\0made by a scanner",
    "tIME": bytes(7),
    "eXIf": b"II*\0",
    "gAMA": struct.pack(">I", 100_000),
}


@pytest.mark.parametrize("kind", ASIDE)
def test_a_wrong_checksum_beside_the_pixels_is_passed_over_and_said(kind):
    photo = Photo.read(with_chunks(PLAIN, chunk(kind.encode(), ASIDE[kind], wrong=True)))
    assert (photo.rgb == SCENE).all()
    assert photo.notes == (f"damaged parts that hold no pixels were left out: {kind}",)


@pytest.mark.parametrize("kind", ["pHYs", "gAMA", "cHRM", "sRGB", "cICP", "acTL"])
@pytest.mark.parametrize("size", [0, 3])
def test_a_part_of_a_wrong_size_is_passed_over_and_said(kind, size):
    photo = Photo.read(with_chunks(PLAIN, chunk(kind.encode(), bytes(size))))
    assert (photo.rgb == SCENE).all()
    assert photo.notes == (f"damaged parts that hold no pixels were left out: {kind}",)


def pixel_data(data: bytes) -> tuple[int, int]:
    """Return where the first IDAT chunk begins and ends."""
    start = data.index(b"IDAT") - 4
    return start, start + 12 + int.from_bytes(data[start : start + 4], "big")


def test_a_wrong_checksum_of_pixels_that_are_whole_is_said():
    _, end = pixel_data(PLAIN)
    photo = Photo.read(PLAIN[: end - 1] + bytes((PLAIN[end - 1] ^ 1,)) + PLAIN[end:])
    assert (photo.rgb == SCENE).all()
    assert photo.notes == ("checksum of the pixels' data is wrong, but they unpack whole",)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_damaged_pixels_are_refused(at):
    start, end = pixel_data(PLAIN)
    place = start + 8 + int((end - start - 16) * at)
    with pytest.raises(UnreadablePhoto):
        Photo.read(PLAIN[:place] + bytes((PLAIN[place] ^ 0x55,)) + PLAIN[place + 1 :])


def test_a_damaged_header_is_refused():
    with pytest.raises(UnreadablePhoto, match="begins as PNG does, but what follows is damaged or missing"):
        Photo.read(PLAIN[:19] + b"\x40" + PLAIN[20:])


def test_more_chunks_than_anyone_writes_are_refused():
    with pytest.raises(UnreadablePhoto, match="more parts than any camera or program writes"):
        Photo.read(with_chunks(PLAIN, chunk(b"aaAa") * png.MOST_CHUNKS))


def test_the_shown_frame_is_examined_where_the_first_picture_is_hidden():
    data = saved(RGB, save_all=True, append_images=[OTHER, RGB], default_image=True)
    photo = Photo.read(data)
    hidden = "a still picture that animating viewers do not show was not examined"
    assert (photo.rgb == np.asarray(OTHER)).all() and photo.frames == 2
    assert photo.notes == ("2 frames or pages: only the first was examined", hidden)
    second = Photo.read(data, frame=1)
    assert (second.rgb == SCENE).all() and second.notes == ("page 2 of 2 was examined", hidden)


def test_a_hidden_picture_before_one_frame():
    photo = Photo.read(saved(RGB, save_all=True, append_images=[OTHER], default_image=True))
    assert (photo.rgb == np.asarray(OTHER)).all() and photo.frames == 1
    assert photo.notes == ("a still picture that animating viewers do not show was not examined",)


def test_an_end_that_is_missing_and_an_empty_part_of_pixels_change_nothing():
    assert (Photo.read(PLAIN[:-12]).rgb == SCENE).all()
    assert (Photo.read(with_chunks(PLAIN, chunk(b"IDAT"))).rgb == SCENE).all()


def test_sixteen_bits_are_read_as_before():
    assert (Photo.read(png16(SCENE.astype(np.uint16) * 257)).rgb == SCENE).all()
