"""JPEG coding: each quality of the common encoder is named exactly, and what is not it is named otherwise."""

import numpy as np
import pytest
from PIL import Image, JpegPresets
from savings import decoded, jpeg, opened, saved, scene

from pipeline.evidence.exhibits import LONGEST
from pipeline.evidence.finding import Finding
from pipeline.evidence.jpeg.table_families import ROBIDOUX, family_of, ijg_quality
from pipeline.evidence.signals.jpeg_tables import look
from pipeline.reading.jpeg_quality import scale_table, scaled_tables

SMALL = scene()[:40, :56]


def seen(data: bytes, **options: object) -> Finding:
    return look(opened(data, **options))


def fact(finding: Finding, name: str) -> str:
    return next(fact.value for fact in finding.facts if fact.name == name)


def with_tables(luminance: np.ndarray, chrominance: np.ndarray) -> bytes:
    return saved(SMALL, qtables=[luminance.ravel().tolist(), chrominance.ravel().tolist()])


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    return data[:2] + bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


@pytest.mark.parametrize("quality", range(1, 101))
def test_every_quality_of_the_common_encoder_is_named_exactly(quality):
    finding = seen(jpeg(SMALL, quality))
    assert finding.shows.startswith("The tables are the common encoder's")
    assert finding.shows.endswith(f"at quality {quality}.") and finding.weight == "ordinary"
    assert fact(finding, "Estimated quality").startswith(f"{quality} of 100")


def test_one_number_off_is_no_longer_the_common_encoders():
    luminance, chrominance = scaled_tables()[79].copy(), scaled_tables(chrominance=True)[79]
    luminance[9] += 1
    family = family_of(luminance.reshape(8, 8), chrominance.reshape(8, 8))
    assert not family.exact and "own" in family.name and "quality 80, each number 0.0 off" in family.name
    assert ijg_quality(luminance) is None


def test_colours_of_another_quality_are_named_apart():
    finding = seen(with_tables(scaled_tables()[89], scaled_tables(chrominance=True)[59]))
    assert "at quality 90 for luminance and 60 for colour" in finding.shows


def test_one_table_for_all_planes_is_named():
    assert "used for colour too" in seen(with_tables(scaled_tables()[89], scaled_tables()[89])).shows


@pytest.mark.parametrize("preset", sorted(JpegPresets.presets))
def test_photoshops_tables_are_named_and_to_be_looked_at(preset):
    finding = seen(saved(SMALL, quality=preset))
    if preset == "web_maximum":
        assert "Photoshop" in finding.shows or "quality 100" in finding.shows
    else:
        assert "Adobe Photoshop" in finding.shows and finding.weight == "look"
        assert ("Save for Web" in finding.shows) or not preset.startswith("web")


@pytest.mark.parametrize("quality", [60, 75, 85])
def test_mozjpegs_tables_are_named(quality):
    table = scale_table(ROBIDOUX, quality)
    finding = seen(with_tables(table, table))
    assert f"MozJPEG's at quality {quality}" in finding.shows and finding.weight == "ordinary"


def test_a_cameras_own_tables_are_only_compared():
    rng = np.random.default_rng(1)
    own = np.clip(scaled_tables()[89] + rng.integers(-1, 3, 64), 1, 255)
    finding = seen(with_tables(own, own + 3))
    assert "of a kind of their own" in finding.shows and "nearest in strength" in finding.shows
    assert abs(int(fact(finding, "Estimated quality").split()[0]) - 90) <= 4


def test_the_tables_are_shown_number_by_number_and_as_a_picture():
    finding = seen(jpeg(SMALL, 80))
    assert fact(finding, "Quantisation table 0").startswith("6 4 4 6 10 16 20 24 | 5 5 6 8 10 23 24 22 | ")
    assert len(fact(finding, "Quantisation table 1").split(" | ")) == 8
    (exhibit,) = finding.exhibits
    assert decoded(exhibit.data).shape == (exhibit.height, exhibit.width, 3) and exhibit.width <= LONGEST
    assert exhibit.data != seen(jpeg(SMALL, 81)).exhibits[0].data


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({"subsampling": 0}, "Chroma subsampling", "4:4:4"),
        ({"subsampling": 1}, "Chroma subsampling", "4:2:2"),
        ({"progressive": True}, "Coding", "progressive, Huffman codes, 8 bits, 3 planes, 10 scans"),
        ({}, "Coding", "sequential (baseline), Huffman codes, 8 bits, 3 planes, 1 scan"),
        ({"restart_marker_blocks": 3}, "Restart markers", "every 3 units"),
        ({}, "Restart markers", "none"),
        ({}, "Huffman tables", "the standard's own"),
        ({"optimize": True}, "Huffman tables", "made for this picture (optimised), or an encoder's own"),
        ({}, "Order of markers", "SOI, JFIF, DQT × 2, SOF0, DHT × 4, SOS, EOI"),
        ({}, "Size as stored", "56 × 40 pixels"),
    ],
)
def test_how_it_is_coded(options, name, value):
    assert fact(seen(jpeg(SMALL, 80, **options)), name) == value


def test_a_grey_jpeg_has_one_table_and_no_subsampling():
    finding = seen(saved(Image.fromarray(SMALL).convert("L"), quality=70))
    assert "at quality 70; the picture is grey" in finding.shows
    assert fact(finding, "Chroma subsampling") == "none: grey"


@pytest.mark.parametrize(
    ("marker", "body", "note"),
    [
        (0xEC, b"Ducky\0\1\0\4\0\0\0\x3c\0\0", "Save for Web, quality 60"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x06\0\0\0\0\0\7\0\6\0\0\0\1\0\0", "Save As, quality 10"),
        (
            0xED,
            b"Photoshop 3.0\x008BIM\x04\x25\3abc\0\0\0\1z\x008BIM\x04\x06\0\0\0\0\0\2\xff\xfe",
            "Save As, quality 2",
        ),
    ],
)
def test_what_photoshop_notes_of_its_quality_is_told(marker, body, note):
    finding = seen(with_segment(jpeg(SMALL, 80), marker, body))
    assert f"Photoshop notes in the file that it saved it: {note}." in finding.shows and finding.weight == "look"


@pytest.mark.parametrize(
    "body",
    [b"Ducky", b"Ducky\0\1\0\4\0", b"Photoshop 3.0\x008BIM", b"Photoshop 3.0\x008BIM\x04\x06\0\0\0\0\0\7",
     b"Photoshop 3.0\x00" + b"8BIM\x04\x25\0\0\0\0\0\0" * 2000, b"Photoshop 3.0\x008BIM\x04\x25\xff\0\xff\xff\xff\xff"],
)  # fmt: skip
def test_notes_that_are_broken_or_endless_are_passed_over(body):
    marker = 0xEC if body.startswith(b"Ducky") else 0xED
    assert "Photoshop notes" not in seen(with_segment(jpeg(SMALL, 80), marker, body)).shows


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF"])
def test_other_containers_have_no_tables(form):
    finding = seen(saved(SMALL, form))
    assert finding.weight == "nothing" and f"no JPEG ({form}" in finding.shows and not finding.facts


def test_a_cut_short_jpegs_tables_are_read_all_the_same():
    data = jpeg(scene(), 85)
    assert "at quality 85" in seen(data[: len(data) // 2], partial=True).shows
