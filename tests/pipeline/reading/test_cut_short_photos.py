"""Photos that are cut short: refused by default, and what is left of them on request, said in front of all else."""

import io
import struct

import numpy as np
import pytest
from odd_files import RGB, SCENE, away, exif, page, saved, scene, tiff
from PIL import Image

from pipeline.errors import CutShort, PhotoTooLarge, UnreadablePhoto
from pipeline.photo import Photo

NOISE = np.random.default_rng(3).integers(0, 256, (400, 560, 3), dtype=np.uint8)
ROWS = {
    "JPEG": saved(NOISE, "JPEG", quality=95),
    "PNG": saved(NOISE),
    "BMP": saved(NOISE, "BMP"),
    "TIFF": tiff(page(NOISE)),
}
PARTLY = ROWS | {"progressive JPEG": saved(NOISE, "JPEG", progressive=True), "GIF": saved(form="GIF")}
NOTHING = {form: saved(NOISE, form) for form in ("WEBP", "HEIF", "AVIF")}


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("form", PARTLY)
def test_what_decodes_is_offered_and_given_on_request(form, share):
    data = cut(PARTLY[form], share)
    with pytest.raises(
        CutShort, match=r"It is cut short: the end is missing\..*--partial on the command line"
    ) as caught:
        Photo.read(data)
    assert caught.value.code == UnreadablePhoto.code
    photo = Photo.read(data, partial=True)
    assert photo.partial and photo.notes[0].startswith("cut short: ") and photo.data == data
    assert photo.rgb.shape == Photo.read(PARTLY[form]).rgb.shape and photo.rgb.std() > 5


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", ROWS)
def test_how_much_is_missing_is_told_and_the_rest_is_true(form, share):
    photo, whole = Photo.read(cut(ROWS[form], share), partial=True), Photo.read(ROWS[form])
    there = int(400 * share) - 20
    kept = slice(-there, None) if form == "BMP" else slice(there)  # a BMP begins with its lowest row
    assert (photo.rgb[kept] == whole.rgb[kept]).all()
    told = int(photo.notes[0].split("about ")[1].split(" %")[0])
    assert abs(told - 100 * (1 - share)) <= 5 and photo.notes[0].endswith("% of its height, as stored, is missing")


def test_a_coarser_whole_is_not_said_to_miss_rows():
    photo = Photo.read(cut(PARTLY["progressive JPEG"], 0.8), partial=True)
    assert photo.notes == ("cut short: only what is left of the picture was examined",)


@pytest.mark.parametrize("form", PARTLY)
def test_a_whole_file_is_the_same_on_request(form):
    photo = Photo.read(PARTLY[form], partial=True)
    assert not photo.partial and photo.notes == () and (photo.rgb == Photo.read(PARTLY[form]).rgb).all()


@pytest.mark.parametrize("form", NOTHING)
@pytest.mark.parametrize("partial", [False, True])
def test_nothing_decodes_of_other_kinds(form, partial):
    with pytest.raises(UnreadablePhoto, match="It is cut short: the end is missing") as caught:
        Photo.read(cut(NOTHING[form], 0.6), partial=partial)
    assert not isinstance(caught.value, CutShort)


@pytest.mark.parametrize("form", ROWS)
def test_a_header_alone_is_no_part_of_a_picture(form):
    for partial in (False, True):
        with pytest.raises(UnreadablePhoto) as caught:
            Photo.read(ROWS[form][:200], partial=partial)
        assert not isinstance(caught.value, CutShort)


def test_damage_is_not_taken_for_a_cut():
    data = bytearray(saved(scene(), "PNG"))
    data[data.index(b"IDAT") + 40] ^= 0x55
    for partial in (False, True):
        with pytest.raises(UnreadablePhoto, match="It is damaged"):
            Photo.read(bytes(data), partial=partial)


def test_a_jpeg_that_lacks_its_end_mark_alone_is_whole(sample):
    data = sample("collins_face_swap.jpg")
    photo = Photo.read(data[:-2])
    assert (photo.rgb == Photo.read(data).rgb).all() and photo.notes == () and not photo.partial


def test_what_is_left_is_turned_upright():
    data = saved(RGB.transpose(2), "JPEG", quality=97, subsampling=0, exif=exif(6))
    photo = Photo.read(cut(data, 0.9), partial=True)
    assert photo.notes[-1] == "turned upright as its EXIF orientation says" and photo.rgb.shape == SCENE.shape
    assert away(photo.rgb[:, 30:], SCENE[:, 30:]) < 4


def packed_page(compression: str) -> bytes:
    """Return a TIFF of a hundred packed strips whose directory stands in front of them."""
    data = saved(NOISE, "TIFF", compression=compression, strip_size=560 * 3 * 4)
    pillow = Image.open(io.BytesIO(data))
    starts, sizes = pillow.tag_v2[273], pillow.tag_v2[279]
    strips = [data[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    return tiff_of_strips(strips, pillow.tag_v2[259], pillow.tag_v2.get(317, 1))


def tiff_of_strips(strips: list[bytes], packing: int, predictor: int) -> bytes:
    tags = {256: (560,), 257: (400,), 258: (8, 8, 8), 259: (packing,), 262: (2,), 277: (3,), 278: (4,), 273: (),
            279: tuple(map(len, strips)), 317: (predictor,)}  # fmt: skip
    start = 8 + 2 + 12 * len(tags) + 4
    first = start + 8 + 8 * len(strips)
    tags[273] = tuple(first + sum(map(len, strips[:at])) for at in range(len(strips)))
    body, aside = struct.pack("<H", len(tags)), b""
    for tag, values in sorted(tags.items()):
        kind = 4 if tag in (273, 279) else 3
        packed = struct.pack(f"<{len(values)}{'HI'[kind == 4]}", *values)
        if len(packed) > 4:
            aside, packed = aside + packed, struct.pack("<I", start + len(aside))
        body += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<I", 8) + body + bytes(4) + aside
    return head.ljust(first, b"\0") + b"".join(strips)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_packed_strips_that_are_there_are_shown(compression):
    data = packed_page(compression)
    assert (Photo.read(data).rgb == NOISE).all()
    with pytest.raises(CutShort):
        Photo.read(cut(data, 0.7))
    photo = Photo.read(cut(data, 0.7), partial=True)
    assert photo.partial and (photo.rgb[:250] == NOISE[:250]).all()


def test_a_large_jpeg_that_is_cut_short(setting):
    setting(max_megapixels=1)
    data = saved(RGB.resize((1600, 1200)), "JPEG", quality=95)
    photo = Photo.read(cut(data, 0.7), partial=True)
    assert photo.partial and (photo.width, photo.height) == (800, 600)
    with pytest.raises(PhotoTooLarge):
        Photo.read(cut(saved(RGB.resize((1600, 1200))), 0.7), partial=True)


def test_a_progressive_jpeg_that_is_cut_lacks_its_later_passes_everywhere():
    assert Photo.read(cut(PARTLY["progressive JPEG"], 0.6), partial=True).coarse
    assert not Photo.read(cut(ROWS["JPEG"], 0.6), partial=True).coarse
    assert not Photo.read(PARTLY["progressive JPEG"]).coarse
