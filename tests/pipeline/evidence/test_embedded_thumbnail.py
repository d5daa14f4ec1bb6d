"""Thumbnails: the same picture however turned, barred, cropped or toned; another one; one that was left behind."""

import base64
import io

import numpy as np
import pillow_heif
import pytest
from made_up_metadata import (
    JPEG,
    exif_block,
    exif_segment,
    photoshop_segment,
    resource,
    saved,
    scene,
    segment,
    short,
    with_segments,
    xmp,
    xmp_segment,
)
from PIL import Image, ImageEnhance, ImageFilter

from pipeline.evidence.finding import Evidence
from pipeline.evidence.pixels.likeness import compare
from pipeline.evidence.signals import embedded_thumbnail
from pipeline.photo import Photo


@pytest.fixture(scope="module")
def faces(sample):
    names = ("collins_real", "collins_face_swap", "hopper_real", "hopper_face_swap", "hopper_reshape", "coffee_no_face")
    return {name: Photo.read(sample(f"{name}.jpg")).rgb for name in names}


def small(rgb, side=160, bars=None, quality=75):
    """Return a thumbnail as a camera makes it, (h, w, 3) uint8, on request in the middle of black bars."""
    image = Image.fromarray(rgb)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    if bars:
        laid = Image.new("RGB", bars)
        laid.paste(image, ((bars[0] - image.width) // 2, (bars[1] - image.height) // 2))
        image = laid
    return np.asarray(Image.open(io.BytesIO(saved(image, quality=quality))).convert("RGB"))


def with_thumbnail(photo, thumbnail, orientation=1):
    block = exif_block({0x0112: short(orientation)}, None, None, saved(thumbnail, quality=80))
    return with_segments(saved(photo, quality=92), exif_segment(block))


def look(data):
    finding = embedded_thumbnail.look(Evidence(Photo.read(data)))
    return finding, {fact.name: fact.value for fact in finding.facts}


def test_a_thumbnail_of_another_picture_is_laid_beside_the_photo(faces):
    """As in the case of the edited picture that kept the old thumbnail."""
    finding, facts = look(with_thumbnail(faces["collins_face_swap"], small(faces["hopper_real"])))
    assert finding.weight == "look" and finding.shows.startswith("The thumbnail shows another picture than the photo")
    assert float(facts["Correlation of grey levels"][:4]) < 0.5
    assert [exhibit.title for exhibit in finding.exhibits] == ["Thumbnail (EXIF)", "The photo, in the same way"]
    pictures = [np.asarray(Image.open(io.BytesIO(exhibit.data)).convert("L")) for exhibit in finding.exhibits]
    assert pictures[0].shape == pictures[1].shape and max(pictures[0].shape) == 320


def test_a_thumbnail_of_the_same_photo_is_ordinary(faces):
    finding, facts = look(with_thumbnail(faces["hopper_real"], small(faces["hopper_real"])))
    assert finding.weight == "ordinary" and finding.shows.startswith("The thumbnail shows the same as the photo")
    assert float(facts["Correlation of grey levels"][:5]) > 0.99
    assert facts["Thumbnail (EXIF)"] == "137 × 160 pixels; compared not turned"
    assert [exhibit.title for exhibit in finding.exhibits][-1] == "Difference"


@pytest.mark.parametrize(("edited", "real"), [("hopper_face_swap", "hopper_real"), ("hopper_reshape", "hopper_real"),
                                               ("collins_face_swap", "collins_real")])  # fmt: skip
def test_a_thumbnail_from_before_the_edit_differs_in_one_place(faces, edited, real):
    finding, facts = look(with_thumbnail(faces[edited], small(faces[real])))
    assert finding.weight == "look"
    assert finding.shows == "The thumbnail shows the same photo, but differs from it in one place."
    assert float(facts["Correlation of grey levels"][:5]) > 0.98
    difference = np.asarray(Image.open(io.BytesIO(finding.exhibits[-1].data)).convert("L"), np.float32)[:-12]
    y, x = np.unravel_index(difference.argmax(), difference.shape)
    height, width = difference.shape
    assert 0.15 < y / height < 0.85 and 0.15 < x / width < 0.85, "the face is in the middle"


def test_no_thumbnail_is_ordinary():
    finding, _ = look(JPEG)
    assert finding.weight == "nothing" and finding.shows == "No thumbnail is kept in the file, which is ordinary."


WAYS = {
    "as it is": lambda rgb: small(rgb),
    "turned by 90°": lambda rgb: np.rot90(small(rgb)),
    "turned by 180°": lambda rgb: small(rgb)[::-1, ::-1],
    "mirrored": lambda rgb: small(rgb)[:, ::-1],
    "of few pixels": lambda rgb: small(rgb, 40),
    "badly coded": lambda rgb: small(rgb, 160, quality=20),
    "sharpened": lambda rgb: np.asarray(Image.fromarray(small(rgb)).filter(ImageFilter.UnsharpMask(2, 150))),
    "blurred": lambda rgb: np.asarray(Image.fromarray(small(rgb)).filter(ImageFilter.GaussianBlur(2))),
    "brighter": lambda rgb: np.asarray(ImageEnhance.Brightness(Image.fromarray(small(rgb))).enhance(1.3)),
    "of more contrast": lambda rgb: np.asarray(ImageEnhance.Contrast(Image.fromarray(small(rgb))).enhance(1.4)),
    "grey": lambda rgb: np.asarray(Image.fromarray(small(rgb)).convert("L").convert("RGB")),
    "squeezed": lambda rgb: np.asarray(Image.fromarray(rgb).resize((120, 120))),
    "cropped to another aspect": lambda rgb: small(rgb[rgb.shape[0] // 6 : -rgb.shape[0] // 6]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["hopper_real", "collins_real"])
def test_the_same_picture_is_known_however_it_was_made_small(faces, name, way):
    thumbnail = np.ascontiguousarray(WAYS[way](faces[name]))
    likeness = compare(thumbnail, faces[name])
    assert likeness.relation == "same" and likeness.correlation > 0.93
    assert look(with_thumbnail(faces[name], thumbnail))[0].weight == "ordinary"


@pytest.mark.parametrize(("aspect", "bars"), [(3 / 2, (160, 120)), (16 / 9, (160, 120)), (3 / 4, (160, 120))])
def test_black_bars_around_it_are_the_cameras_own_way(faces, aspect, bars):
    rgb = faces["collins_real"]
    across, down = (512, round(512 / aspect)) if aspect > 1 else (round(512 * aspect), 512)
    photo = np.ascontiguousarray(rgb[60 : 60 + down, :across])
    finding, facts = look(with_thumbnail(photo, small(photo, 160 if aspect > 1 else 120, bars)))
    assert finding.weight == "ordinary" and "bars cut off" in facts["Thumbnail (EXIF)"]


def test_a_photo_that_is_turned_has_a_thumbnail_that_is_not(faces):
    stored = np.ascontiguousarray(np.rot90(faces["hopper_real"]))
    finding, facts = look(with_thumbnail(stored, small(stored), orientation=6))
    assert finding.weight == "ordinary" and facts["Thumbnail (EXIF)"].endswith("compared turned by 90°")


def test_a_photo_that_was_cropped_has_a_thumbnail_that_shows_more(faces):
    rgb = faces["hopper_real"]
    finding, _ = look(with_thumbnail(np.ascontiguousarray(rgb[60:360, 100:380]), small(rgb)))
    assert finding.weight == "look" and "the photo was cropped after it was made" in finding.shows
    assert finding.exhibits[0].caption == "What the photo shows is framed."


def test_a_thumbnail_that_shows_less_than_the_photo(faces):
    rgb = faces["collins_real"]
    finding, _ = look(with_thumbnail(rgb, small(np.ascontiguousarray(rgb[60:360, 100:380]))))
    assert finding.weight == "look" and finding.shows == "The thumbnail shows only a part of the photo."


@pytest.mark.parametrize("seed", range(6))
def test_pictures_that_have_nothing_in_common_are_not_called_alike(faces, seed):
    other = scene(120, 160, seed)
    assert compare(other, faces["coffee_no_face"]).relation == "other"
    assert compare(small(faces["coffee_no_face"]), scene(300, 400, seed)).relation == "other"
    assert compare(other, scene(300, 400, seed + 50)).relation == "other"


@pytest.mark.parametrize("thumbnail", [np.full((90, 120, 3), 7, np.uint8), np.zeros((1, 1, 3), np.uint8)])
def test_what_is_too_even_is_not_compared(faces, thumbnail):
    finding, _ = look(with_thumbnail(faces["hopper_real"], thumbnail))
    assert finding.weight == "ordinary" and "too even to compare" in finding.shows


PICTURE = scene(300, 400, 3)
THUMB = saved(Image.fromarray(PICTURE).resize((160, 120)), quality=80)
HOLDERS = {
    "EXIF": exif_segment(exif_block({}, None, None, THUMB)),
    "Photoshop": photoshop_segment(resource(0x0404, b""), resource(0x040C, bytes(28) + THUMB)),
    "JFIF": segment(0xE0, b"JFXX\0\x10" + THUMB),
    "XMP": xmp_segment(
        xmp({}, "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><xmpGImg:image>"
            f"{base64.b64encode(THUMB).decode()}</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>")
    ),
}  # fmt: skip


@pytest.mark.parametrize("holder", HOLDERS)
def test_thumbnails_are_read_wherever_they_are_kept(holder):
    finding, facts = look(with_segments(saved(PICTURE), HOLDERS[holder]))
    assert finding.weight == "ordinary" and facts[f"Thumbnail ({holder})"].startswith("160 × 120 pixels")
    assert look(with_segments(saved(scene(300, 400, 9)), HOLDERS[holder]))[0].weight == "look"


def test_a_thumbnail_of_a_heic():
    finding, facts = look(saved(PICTURE, "HEIF", quality=90, thumbnails=[160]))
    assert finding.weight == "ordinary" and facts["Thumbnail (HEIF)"].startswith("160 × 120 pixels")


def test_a_thumbnail_of_a_heic_that_is_too_large_is_not_decoded(monkeypatch):
    data = saved(PICTURE, "HEIF", quality=90, thumbnails=[160])
    photo, decoded = Photo.read(data), []
    monkeypatch.setattr(pillow_heif.HeifImage, "get_thumbnail", lambda *_: Large(decoded))
    facts = {fact.name: fact.value for fact in embedded_thumbnail.look(Evidence(photo)).facts}
    assert "9000 × 9000 pixels" in facts["Thumbnail (HEIF)"] and not decoded
    monkeypatch.setattr(Large, "size", (10, 10))
    facts = {fact.name: fact.value for fact in embedded_thumbnail.look(Evidence(photo)).facts}
    assert "memory" in facts["Thumbnail (HEIF)"] and decoded


class Large:
    """A thumbnail of a HEIF file for which there is no memory."""

    size = (9000, 9000)

    def __init__(self, decoded):
        self.decoded = decoded

    def to_pillow(self):
        self.decoded.append(self.size)
        raise MemoryError


def test_the_same_bytes_in_two_places_are_compared_once_and_many_are_counted():
    finding, facts = look(with_segments(saved(PICTURE), HOLDERS["EXIF"], HOLDERS["JFIF"]))
    assert len(finding.exhibits) == 3 and len(facts) == 3
    more = [segment(0xE0, b"JFXX\0\x10" + saved(scene(40, 50, n))) for n in range(6)]
    finding, facts = look(with_segments(saved(PICTURE), *more))
    assert facts["More thumbnails"] == "3, which were not compared" and len(finding.exhibits) == 6


@pytest.mark.parametrize("broken", [b"\xff\xd8\xff\xd9", b"\xff\xd8" + b"\0" * 500, THUMB[:30]])
def test_a_thumbnail_that_does_not_decode_is_said(broken):
    finding, facts = look(with_segments(saved(PICTURE), exif_segment(exif_block({}, None, None, broken))))
    assert finding.weight == "ordinary" and finding.shows == "A thumbnail is there and could not be decoded."
    assert facts["Thumbnail (EXIF)"].startswith("It could not be decoded. ")


def test_an_address_outside_the_block_is_no_thumbnail():
    block = exif_block({}, None, None, THUMB)
    assert look(with_segments(saved(PICTURE), exif_segment(block[: len(block) - len(THUMB)])))[0].weight == "nothing"
