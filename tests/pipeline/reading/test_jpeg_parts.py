"""JPEG: a height told late, more pictures and bytes behind the end, profiles in parts; pixels equal the plain ones."""

import struct

import pytest
from odd_files import OTHER, RGB, SWAPPED, away, exif, saved, segment, with_segments

from pipeline.errors import UnreadablePhoto
from pipeline.photo import Photo
from pipeline.reading import jpeg

PLAIN = saved(form="JPEG", quality=95)
PIXELS = Photo.read(PLAIN).rgb
SECOND = "a second picture in the file (preview, depth or gain map) was not examined"
BROKEN = "colour profile is broken or does not fit: colours shown without it"


def without_height(data: bytes, told: bytes) -> bytes:
    frame = data.find(b"\xff\xc0")
    return data[: frame + 5] + b"\0\0" + data[frame + 7 : -2] + told + b"\xff\xd9"


def test_a_height_that_is_told_at_the_end():
    photo = Photo.read(without_height(PLAIN, segment(0xDC, struct.pack(">H", RGB.height))))
    assert (photo.rgb == PIXELS).all()
    assert photo.notes == ("the picture's height is told at its end (DNL) and was taken from there",)


@pytest.mark.parametrize("told", [b"", segment(0xDC, b"\0\0"), segment(0xDC, b"\0")])
def test_a_height_that_is_told_nowhere(told):
    with pytest.raises(UnreadablePhoto):
        Photo.read(without_height(PLAIN, told))


def test_a_second_picture():
    photo = Photo.read(saved(form="MPO", save_all=True, append_images=[OTHER.resize((64, 48))], quality=95))
    assert photo.format == "JPEG" and photo.notes == (SECOND,) and photo.frames == 1 and away(photo.rgb, PIXELS) == 0


def test_a_second_picture_that_was_cut_away_is_not_spoken_of():
    both = saved(form="MPO", save_all=True, append_images=[OTHER], quality=95)
    photo = Photo.read(both[: both.find(b"\xff\xd8\xff", 4)])
    assert photo.format == "JPEG" and photo.notes == () and (photo.rgb == PIXELS).all()


def test_more_pictures_and_bytes_are_told_apart():
    photo = Photo.read(PLAIN + PLAIN + bytes(30) + PLAIN + b"\0\0trailer")
    assert (photo.rgb == PIXELS).all()
    assert photo.notes == (
        "2 more pictures in the file (preview, depth or gain map) were not examined",
        "9 bytes after the picture's end were not examined",
    )


def test_pictures_without_end_are_not_counted_for_ever():
    assert "100 more pictures" in Photo.read(PLAIN + b"\xff\xd8\xff\xd9" * 200_000).notes[0]


def test_a_picture_in_the_exif_block_is_no_second_one():
    small = saved(OTHER.resize((32, 24)), "JPEG")
    assert Photo.read(with_segments(PLAIN, segment(0xE1, b"Exif\0\0" + small))).notes in ((), (UNKNOWN,))


UNKNOWN = "EXIF block is damaged: orientation unknown, shown as stored"


@pytest.mark.parametrize("between", [b"", b"\0" * 40, b"MotionPhoto_Data"])
def test_a_video_behind_the_picture(between):
    video = b"\0\0\0\x18ftypmp42" + bytes(6000)
    photo = Photo.read(PLAIN + between + video)
    size = len(between + video)
    assert (photo.rgb == PIXELS).all()
    assert photo.notes == (f"{size} bytes after the picture's end were not examined: a video is attached",)


def test_zeros_that_fill_a_block_are_not_worth_a_note():
    assert Photo.read(PLAIN + bytes(512)).notes == ()


def in_parts(*numbers: int, count: int) -> bytes:
    size = -(-len(SWAPPED) // count)
    parts = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes((number, count)) + SWAPPED[(number - 1) * size : number * size])
        for number in numbers
    ]
    return with_segments(PLAIN, *parts)


def test_a_profile_in_parts_out_of_order_is_applied():
    photo = Photo.read(in_parts(2, 1, count=2))
    assert photo.notes == () and away(photo.rgb, PIXELS[..., ::-1]) < 3


@pytest.mark.parametrize("there", [(1,), (2,), (1, 3), (2, 3)])
def test_a_profile_of_which_a_part_is_missing_is_said(there):
    photo = Photo.read(in_parts(*there, count=3))
    assert photo.notes == (BROKEN,) and (photo.rgb == PIXELS).all()


def test_more_parts_than_anyone_writes_are_refused():
    for junk in (b"\xff\xfe\0\2" * jpeg.MOST_SEGMENTS, b"\xff" * 3_000_000):
        with pytest.raises(UnreadablePhoto, match="more parts than any camera or program writes"):
            Photo.read(PLAIN[:2] + junk + PLAIN[2:])


def test_more_scans_than_anyone_writes_are_refused(setting):
    setting(max_megapixels=1)
    wide = saved(RGB.resize((1000, 900)), "JPEG", progressive=True)
    start = wide.rfind(b"\xff\xda")
    with pytest.raises(UnreadablePhoto, match="71 scans, more than any camera writes"):
        Photo.read(wide[:-2] + wide[start:-2] * (71 - jpeg.source_of(wide).scans) + wide[-2:])


def test_the_end_is_found_behind_restarts_and_scans():
    for options in ({"progressive": True}, {"restart_marker_blocks": 2}, {"subsampling": 2}, {"optimize": True}):
        data = saved(form="JPEG", **options)
        assert jpeg.end_of(data) == len(data) == jpeg.end_of(data + b"more")


def test_turned_and_followed(encode):
    turned = saved(RGB.transpose(2), "JPEG", quality=95, exif=exif(6))
    assert Photo.read(turned + b"x").notes == (
        "1 bytes after the picture's end were not examined",
        "turned upright as its EXIF orientation says",
    )
