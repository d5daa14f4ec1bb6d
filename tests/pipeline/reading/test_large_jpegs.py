"""Pictures over the limit: a JPEG is decoded smaller and says so, all else is refused with the setting's name."""

import numpy as np
import pytest
from odd_files import RGB, away, exif, page, saved, tiff
from PIL import Image

from pipeline.errors import PhotoTooLarge
from pipeline.photo import Photo

SAID = {2: "half", 4: "a quarter of", 8: "an eighth of"}


@pytest.mark.parametrize(
    ("size", "scale"), [((1600, 1200), 2), ((3200, 2400), 4), ((6000, 4000), 8), ((1001, 1001), 2)]
)
def test_a_large_jpeg_is_decoded_smaller(size, scale, setting):
    setting(max_megapixels=1)
    photo = Photo.read(saved(RGB.resize(size, Image.Resampling.BICUBIC), "JPEG", quality=95))
    width, height = (-(-side // scale) for side in size)
    assert (photo.width, photo.height) == (width, height)
    stored = f"stored at {size[0]} × {size[1]} pixels ({size[0] * size[1] / 1e6:.0f} megapixels)"
    smaller = f"decoded at {SAID[scale]} that width and height: TELLTALE_MAX_MEGAPIXELS allows more"
    assert photo.notes == (f"{stored}, {smaller}",)
    expected = np.asarray(RGB.resize((width, height), Image.Resampling.BICUBIC))
    assert away(photo.rgb, expected) < 4


def test_at_the_limit_nothing_is_shrunk(setting):
    setting(max_megapixels=1)
    photo = Photo.read(saved(RGB.resize((1000, 1000)), "JPEG"))
    assert (photo.width, photo.height) == (1000, 1000) and photo.notes == ()


def test_a_large_jpeg_is_turned_too(setting):
    setting(max_megapixels=1)
    photo = Photo.read(saved(RGB.resize((1600, 1200)), "JPEG", exif=exif(6)))
    assert (photo.width, photo.height) == (600, 800) and len(photo.notes) == 2


@pytest.mark.parametrize("options", [{"progressive": True, "subsampling": 2}, {"progressive": True, "subsampling": 0}])
def test_what_must_be_held_whole_is_decoded_smaller_within_bounds(options, setting):
    setting(max_megapixels=1)
    assert Photo.read(saved(RGB.resize((1400, 1300)), "JPEG", **options)).width == 700
    with pytest.raises(PhotoTooLarge, match="TELLTALE_MAX_MEGAPIXELS allows more"):
        Photo.read(saved(RGB.resize((2400, 1800)), "JPEG", **options))


def test_what_an_eighth_cannot_bring_inside_is_refused(setting):
    setting(max_megapixels=1)
    with pytest.raises(PhotoTooLarge, match=r"9000 × 8000 pixels \(72 megapixels\); at most 1 are decoded"):
        Photo.read(saved(Image.new("RGB", (9000, 8000)), "JPEG"))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"])
def test_other_kinds_name_the_setting(form, setting):
    setting(max_megapixels=1)
    with pytest.raises(PhotoTooLarge, match=r"at most 1 are decoded. TELLTALE_MAX_MEGAPIXELS allows more"):
        Photo.read(saved(RGB.resize((1100, 1000)), form))


def test_large_floats_are_refused_before_they_are_decoded(setting):
    setting(max_megapixels=1)
    with pytest.raises(PhotoTooLarge):
        Photo.read(tiff(page(np.zeros((1100, 1000, 3), np.float32))))


def test_too_many_bytes_name_the_setting(setting):
    setting(max_megabytes=1)
    with pytest.raises(PhotoTooLarge, match=r"at most 1 MB are read. TELLTALE_MAX_MEGABYTES allows more"):
        Photo.read(bytes(1_500_000))
