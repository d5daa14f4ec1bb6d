"""Colours that say without a profile how they are coded: gAMA, cHRM, cICP and EXIF give the profile's twin."""

import struct

import numpy as np
import pytest
from odd_files import ADOBE, P3, RGB, SCENE, away, chunk, coded, hlg, linear, png16, pq, saved, to_profile, with_chunks
from PIL import Image

from pipeline.photo import Photo
from pipeline.reading import coding

SRGB_PRIMARIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_PRIMARIES = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def primaries(values: tuple[int, ...]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *values))


def cicp(*points: int) -> bytes:
    return chunk(b"cICP", bytes((*points, 0, 1)))


def test_linear_light():
    photo = Photo.read(with_chunks(saved(coded(linear(SCENE), 255)), gamma(1)))
    assert away(photo.rgb, SCENE) < 3 and photo.notes == ("colours converted from the file's gamma of 1 to sRGB",)


def test_linear_light_of_16_bits_is_converted_from_all_of_them():
    photo = Photo.read(png16(coded(linear(SCENE), 65535), gamma(1)))
    assert np.abs(photo.rgb.astype(int) - SCENE).max() <= 1 and len(photo.notes) == 1


def test_linear_grey_of_16_bits():
    grey = np.asarray(RGB.convert("L"))
    values = coded(linear(grey), 65535)
    photo = Photo.read(with_chunks(saved(values), gamma(1)))
    assert np.abs(photo.rgb[..., 1].astype(int) - grey).max() <= 1


def test_another_gamma():
    photo = Photo.read(with_chunks(saved(coded(linear(SCENE) ** (1 / 1.8), 255)), gamma(0.55556)))
    assert away(photo.rgb, SCENE) < 1


def test_a_palette_and_its_gamma():
    stored = Image.fromarray(coded(linear(SCENE), 255)).quantize(64)
    photo = Photo.read(with_chunks(saved(stored), gamma(1)))
    shown = (linear_to_srgb(np.asarray(stored.convert("RGB")) / 255) * 255 + 0.5).astype(np.uint8)
    assert np.abs(photo.rgb.astype(int) - shown).max() <= 1


def linear_to_srgb(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


QUIET = {
    "the usual gamma": gamma(0.45455),
    "nearly the usual": gamma(0.45),
    "with sRGB's primaries": gamma(0.45455) + primaries(SRGB_PRIMARIES),
    "sRGB goes first": chunk(b"sRGB", b"\0") + gamma(1),
    "primaries alone": primaries(P3_PRIMARIES),
    "primaries that are none": gamma(0.45455) + primaries((0,) * 8),
    "primaries on a line": gamma(0.45455) + primaries((10000, 10000, 20000, 20000, 30000, 30000, 40000, 40000)),
    "sRGB by cICP": cicp(1, 13),
    "television's curve": cicp(1, 1),
}


@pytest.mark.parametrize("said", QUIET)
def test_what_changes_nothing_is_not_spoken_of(said):
    photo = Photo.read(with_chunks(saved(), QUIET[said]))
    assert (photo.rgb == SCENE).all() and photo.notes == ()


def test_a_gamma_that_makes_no_sense_is_said():
    for value in (0.0, 40.0):
        photo = Photo.read(with_chunks(saved(), gamma(value)))
        assert (photo.rgb == SCENE).all() and "makes no sense: shown without it" in photo.notes[0]


def test_a_profile_goes_before_a_gamma():
    stored = to_profile(RGB, P3)
    twin = Photo.read(saved(stored, icc_profile=P3))
    photo = Photo.read(with_chunks(saved(stored, icc_profile=P3), gamma(1)))
    assert (photo.rgb == twin.rgb).all() and photo.notes == ()


@pytest.mark.parametrize("said", [cicp(12, 13), gamma(0.45455) + primaries(P3_PRIMARIES)], ids=["cICP", "cHRM"])
def test_display_p3_is_converted_as_by_its_profile(said):
    stored = to_profile(RGB, P3)
    twin = Photo.read(saved(stored, icc_profile=P3))
    photo = Photo.read(with_chunks(saved(stored), said))
    assert np.abs(photo.rgb.astype(int) - twin.rgb).max() <= 2 and away(photo.rgb, twin.rgb) < 0.5 < away(
        photo.rgb, np.asarray(stored)
    )
    assert len(photo.notes) == 1 and photo.notes[0].endswith("to sRGB")


def test_cicp_goes_before_a_profile():
    photo = Photo.read(with_chunks(saved(coded(pq(linear(SCENE)), 255), icc_profile=P3), cicp(1, 16)))
    assert away(photo.rgb, SCENE) < 3 and photo.notes == ("HDR (PQ) converted to standard range",)


@pytest.mark.parametrize(("curve", "transfer"), [(pq, 16), (hlg, 18)])
@pytest.mark.parametrize("deep", [False, True])
def test_hdr_by_cicp(curve, transfer, deep):
    values = curve(linear(SCENE))
    data = (
        png16(coded(values, 65535), cicp(1, transfer))
        if deep
        else with_chunks(saved(coded(values, 255)), cicp(1, transfer))
    )
    assert away(Photo.read(data).rgb, SCENE) < (0.6 if deep else 2)


def test_hdr_of_wide_primaries():
    to_2020 = np.linalg.inv(coding.mixing(coding.PRIMARIES[9]))
    light = linear(SCENE) @ to_2020.T
    assert away(Photo.read(png16(coded(pq(light), 65535), cicp(9, 16))).rgb, SCENE) < 0.6
    weights = (0.2627, 0.6780, 0.0593)
    assert away(Photo.read(png16(coded(hlg(light, weights), 65535), cicp(9, 18))).rgb, SCENE) < 0.6


def test_hdr_under_transparency():
    alpha = np.full(SCENE.shape[:2], 255, np.uint8)
    alpha[:, 64:] = 0
    data = with_chunks(saved(np.dstack([coded(pq(linear(SCENE)), 255), alpha])), cicp(1, 16))
    photo = Photo.read(data)
    assert (photo.rgb[:, 64:] == 255).all() and away(photo.rgb[:, :64], SCENE[:, :64]) < 2


def test_turned_hdr():
    values = coded(pq(linear(np.rot90(SCENE))), 65535)
    tag = b"II*\0\x08\0\0\0" + struct.pack("<HHHIH2x", 1, 0x0112, 3, 1, 6) + b"\0" * 4
    photo = Photo.read(png16(values, cicp(1, 16), chunk(b"eXIf", tag)))
    assert away(photo.rgb, SCENE) < 0.6 and "turned upright as its EXIF orientation says" in photo.notes


def camera(space: int = 0xFFFF, index: str = "R03") -> bytes:
    exif = Image.Exif()
    exif[0x8769] = {0xA001: space, 0xA005: {1: index, 2: b"0100"}}
    return exif.tobytes()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_adobe_rgb_that_exif_alone_names(form):
    stored = to_profile(RGB, ADOBE)
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}.get(form, {})
    twin = Photo.read(saved(stored, form, icc_profile=ADOBE, **options))
    photo = Photo.read(saved(stored, form, exif=camera(), **options))
    assert np.abs(photo.rgb.astype(int) - twin.rgb).max() <= 2 and away(photo.rgb, twin.rgb) < 0.5
    assert photo.notes == ("colours converted from Adobe RGB, which EXIF alone names, to sRGB",)
    with_both = Photo.read(saved(stored, form, icc_profile=ADOBE, exif=camera(), **options))
    assert (with_both.rgb == twin.rgb).all() and with_both.notes == ()


@pytest.mark.parametrize("exif", [camera(space=1), camera(index="R98"), camera(index="")])
def test_exif_that_names_no_other_space_changes_nothing(exif):
    photo = Photo.read(saved(exif=exif))
    assert (photo.rgb == SCENE).all() and photo.notes == ()


@pytest.mark.parametrize("points", [(3, 13), (1, 200), (22, 1)])
def test_code_points_that_are_not_known_are_said(points):
    photo = Photo.read(with_chunks(saved(), cicp(*points)))
    assert (photo.rgb == SCENE).all() and photo.notes[0].startswith("colours are coded in a way that is not known")


def test_whites_are_adapted():
    white = np.ones(3)
    for primaries_of in coding.PRIMARIES.values():
        assert np.allclose(coding.mixing(primaries_of) @ white, white, atol=1e-3)
    assert np.allclose(coding.mixing(coding.SRGB), np.eye(3), atol=1e-9)


def bmp32(alpha: int) -> bytes:
    """Return a 32-bit BMP with bit fields and an alpha mask, all of one opacity."""
    bgra = np.dstack([SCENE[::-1, :, ::-1], np.full(SCENE.shape[:2], alpha, np.uint8)]).tobytes()
    head = struct.pack("<IiiHHIIiiII", 108, SCENE.shape[1], SCENE.shape[0], 1, 32, 3, len(bgra), 2835, 2835, 0, 0)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 122 + len(bgra), 0, 0, 122) + head + masks + bgra


def test_a_bmp_that_writes_no_opacity_is_opaque():
    photo = Photo.read(bmp32(0))
    assert (photo.rgb == SCENE).all() and (photo.rgb == Photo.read(bmp32(255)).rgb).all()
    assert photo.notes == ("opacity 0 everywhere: taken as opaque, as programs that write no opacity mean it",)
    assert Photo.read(bmp32(255)).notes == () and Photo.read(bmp32(128)).notes == ("transparent parts laid on white",)


def test_a_png_that_is_clear_everywhere_is_white():
    clear = np.dstack([SCENE, np.zeros(SCENE.shape[:2], np.uint8)])
    assert (Photo.read(saved(clear)).rgb == 255).all()
