"""Frames and pages can be asked for one by one, and the notes say which was shown and what lies behind a file's end."""

import numpy as np
import pytest
from odd_files import OTHER, RGB, SCENE, away, saved
from PIL import Image

from pipeline.errors import PhotoTooLarge, UnreadablePhoto
from pipeline.photo import Photo

FRAMES = [RGB, OTHER, Image.new("RGB", RGB.size, "red")]
OPTIONS = {"WEBP": {"lossless": True}, "AVIF": {"quality": 95}}


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "PNG", "AVIF"])
def test_frames_are_shown_one_by_one(form):
    data = saved(FRAMES[0], form, save_all=True, append_images=FRAMES[1:], **OPTIONS.get(form, {}))
    for number, expected in enumerate(FRAMES):
        photo = Photo.read(data, frame=number)
        assert away(photo.rgb, np.asarray(expected)) < 12 and (photo.frame, photo.frames) == (number, 3)
        first = "3 frames or pages: only the first was examined"
        assert photo.notes == ((f"page {number + 1} of 3 was examined",) if number else (first,))
    for number in (-1, 3, 10**9):
        with pytest.raises(UnreadablePhoto, match="There is no frame or page"):
            Photo.read(data, frame=number)


@pytest.mark.parametrize("form", ["JPEG", "MPO", "HEIF", "BMP", "PNG", "WEBP", "TIFF"])
def test_a_file_of_one_picture_has_one(form):
    options = {"save_all": True, "append_images": [OTHER]} if form == "MPO" else {}
    data = saved(RGB, form, **options)
    assert (Photo.read(data).frame, Photo.read(data).frames) == (0, 1)
    with pytest.raises(UnreadablePhoto, match="There is no frame or page 2 in the file: it has 1"):
        Photo.read(data, frame=1)


def test_pages_behind_damage_cannot_be_asked_for():
    data = saved(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:])
    broken = data[: len(data) - len(data) // 4]
    photo = Photo.read(broken)
    assert photo.frames in (1, 2) and away(photo.rgb, SCENE) < 12


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "JPEG"])
def test_bytes_behind_the_end_are_said(form):
    plain = saved(form=form)
    photo = Photo.read(plain + b"junk" * 100)
    assert (photo.rgb == Photo.read(plain).rgb).all()
    assert photo.notes == ("400 bytes after the picture's end were not examined",)
    assert Photo.read(plain + bytes(400)).notes == ()


def test_an_animation_that_is_followed_by_something():
    data = saved(RGB, "GIF", save_all=True, append_images=FRAMES[1:])
    said = "9 bytes after the picture's end were not examined"
    assert Photo.read(data + b"something").notes == (said, "3 frames or pages: only the first was examined")


def test_a_still_picture_of_a_palette_and_a_comment():
    assert Photo.read(saved(RGB.quantize(16), "GIF", comment=b"; ! ,")).notes == ()


def test_a_later_frame_that_makes_the_picture_huge_is_refused_before_it_is_decoded():
    data = bytearray(saved(RGB, "GIF", save_all=True, append_images=FRAMES[1:]))
    second = data.index(b",", data.index(b",") + 400)
    while data[second + 1 : second + 9] != b"\0\0\0\0\x80\0\x60\0":
        second = data.index(b",", second + 1)
    data[second + 5 : second + 9] = b"\xff\xff\xff\xff"
    assert away(Photo.read(bytes(data)).rgb, SCENE) < 12
    with pytest.raises(PhotoTooLarge, match="65535 × 65535 pixels"):
        Photo.read(bytes(data), frame=1)
