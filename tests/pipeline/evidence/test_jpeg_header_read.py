"""What a JPEG says of its coding, against what it was asked to be; and bytes made to harm."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from savings import jpeg, saved, scene

from pipeline.evidence.jpeg.header import JpegHeader, read_header
from pipeline.evidence.jpeg.huffman_codes import are_standard

SMALL = scene()[:40, :56]
DATA = jpeg(SMALL, 83)


def header(data: bytes) -> JpegHeader:
    read = read_header(data)
    assert read is not None
    return read


@pytest.mark.parametrize("quality", [1, 50, 83, 100])
def test_the_tables_are_those_that_a_decoder_reads(quality):
    data = jpeg(SMALL, quality)
    with Image.open(io.BytesIO(data)) as image:
        assert isinstance(image, JpegImageFile)
        assert header(data).luminance.ravel().tolist() == list(image.quantization[0])
        assert header(data).chrominance.ravel().tolist() == list(image.quantization[1])


def test_tables_of_sixteen_bits_are_read():
    wide = b"\xff\xdb" + (2 + 1 + 128).to_bytes(2, "big") + b"\x10" + np.arange(1, 65).astype(">u2").tobytes()
    table = header(DATA[:2] + wide + DATA[DATA.index(b"\xff\xc0") :]).tables[0]
    assert table[0, 0] == 1 and table[0, 1] == 2 and table[1, 0] == 3 and table[7, 7] == 64


@pytest.mark.parametrize(("given", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_subsampling(given, name):
    assert header(jpeg(SMALL, 83, subsampling=given)).subsampling == name


def test_subsampling_without_a_common_name_is_given_plane_by_plane():
    at = DATA.index(b"\xff\xc0") + 11
    odd = DATA[:at] + b"\x31" + DATA[at + 1 :]
    assert header(odd).subsampling == "3×1, 1×1, 1×1"
    assert header(saved(Image.fromarray(SMALL).convert("L"))).subsampling == ""


def test_passes_and_restart_markers():
    progressive = header(jpeg(SMALL, 83, progressive=True))
    assert progressive.progressive and progressive.scans > 5
    assert not header(DATA).progressive and header(DATA).scans == 1 and header(DATA).restart == 0
    assert header(jpeg(SMALL, 83, restart_marker_blocks=3)).restart == 3


def test_the_standards_huffman_tables_are_told_from_those_made_for_a_picture():
    assert are_standard(header(DATA).huffman) and len(header(DATA).huffman) == 4
    assert not are_standard(header(jpeg(SMALL, 83, optimize=True)).huffman)


def test_the_order_of_markers_names_what_segments_hold():
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    markers = header(jpeg(SMALL, 83, exif=exif, comment="hello", icc_profile=b"x" * 200)).markers
    assert [name for name in markers if name not in ("DQT", "DHT")] == [
        "SOI", "JFIF", "Exif", "colour profile", "COM", "SOF0", "SOS", "EOI",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0", DATA[: DATA.index(b"\xff\xc0") + 5], b"PNG"])
def test_without_a_whole_frame_there_is_no_header(data):
    assert read_header(data) is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bytes_changed_at_random_never_raise(data):
    changed = bytearray(DATA)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(2, len(DATA) - 1))] = data.draw(st.integers(0, 255))
    read = read_header(bytes(changed[: data.draw(st.integers(2, len(DATA)))]))
    if read is not None:
        assert isinstance(read.subsampling, str) and (read.luminance is None or read.luminance.shape == (8, 8))
        assert read.chrominance is None or read.chrominance.shape == (8, 8)
