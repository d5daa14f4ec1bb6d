"""`Photo.read`: every kind of file gives the same upright sRGB pixels, and says what was done to get there."""

import hashlib
import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from pipeline.photo import Photo

pillow_heif.register_heif_opener()

HEIGHT, WIDTH = 48, 64


def scene() -> np.ndarray:
    """Return smooth, asymmetric colour, (48, 64, 3) uint8, that lossy formats keep well."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red, green, blue = 255 * x / (WIDTH - 1), 255 * y / (HEIGHT - 1), 255 * (x + y) / (WIDTH + HEIGHT - 2)
    return np.stack([red, green, 200 - blue * 0.6], axis=-1).astype(np.uint8)


SCENE = scene()
RGB = Image.fromarray(SCENE)
GREY = np.asarray(RGB.convert("L"))


def away(photo: Photo, expected: np.ndarray) -> float:
    """Return the mean absolute difference from (H, W, 3) or (H, W)."""
    expected = expected if expected.ndim == 3 else np.repeat(expected[..., None], 3, axis=2)
    assert photo.rgb.shape == expected.shape
    return float(np.abs(photo.rgb.astype(int) - expected).mean())


PLAIN = {
    "JPEG": ("JPEG", {"quality": 95, "subsampling": 0}, 2),
    "PNG": ("PNG", {}, 0),
    "WEBP lossy": ("WEBP", {"quality": 95}, 3),
    "WEBP lossless": ("WEBP", {"lossless": True}, 0),
    "TIFF": ("TIFF", {}, 0),
    "TIFF deflate": ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
    "BMP": ("BMP", {}, 0),
    "HEIF": ("HEIF", {"quality": 95}, 4),
    "AVIF": ("AVIF", {"quality": 95}, 4),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_formats(kind, encode):
    form, options, tolerance = PLAIN[kind]
    data = encode(RGB, form, **options)
    photo = Photo.read(data)
    assert photo.format == form and photo.notes == () and away(photo, SCENE) <= tolerance
    assert (photo.width, photo.height) == (WIDTH, HEIGHT) and photo.rgb.dtype == np.uint8


def test_what_is_kept_of_a_photo(encode):
    data = encode(RGB, "JPEG")
    photo = Photo.read(data)
    assert photo.sha256 == hashlib.sha256(data).hexdigest() and photo.data is data
    assert photo.rgb.flags.c_contiguous and not photo.rgb.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        photo.rgb[0, 0, 0] = 1
    again = Photo.read(data)
    assert again is not photo and (again.rgb == photo.rgb).all()


def test_the_data_are_not_in_its_repr(encode):
    assert len(repr(Photo.read(encode(RGB)).data)) > 100 and "data=" not in repr(Photo.read(encode(RGB)))


def test_16_bit_grey_png(encode):
    photo = Photo.read(encode(GREY.astype(np.uint16) * 257))
    assert away(photo, GREY) <= 1 and photo.notes == ("more than 8 bits a channel: scaled to 8",)


@pytest.mark.parametrize(
    ("values", "tolerance"),
    [
        (GREY.astype(np.uint16) * 257, 1),
        (GREY.astype(np.int32) * 257, 1),
        (GREY.astype(np.int32), 0),
        (GREY.astype(np.float32) / 255, 1),
        (GREY.astype(np.float32) / 255 * 1.0 + np.float32(1e-6), 1),
        (GREY.astype(np.float32), 1),
    ],
    ids=["16 bit", "32 bit, 16 used", "32 bit, 8 used", "float to 1", "float a little over 1", "float to 255"],
)
def test_deep_tiff(values, tolerance, encode):
    photo = Photo.read(encode(values, "TIFF"))
    assert away(photo, GREY) <= tolerance and "more than 8 bits a channel: scaled to 8" in photo.notes


def test_bright_spots_of_a_linear_float_tiff_do_not_darken_the_rest(encode):
    values = GREY.astype(np.float32) / 255
    values[0, 0] = 3.0
    assert away(Photo.read(encode(values, "TIFF")), GREY) < 1


def test_numbers_that_are_none_are_black(encode):
    values = GREY.astype(np.float32) / 255
    values[0, :3] = np.nan, np.inf, -np.inf
    photo = Photo.read(encode(values, "TIFF"))
    assert (photo.rgb[0, :3] == 0).all() and away(photo, GREY) < 1


def test_one_bit(encode):
    checks = Image.fromarray(((np.indices((16, 16)).sum(axis=0) % 2) * 255).astype(np.uint8)).convert("1")
    assert set(np.unique(Photo.read(encode(checks)).rgb)) == {0, 255}


def test_cmyk_and_lab(encode):
    assert away(Photo.read(encode(RGB.convert("CMYK"), "TIFF")), SCENE) < 2
    assert away(Photo.read(encode(RGB.convert("CMYK"), "JPEG", quality=97)), SCENE) < 6
    to_lab = ImageCms.profileToProfile(
        RGB, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    photo = Photo.read(encode(to_lab, "TIFF"))
    assert away(photo, SCENE) < 5 and photo.notes == ()


def test_ycbcr_tiff(encode):
    assert away(Photo.read(encode(RGB.convert("YCbCr"), "TIFF")), SCENE) < 4


def half_clear() -> Image.Image:
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, WIDTH // 2 :] = 0
    return Image.fromarray(np.dstack([SCENE, alpha]))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_transparent_parts_are_white(form, encode):
    photo = Photo.read(encode(half_clear(), form, **({"quality": 95} if form in ("AVIF", "HEIF") else {})))
    assert (photo.rgb[:, WIDTH // 2 + 4 :] > 250).all() and photo.notes == ("transparent parts laid on white",)
    left = photo.rgb[:, : WIDTH // 2 - 4].astype(int) - SCENE[:, : WIDTH // 2 - 4]
    assert np.abs(left).mean() < 5


def test_an_alpha_that_hides_nothing_is_not_worth_a_note(encode):
    photo = Photo.read(encode(RGB.convert("RGBA")))
    assert photo.notes == () and away(photo, SCENE) == 0


def test_grey_with_alpha(encode):
    both = np.dstack([GREY, np.asarray(half_clear())[..., 3]])
    photo = Photo.read(encode(Image.fromarray(both)))
    assert (photo.rgb[:, WIDTH // 2 :] == 255).all() and photo.notes == ("transparent parts laid on white",)
    assert (photo.rgb[:, : WIDTH // 2, 0] == GREY[:, : WIDTH // 2]).all()


def test_a_palette_with_a_transparent_entry(encode):
    image = RGB.quantize(16)
    clear = image.getpixel((0, 0))
    photo = Photo.read(encode(image, transparency=clear))
    assert photo.rgb[0, 0].tolist() == [255, 255, 255] and photo.notes == ("transparent parts laid on white",)


def frames() -> list[Image.Image]:
    return [RGB, Image.new("RGB", RGB.size, "red"), Image.new("RGB", RGB.size, "blue")]


def test_a_photo_that_is_made_up_is_whole_and_alone():
    photo = Photo(SCENE, "", b"", "PNG")
    assert (photo.notes, photo.partial, photo.frame, photo.frames) == ((), False, 0, 1)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "PNG", "AVIF"])
def test_only_the_first_frame_is_examined_and_it_says_so(form, encode):
    first, *rest = frames()
    photo = Photo.read(encode(first, form, save_all=True, append_images=rest))
    assert photo.notes == ("3 frames or pages: only the first was examined",)
    assert photo.format == form and away(photo, SCENE) < 12


def test_what_follows_the_first_frame_may_be_damaged(encode):
    first, *rest = frames()
    data = encode(first, "GIF", save_all=True, append_images=rest)
    photo = Photo.read(data[: int(len(encode(first, "GIF")) * 1.05)])
    assert away(photo, SCENE) < 12


def test_the_second_picture_of_an_mpo_is_not_a_frame(encode):
    first, second, _ = frames()
    photo = Photo.read(encode(first, "MPO", save_all=True, append_images=[second], quality=95))
    assert photo.format == "JPEG" and photo.frames == 1 and away(photo, SCENE) < 4
    assert photo.notes == ("a second picture in the file (preview, depth or gain map) was not examined",)


UNDO = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", UNDO)
def test_all_orientations_give_the_same_upright_picture(orientation, form, encode):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = Photo.read(encode(UNDO[orientation](RGB), form, exif=exif, quality=95))
    assert away(photo, SCENE) < 6
    assert photo.notes == (() if orientation == 1 else ("turned upright as its EXIF orientation says",))


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_means_nothing_turns_nothing(orientation, encode):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = Photo.read(encode(RGB, "JPEG", exif=exif, quality=95))
    assert away(photo, SCENE) < 4 and photo.notes == ()


def test_a_damaged_exif_block_is_said_and_the_photo_read(encode):
    data = encode(RGB, "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff garbage", quality=95)
    photo = Photo.read(data)
    assert away(photo, SCENE) < 4


def swapped_profile() -> bytes:
    """Return a profile whose red and blue primaries are exchanged: a photo that carries it changes colour."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_profile_is_applied(form, encode):
    options = {"quality": 97, "subsampling": 0} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    photo = Photo.read(encode(RGB, form, icc_profile=swapped_profile(), **options))
    assert away(photo, SCENE[..., ::-1]) < 3 < away(photo, SCENE) and photo.notes == ()


def test_a_profile_is_applied_to_palettes_and_under_alpha(encode):
    palette = RGB.quantize(64)
    shown = np.asarray(palette.convert("RGB"))[..., ::-1]
    assert away(Photo.read(encode(palette, icc_profile=swapped_profile())), shown) < 3
    photo = Photo.read(encode(half_clear(), icc_profile=swapped_profile()))
    left = photo.rgb[:, : WIDTH // 2].astype(int) - SCENE[:, : WIDTH // 2, ::-1]
    assert np.abs(left).mean() < 3 and (photo.rgb[:, WIDTH // 2 :] == 255).all()


def test_srgbs_own_profile_changes_nothing(encode):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert away(Photo.read(encode(RGB, icc_profile=profile)), SCENE) <= 1


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
@pytest.mark.parametrize("profile", [b"broken" * 40, b"\x00" * 128, swapped_profile()[:200]])
def test_a_broken_profile_is_said_and_the_photo_read(mode, profile, encode):
    photo = Photo.read(encode(RGB.convert(mode), "JPEG", icc_profile=profile, quality=97))
    assert photo.notes == ("colour profile is broken or does not fit: colours shown without it",)
    assert away(photo, GREY if mode == "L" else SCENE) < 6


def test_a_profile_of_another_colour_space_is_said(encode):
    photo = Photo.read(encode(RGB.convert("CMYK"), "JPEG", icc_profile=swapped_profile(), quality=97))
    assert photo.notes == ("colour profile is broken or does not fit: colours shown without it",)


def test_a_heic_that_was_turned_is_upright():
    image = pillow_heif.from_pillow(UNDO[6](RGB))
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(buffer, quality=95, exif=exif.tobytes())
    assert away(Photo.read(buffer.getvalue()), SCENE) < 6


def test_the_samples_are_read_as_they_are(sample, sample_names):
    for name in sample_names:
        photo = Photo.read(sample(name))
        assert photo.format == "JPEG" and photo.notes == ()
