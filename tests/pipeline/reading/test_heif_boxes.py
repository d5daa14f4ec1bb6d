"""HEIF and AVIF: the primary picture and true notes of it, turns that EXIF alone tells, colours told by nclx."""

import io

import numpy as np
import pillow_heif
import pytest
from odd_files import OTHER, RGB, SCENE, away, coded, exif, hlg, linear, pq, saved

from pipeline.photo import Photo
from pipeline.reading import heif


def primary(index: int) -> bytes:
    file = pillow_heif.from_pillow(OTHER if index else RGB)
    file.add_from_pillow(RGB if index else OTHER)
    buffer = io.BytesIO()
    file.save(buffer, quality=95, primary_index=index)
    return buffer.getvalue()


@pytest.mark.parametrize("index", [0, 1])
def test_the_primary_picture_is_examined_and_the_note_is_true(index):
    photo = Photo.read(primary(index))
    assert away(photo.rgb, SCENE) < 6 < away(photo.rgb, np.asarray(OTHER)) and photo.frames == 1
    assert photo.notes == ("2 pictures in the file: the primary one was examined",)


def turned_by_exif_alone() -> bytes:
    plain = saved(RGB.transpose(2), "HEIF", quality=95, exif=exif(1))
    return plain.replace(exif(1)[6:], exif(6)[6:])


def test_a_turn_that_exif_alone_tells_is_not_heeded_but_said():
    photo = Photo.read(turned_by_exif_alone())
    assert away(photo.rgb, np.asarray(RGB.transpose(2))) < 6
    said = "EXIF says that the picture is turned, the picture's own properties do not: shown as stored"
    assert photo.notes == (said,)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turn_that_the_properties_tell_is_made(orientation):
    undo = {3: 3, 6: 2, 8: 4}[orientation]
    photo = Photo.read(saved(RGB.transpose(undo), "HEIF", quality=95, exif=exif(orientation)))
    assert away(photo.rgb, SCENE) < 6 and photo.notes == ()


def deep_heif(values: np.ndarray, primaries: int, transfer: int) -> bytes:
    """Return a 10-bit HEIC of (H, W, 3) uint16 that says its code points."""
    file = pillow_heif.from_bytes("RGB;16", values.shape[1::-1], values.tobytes())
    buffer = io.BytesIO()
    file.save(buffer, quality=95, color_primaries=primaries, transfer_characteristics=transfer,
              matrix_coefficients=1, full_range_flag=1, save_nclx_profile=True)  # fmt: skip
    return buffer.getvalue()


@pytest.mark.parametrize(("curve", "transfer", "name"), [(pq, 16, "PQ"), (hlg, 18, "HLG")])
def test_hdr_is_converted_and_said(curve, transfer, name):
    photo = Photo.read(deep_heif(coded(curve(linear(SCENE)), 65535), 1, transfer))
    assert away(photo.rgb, SCENE) < 3 and photo.notes == (f"HDR ({name}) converted to standard range",)


def test_light_above_white_is_cut_off():
    light = linear(SCENE)
    light[:20, :20] = 6.0
    photo = Photo.read(deep_heif(coded(pq(light), 65535), 1, 16))
    assert (photo.rgb[2:18, 2:18] > 250).all() and away(photo.rgb[24:, 24:], SCENE[24:, 24:]) < 3


def with_code_points(data: bytes, primaries: int, transfer: int) -> bytes:
    """Write other code points into the nclx box of a file of one picture."""
    at = data.index(b"colrnclx") + 8
    return data[:at] + primaries.to_bytes(2, "big") + transfer.to_bytes(2, "big") + data[at + 4 :]


@pytest.mark.parametrize("form", ["AVIF", "HEIF"])
def test_code_points_of_eight_bits(form):
    data = saved(coded(pq(linear(SCENE)), 255), form, quality=95)
    photo = Photo.read(with_code_points(data, 1, 16))
    assert away(photo.rgb, SCENE) < 5 and photo.notes == ("HDR (PQ) converted to standard range",)


UNKNOWN = "colours are coded in a way that is not known (primaries 1, transfer 9): shown as they are"
POINTS = {(2, 2): (), (5, 6): (), (1, 1): (), (9, 14): ("colours converted from BT.2020 to sRGB",), (1, 9): (UNKNOWN,)}


@pytest.mark.parametrize("form", ["AVIF", "HEIF"])
@pytest.mark.parametrize("points", POINTS)
def test_what_is_said_of_code_points(form, points):
    photo = Photo.read(with_code_points(saved(RGB, form, quality=95), *points))
    assert photo.notes == POINTS[points] and (away(photo.rgb, SCENE) < 6) == (points[0] != 9)


def test_a_video_behind_the_picture():
    video = b"ftypmp42" + bytes(400)
    photo = Photo.read(saved(form="HEIF") + (len(video) + 8).to_bytes(4, "big") + b"mpvd" + video)
    assert photo.notes == ("416 bytes after the picture's end were not examined: a video is attached",)


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\x08free", bytes(100), saved(form="HEIF")[:60], b"\0\0\0\x10meta" + bytes(8)]
)
def test_boxes_that_cannot_be_followed_say_nothing(data):
    assert heif.properties(data) is None
