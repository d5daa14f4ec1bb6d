"""`Crops`: rows as a network is given them, and what is missing said by name."""

import shutil

import numpy as np
import pandas as pd
import pytest

from pipeline.crops.crops import INPUT_SIDE, MARGIN, MASKS, Crops, read_pixels, read_store, settled_crop
from pipeline.crops.identity import revision
from pipeline.crops.masks import build_masks
from pipeline.errors import BadDataset


@pytest.fixture
def crops(store):
    return Crops.read(store)


def test_a_row_is_the_middle_of_its_stored_crop(crops):
    inside = slice(MARGIN, MARGIN + INPUT_SIDE)
    assert len(crops) == 24 and np.array_equal(crops.crop(3), crops.stored[3][inside, inside])
    assert np.array_equal(crops.in_container(3), settled_crop(crops.stored[3]))


def test_a_networks_input_is_rows_in_the_fixed_container(crops):
    pixels = crops.pixels([5, 2])
    assert pixels.shape == (2, 3, INPUT_SIDE, INPUT_SIDE) and pixels.dtype == np.float32
    expected = crops.in_container(2).transpose(2, 0, 1).astype(np.float32) / 255
    assert np.array_equal(pixels[1], expected) and pixels.min() >= 0 and pixels.max() <= 1


def test_the_rows_of_a_split_are_those_a_stage_can_use(crops):
    assert crops.of("val", "edited").index.tolist() == list(range(12, 24))
    assert set(crops.of("train", "deepfake").label) == {"facetune", "deepfake"}
    broken = crops.with_table(crops.table.assign(error="no_face: none"))
    assert broken.of("val", "edited").empty and broken.stored is crops.stored


def test_other_splits_are_another_revision(crops):
    assert crops.revision == revision(crops.table)
    assert crops.with_table(crops.table.assign(split="val")).revision != crops.revision


def test_masks_are_there_once_they_were_made(store, tmp_path):
    folder = shutil.copytree(store, tmp_path / "own")
    (folder / MASKS).unlink(missing_ok=True)
    crops = Crops.read(folder)
    assert not crops.has_masks
    build_masks(crops)
    assert crops.has_masks and crops.masks.shape == (24, 75, 75) and not list(folder.glob(".*.part"))


def test_what_is_missing_is_named(store, tmp_path):
    with pytest.raises(BadDataset, match=r"no crops\.parquet"):
        Crops.read(tmp_path)
    read_store(store).to_parquet(tmp_path / "crops.parquet")
    np.save(tmp_path / "crops.npy", np.zeros((1, 2, 2, 3), np.uint8))
    with pytest.raises(BadDataset, match=r"lacks landmarks\.npy: run `prepare --crops` again"):
        Crops.read(tmp_path)
    assert read_pixels(tmp_path).shape == (1, 2, 2, 3)
    (tmp_path / "crops.npy").unlink()
    with pytest.raises(BadDataset, match=r"There is no crops\.npy"):
        read_pixels(tmp_path)
    with pytest.raises(BadDataset, match=r"lacks crops\.npy, landmarks\.npy"):
        Crops.under(tmp_path, pd.DataFrame())
