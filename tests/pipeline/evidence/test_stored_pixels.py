"""Pixels as a file stores them: unturned, without its profile; and why they cannot be looked at."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from savings import jpeg, opened, saved, scene

from pipeline.evidence.pixels.stored import COARSE, SMALLER, Stored, header_of, stored


def luminance(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        image.draft("L", image.size)
        return np.asarray(image.convert("L"))


def of(data: bytes, mode: str = "L", **options: object) -> Stored:
    pixels = stored(opened(data, **options).photo, mode)
    assert isinstance(pixels, Stored), pixels
    return pixels


def turned(rgb: np.ndarray, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(rgb, 90, exif=exif)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_is_looked_at_as_stored_and_its_maps_stand_upright(orientation):
    data = turned(scene()[:203, :301], orientation)
    photo, picture = opened(data).photo, of(data)
    assert np.array_equal(picture.pixels, luminance(data)) and picture.pixels.shape == (203, 301)
    upright = picture.upright(picture.pixels.astype(np.float32))
    grey = np.asarray(Image.fromarray(photo.rgb).convert("L")).astype(np.float32)
    assert upright.shape == grey.shape and np.abs(upright - grey).mean() < 1.5


def test_a_colour_profile_changes_what_is_seen_but_not_what_is_stored():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, profiled = jpeg(scene(), 90), jpeg(scene(), 90, icc_profile=profile)
    assert np.array_equal(of(plain).pixels, of(profiled).pixels)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF"])
def test_other_containers_are_looked_at_as_they_are_seen(form):
    picture = of(saved(scene(), form))
    assert picture.header is None and picture.pixels.shape == scene().shape[:2] and picture.turn is None


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_grey_and_four_coloured_jpegs_have_a_luminance_of_their_own_or_none(mode):
    picture = of(saved(Image.fromarray(scene()).convert(mode), quality=80))
    assert picture.pixels.ndim == 2
    assert picture.header is not None and (picture.header.luminance is None) == (mode == "CMYK")


def test_a_jpeg_without_luminance_is_known_as_such():
    data = saved(scene(), quality=80, keep_rgb=True, subsampling=0)
    header = header_of(opened(data).photo)
    assert header is not None and not header.has_luminance


def test_a_jpeg_that_is_cut_short_is_looked_at_as_far_as_it_goes():
    data = jpeg(scene(), 90)
    picture = of(data[: len(data) * 2 // 3], partial=True)
    whole = of(data).pixels
    assert picture.pixels.shape == whole.shape and np.array_equal(picture.pixels[:80], whole[:80])


def test_a_progressive_jpeg_without_its_last_passes_is_not_looked_at():
    data = jpeg(scene(), 90, progressive=True)
    assert stored(opened(data[: len(data) // 2], partial=True).photo, "L") == COARSE


def test_a_jpeg_that_was_decoded_smaller_is_not_looked_at(setting):
    setting(max_megapixels=1)
    photo = opened(jpeg(np.resize(scene(), (1200, 1600, 3)), 90)).photo
    assert photo.width == 800 and stored(photo, "L") == SMALLER and stored(photo, "RGB") == SMALLER
