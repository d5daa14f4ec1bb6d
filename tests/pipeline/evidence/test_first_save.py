"""The trace of a first saving: its steps, and where in the picture it is missing."""

import numpy as np
import pytest
from savings import again, decoded, jpeg, opened, scene

from pipeline.evidence.pixels.block_dct import LOW, MODES, low_coefficients, sliding_coefficient
from pipeline.evidence.pixels.first_save import FirstSave, find_first_save
from pipeline.evidence.pixels.stored import Stored, stored
from pipeline.reading.jpeg_quality import scaled_tables


def traced(data: bytes) -> FirstSave:
    picture = stored(opened(data).photo, "L")
    assert isinstance(picture, Stored) and picture.header is not None
    first = find_first_save(picture.pixels, picture.header.luminance)
    assert first is not None
    return first


@pytest.mark.parametrize(("first", "second"), [(55, 85), (70, 92), (80, 95)])
def test_the_first_steps_are_estimated_one_by_one(first, second):
    trace = traced(again(scene("hopper.jpg", 0.75), first, second))
    table = scaled_tables()[first - 1].reshape(8, 8)
    assert trace.table == "IJG" and trace.quality == first
    assert sum(step == table[mode] for step, mode in zip(trace.steps, MODES, strict=True)) >= 13


@pytest.mark.parametrize("name", ["collins.jpg", "hopper.jpg", "china.jpg"])
def test_a_part_pasted_after_the_first_saving_is_where_the_trace_is_missing(name):
    original = scene(name, 0.75)
    rgb = decoded(jpeg(original, 65)).copy()
    rgb[80:192, 96:208] = original[80:192, 96:208]
    trace = traced(jpeg(rgb, 92)).trace
    inside, outside = trace[12:22, 14:24], np.ones(trace.shape, bool)
    outside[6:28, 8:30] = False
    assert np.nanmedian(inside) < 0.2 * np.nanmedian(trace[outside])
    whole = traced(again(original, 65, 92)).trace
    assert np.nanmedian(whole[12:22, 14:24]) > 0.5 * np.nanmedian(whole[outside]), "not so without the paste"


def test_nothing_is_known_where_there_is_no_detail():
    rgb = scene("collins.jpg", 0.75).copy()
    rgb[:160, :160] = 90
    trace = traced(again(rgb, 60, 90)).trace
    assert np.isnan(trace[4:16, 4:16]).all() and np.isfinite(trace).mean() > 0.5


def test_low_coefficients_are_those_of_the_transform():
    pixels = np.random.default_rng(1).integers(0, 256, (48, 64), dtype=np.uint8)
    places = np.arange(8)
    basis = (
        np.cos((2 * places + 1) * np.arange(8)[:, None] * np.pi / 16) * np.where(np.arange(8), 0.5, 8**-0.5)[:, None]
    )
    block = basis @ (pixels[16:24, 40:48].astype(float) - 128) @ basis.T
    assert np.allclose(low_coefficients(pixels)[2, 5], block[:LOW, :LOW], atol=1e-3)
    assert np.array_equal(low_coefficients(pixels, 2), low_coefficients(pixels)[::2, ::2])
    assert np.isclose(sliding_coefficient(pixels, (1, 2))[16, 40], block[1, 2], atol=1e-3)


def test_a_picture_too_large_for_all_blocks_is_sampled(monkeypatch):
    monkeypatch.setattr("pipeline.evidence.pixels.first_save.MOST_BLOCKS", 700)
    trace = traced(again(scene("hopper.jpg", 0.75), 60, 90))
    assert trace.stride == 2 and trace.table == "IJG" and trace.quality == 60
