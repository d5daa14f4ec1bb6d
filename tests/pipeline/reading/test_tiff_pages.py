"""TIFF: thumbnails are passed over, camera raw is refused, pages can be asked for, floats are read as light."""

import numpy as np
import pytest
from odd_files import OTHER, RGB, SCENE, away, linear, page, saved, tiff

from pipeline.errors import UnreadablePhoto
from pipeline.photo import Photo
from pipeline.reading import tiff as reading

SMALL = np.asarray(OTHER.resize((40, 30)))
PASSED_OVER = "reduced copies of the picture in the file were passed over: its full-size page was examined"
KINDS = [{"order": "<"}, {"order": ">"}, {"order": "<", "big": True}]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("flag", [{"t254": 1}, {"t255": 2}], ids=str)
def test_a_thumbnail_in_front_is_passed_over(kind, flag):
    photo = Photo.read(tiff(page(SMALL, **flag), page(SCENE, t254=0), **kind))
    assert (photo.rgb == SCENE).all() and photo.notes == (PASSED_OVER,) and photo.frames == 1


def test_a_reduced_copy_and_a_mask_behind_are_passed_over():
    photo = Photo.read(tiff(page(SCENE), page(SMALL, t254=1), page(SMALL, t254=4)))
    assert (photo.rgb == SCENE).all() and photo.notes == (PASSED_OVER,) and photo.frames == 1


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_full_size_page_may_hang_below_its_thumbnail(kind):
    photo = Photo.read(tiff(page(SMALL, t254=1), under=(page(SCENE),), **kind))
    assert (photo.rgb == SCENE).all() and photo.notes == (PASSED_OVER,)


def test_a_pyramid_shows_its_base():
    photo = Photo.read(tiff(page(SCENE), under=(page(SMALL, t254=1),)))
    assert (photo.rgb == SCENE).all() and photo.notes == ()


def test_a_file_of_nothing_but_a_copy_says_so():
    photo = Photo.read(tiff(page(SMALL, t254=1)))
    assert (photo.rgb == SMALL).all()
    assert photo.notes == ("the file says that it holds no more than a reduced copy of a picture",)


def test_a_thumbnail_whose_picture_was_cut_away_is_not_judged_for_it():
    whole = tiff(page(SMALL, t254=1), page(SCENE))
    place = int.from_bytes(whole[4:8], "little")
    link = place + 2 + 12 * int.from_bytes(whole[place : place + 2], "little")
    with pytest.raises(UnreadablePhoto, match="only a reduced copy is there"):
        Photo.read(whole[:link] + (10**8).to_bytes(4, "little") + whole[link + 4 :])


RAW = {
    "sensor below": lambda **kind: tiff(page(SMALL, t254=1), under=(page(SCENE, t262=32803),), **kind),
    "linear below": lambda **kind: tiff(page(SMALL, t254=1), under=(page(SMALL), page(SCENE, t262=34892)), **kind),
    "sensor behind": lambda **kind: tiff(page(SMALL), page(SCENE, t262=32803), **kind),
    "DNG": lambda **kind: tiff(page(SMALL, t254=1, t50706=1), under=(page(SCENE),), **kind),
}


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("raw", RAW)
def test_camera_raw_is_refused(raw, kind):
    with pytest.raises(UnreadablePhoto, match=r"This looks like a camera raw file, which is not read. Export it"):
        Photo.read(RAW[raw](**kind))


def test_pages_can_be_asked_for():
    third = SCENE[:50, :70]
    data = tiff(page(SCENE), page(np.asarray(OTHER)), page(SMALL, t254=1), page(third))
    shown = [Photo.read(data, frame=number) for number in range(3)]
    assert [(photo.frame, photo.frames) for photo in shown] == [(0, 3), (1, 3), (2, 3)]
    assert all(
        (photo.rgb == pixels).all() for photo, pixels in zip(shown, (SCENE, np.asarray(OTHER), third), strict=True)
    )
    assert shown[0].notes[-1] == "3 frames or pages: only the first was examined"
    assert shown[2].notes[-1] == "page 3 of 3 was examined" and shown[2].data == data
    with pytest.raises(UnreadablePhoto, match="There is no frame or page 4 in the file: it has 3"):
        Photo.read(data, frame=3)


def test_pages_packed_by_pillow_can_be_asked_for():
    for packing in ("tiff_lzw", "tiff_adobe_deflate", "jpeg"):
        data = saved(RGB, "TIFF", save_all=True, append_images=[OTHER], compression=packing)
        assert away(Photo.read(data, frame=1).rgb, np.asarray(OTHER)) < 5


def test_a_page_that_is_turned(encode):
    data = tiff(page(SMALL), page(np.rot90(SCENE).copy(), t274=6))
    photo = Photo.read(data, frame=1)
    assert (photo.rgb == SCENE).all() and "turned upright as its EXIF orientation says" in photo.notes


def test_directories_in_a_circle_end():
    data = tiff(page(SCENE), page(SMALL))
    second = int.from_bytes(data[4:8], "little")
    link = second + 2 + 12 * int.from_bytes(data[second : second + 2], "little")
    circle = data[:link] + data[4:8] + data[link + 4 :]
    assert (Photo.read(circle).rgb == SCENE).all()


def test_directories_that_overlap_are_not_followed_for_ever():
    chain = b"".join((0).to_bytes(2, "little") + (8 + 6 * (at + 1)).to_bytes(4, "little") for at in range(400_000))
    reader = reading.Reader(b"II*\0\x08\0\0\0" + chain)
    assert len(list(reader.chain())) < 200_000 and reader.broken


UNDO = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""Orientation to the turn of Pillow that it undoes."""


@pytest.mark.parametrize("form", [np.float32, np.float64])
@pytest.mark.parametrize("turned", UNDO)
def test_floating_point_colours_are_light(form, turned):
    stored = SCENE if turned == 1 else np.asarray(RGB.transpose(UNDO[turned]))
    photo = Photo.read(tiff(page(linear(stored).astype(form), t274=turned)))
    assert ("turned upright as its EXIF orientation says" in photo.notes) == (turned > 1)
    assert np.abs(photo.rgb.astype(int) - SCENE).max() <= 1
    assert "floating point colours were taken as linear light" in photo.notes


def test_floating_point_colours_that_cannot_be_read_are_named():
    half = tiff(page(linear(SCENE).astype(np.float16)))
    with pytest.raises(
        UnreadablePhoto, match=r"a TIFF of floating point colours, which could not be read. Save it with 8"
    ):
        Photo.read(half)
