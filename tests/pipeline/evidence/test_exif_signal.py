"""EXIF: camera, private facts, sizes that do not fit, blocks in every container, and blocks made to harm."""

import struct
import time

import pytest
from made_up_metadata import (
    JPEG,
    PNG,
    chunk,
    exif_block,
    exif_segment,
    fractions,
    long,
    plain,
    saved,
    scene,
    segment,
    short,
    text,
    with_chunks,
    with_segments,
    xmp,
    xmp_segment,
)
from PIL import Image

from pipeline.evidence.file_parts.exif_tags import EXIF, GPS, IMAGE, read_exif
from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import exif
from pipeline.photo import Photo

CAMERA = {0x010F: text("Canon"), 0x0110: text("EOS 5D")}
SHOT = {
    0x829A: fractions((1, 125)),
    0x829D: fractions((28, 10)),
    0x8827: short(400),
    0x920A: fractions((50, 1)),
    0x9209: short(0x19),
    0xA434: text("EF 50mm f/1.4"),
    0xA431: text("0123456789"),
    0xA430: text("Erika Mustermann"),
    0x927C: plain(b"maker note" * 50),
}


def look(data):
    finding = exif.look(Evidence(Photo.read(data, partial=True)))
    return finding, {fact.name: fact.value for fact in finding.facts}


def test_the_camera_and_how_it_took_the_photo():
    finding, facts = look(with_segments(JPEG, exif_segment(exif_block(CAMERA, SHOT))))
    assert finding.weight == "ordinary" and finding.shows == "It says that “Canon” “EOS 5D” took the photo."
    assert facts["Camera make"] == "Canon" and facts["Lens"] == "EF 50mm f/1.4"
    assert facts["Exposure"] == "1/125 s" and facts["Aperture"] == "f/2.8" and facts["Sensitivity"] == "ISO 400"
    assert facts["Focal length"] == "50 mm" and facts["Flash"] == "fired"
    assert not any("maker note" in value for value in facts.values())


def test_who_owns_the_camera_is_private_and_in_no_sentence():
    block = exif_block(CAMERA | {0x013B: text("Erika M."), 0x8298: text(b"E. M.\0Edited by F. N.")}, SHOT)
    finding, facts = look(with_segments(JPEG, exif_segment(block)))
    private = {fact.name for fact in finding.facts if fact.private}
    assert private == {"Serial number of the camera", "Camera's owner", "Artist", "Copyright"}
    assert facts["Copyright"] == "E. M.; Edited by F. N."
    assert not any(word in finding.shows for word in ("Erika", "0123456789"))


def test_no_metadata_is_ordinary_and_said_so():
    finding, facts = look(JPEG)
    assert finding.weight == "nothing" and not facts
    assert finding.shows == (
        "The file holds no EXIF, XMP or IPTC: it may never have had any, or was passed through an app."
    )
    assert "none is ordinary" in finding.how_to_read


def with_size(width, height, **options):
    rgb = scene(96, 128)
    block = exif_block(CAMERA, {0xA002: long(width), 0xA003: short(height)})
    return with_segments(saved(rgb, **options), exif_segment(block))


def test_a_size_that_is_not_the_pictures_asks_for_a_look():
    finding, facts = look(with_size(4000, 3000))
    assert finding.weight == "look" and "1 of its entries do not fit" in finding.shows
    assert facts["Does not fit"] == "EXIF says 4000 × 3000 pixels, the picture has 128 × 96."


@pytest.mark.parametrize("size", [(128, 96), (96, 128), (0, 0)])
def test_a_size_that_fits_however_it_is_turned_or_is_not_given(size):
    assert look(with_size(*size))[0].weight == "ordinary"


def test_the_size_of_a_photo_that_is_decoded_smaller_fits(setting):
    setting(max_megapixels=1)
    block = exif_block(CAMERA, {0xA002: long(1600), 0xA003: long(1200)})
    data = with_segments(saved(scene(1200, 1600)), exif_segment(block))
    assert Photo.read(data).width == 800 and look(data)[0].weight == "ordinary"


def test_two_cameras_ask_for_a_look():
    packet = xmp({"tiff:Make": "NIKON CORPORATION", "tiff:Model": "eos  5d"})
    finding, facts = look(with_segments(JPEG, exif_segment(exif_block(CAMERA)), xmp_segment(packet)))
    assert finding.weight == "look"
    assert facts["Does not fit"] == "EXIF says that the camera's make is “Canon”, XMP that it is “NIKON CORPORATION”."


def test_xmp_alone_names_a_camera():
    packet = xmp({"tiff:Make": "Canon", "aux:SerialNumber": "77", "aux:Lens": "50 mm"})
    finding, facts = look(with_segments(JPEG, xmp_segment(packet)))
    assert finding.shows == "It says that “Canon” took the photo." and facts["Lens (XMP)"] == "50 mm"
    assert [fact.private for fact in finding.facts if fact.value == "77"] == [True]


BLOCK = exif_block(CAMERA, SHOT)
HELD = {
    "jpeg": with_segments(JPEG, exif_segment(BLOCK)),
    "png": with_chunks(PNG, chunk(b"eXIf", BLOCK)),
    "png with a header that it should not have": with_chunks(PNG, chunk(b"eXIf", b"Exif\0\0" + BLOCK)),
    "png by ImageMagick": with_chunks(
        PNG, chunk(b"tEXt", b"Raw profile type exif\0\nexif\n    99\n" + (b"Exif\0\0" + BLOCK).hex("\n", 36).encode())
    ),
    "webp": saved(scene(), "WEBP", exif=b"Exif\0\0" + BLOCK),
    "heic": saved(scene(), "HEIF", exif=b"Exif\0\0" + BLOCK),
    "avif": saved(scene(), "AVIF", exif=b"Exif\0\0" + BLOCK),
    "behind stray bytes": b"\r\n" + with_segments(JPEG, exif_segment(BLOCK)),
    "after another one": with_segments(JPEG, exif_segment(b"II*\0\xff\xff\xff\xff"), exif_segment(BLOCK)),
}


@pytest.mark.parametrize("name", HELD)
def test_a_block_is_read_wherever_it_is_kept(name):
    facts = look(HELD[name])[1]
    assert facts["Camera model"] == "EOS 5D" and facts["Exposure"] == "1/125 s"


def test_a_tiff_is_a_block_itself():
    options = Image.Exif()
    options[0x010F], options[0x0110] = "Canon", "EOS 5D"
    for big in (False, True):
        finding, facts = look(saved(scene(), "TIFF", exif=options, big_tiff=big))
        assert facts["Camera model"] == "EOS 5D" and finding.weight == "ordinary", big
    assert look(saved(scene(), "TIFF"))[0].weight == "nothing"


def test_big_endian_and_text_beyond_ascii():
    options = Image.Exif()
    options.endian = ">"
    options[0x010F] = "Ca\xf1on".encode()
    assert read_exif(options.tobytes()[6:]).text(IMAGE, 0x010F) == "Cañon"
    assert read_exif(exif_block({0x010F: text(b"Ca\xf1on")})).text(IMAGE, 0x010F) == "Cañon"


def test_a_damaged_block_gives_what_is_left_and_says_so():
    _, facts = look(with_segments(JPEG, exif_segment(BLOCK[: len(BLOCK) // 2])))
    assert facts["Camera make"] == "Canon" and "damaged" in facts["Note"]
    assert look(with_segments(JPEG, exif_segment(b"nonsense")))[1]["Note"].startswith("The EXIF block is damaged")


def test_two_blocks_are_told_of():
    _, facts = look(with_segments(JPEG, exif_segment(BLOCK), exif_segment(BLOCK)))
    assert facts["Note"] == "The file holds 2 EXIF blocks, where one is usual: the first is shown"


def test_directories_that_run_in_circles_end():
    loop = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    assert read_exif(loop).damaged and read_exif(loop).values == {(IMAGE, 0x8769): (8,)}


def test_values_that_overlap_a_million_times_are_read_within_bounds():
    """A library that reads every tag would hold 65,535 × 60 kB here."""
    entry = struct.pack("<HHII", 0x010E, 2, 60_000, 8)
    entries = b"".join(struct.pack("<H", tag) + entry[2:] for tag in range(5000))
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 65535) + entries + bytes(8000)
    start = time.perf_counter()
    values = read_exif(block).values
    assert sum(len(value) for value in values.values() if isinstance(value, str)) <= 12_000_000
    assert time.perf_counter() - start < 2


def test_numbers_without_sense_are_no_numbers():
    wild = {0x829A: fractions((1, 0)), 0x829D: text("f/2"), 0x9209: plain(b"\0"), 0x8827: (3, 2**31, b"\0\0\0\0")}
    finding, facts = look(with_segments(JPEG, exif_segment(exif_block(CAMERA, wild, {2: fractions((1, 0))}))))
    assert finding.weight == "ordinary" and "Exposure" not in facts and "Sensitivity" not in facts
    read = read_exif(exif_block(CAMERA, wild, {2: fractions((1, 0))}))
    assert read.numbers(GPS, 2) == (0.0,) and read.numbers(EXIF, 0x829D) == () and read.block(EXIF, 0x829D) == b""


def test_segments_that_only_look_like_exif():
    assert look(with_segments(JPEG, segment(0xE1, b"Exif\0\0"), segment(0xE1, b"")))[0].weight == "nothing"
