"""The quality of a JPEG's tables: that of the encoder, and of a foreign table the nearest."""

import io

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from pipeline.reading.jpeg_quality import nearest_quality, roundest, scaled_tables


def tables_of(quality: int) -> list[list[int]]:
    """Return the luminance and the chrominance table that the encoder writes, row by row."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        assert isinstance(image, JpegImageFile)
        return [list(image.quantization[number]) for number in (0, 1)]


@pytest.mark.parametrize("quality", range(1, 101))
def test_the_tables_are_those_that_the_encoder_writes(quality):
    luminance, chrominance = tables_of(quality)
    assert scaled_tables()[quality - 1].tolist() == luminance
    assert scaled_tables(chrominance=True)[quality - 1].tolist() == chrominance


def test_each_quality_is_nearest_to_itself_in_whatever_order_its_numbers_come():
    order = np.random.default_rng(1).permutation(64)
    assert [nearest_quality(table[order].tolist()) for table in scaled_tables()] == list(range(1, 101))


def test_a_foreign_table_gets_the_nearest_quality():
    table = tables_of(80)[0]
    table[5] += 1
    assert nearest_quality(table) == 80


def test_of_qualities_alike_the_roundest_is_named():
    assert (roundest([49, 50, 51]), roundest([74, 75]), roundest([84, 86]), roundest([85, 90])) == (50, 75, 86, 90)
