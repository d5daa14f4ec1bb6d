"""Face swaps beside the frame they were painted on: cut alike, and blended in in part."""

from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from pipeline.crops import masks
from pipeline.crops.build import COLUMNS, main_face
from pipeline.crops.crops import MASKS, STORE_SIDE, Crops, stored_crop
from pipeline.crops.swaps import ROWS, AlignedSwaps, build_swaps, stands
from pipeline.training.batches import Epoch, TrainingCrops
from pipeline.training.config import TrainConfig
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection

EDITED = slice(150, 210), slice(220, 300)


@pytest.fixture(scope="module")
def store(hopper, tmp_path_factory):
    """Return a folder of a real photo and two "swaps" of it: a whitened patch, aligned; one whose pair is missing."""
    folder = tmp_path_factory.mktemp("aligned")
    fake = hopper.rgb.copy()
    fake[EDITED] = 255 - (255 - fake[EDITED]) // 3
    paths = [folder / "real.png", folder / "fake.png"]
    for path, rgb in zip(paths, (hopper.rgb, fake), strict=True):
        Image.fromarray(rgb).save(path)
    blank = dict.fromkeys(COLUMNS, "") | {"source": "a", "split": "train", "face_size": 200.0}
    lines = [
        {"path": str(paths[0]), "label": "real", "pair": "p"},
        {"path": str(paths[1]), "label": "deepfake", "kind": "face swap", "pair": "p", "mask": "pair"},
        {"path": str(folder / "gone.png"), "label": "deepfake", "kind": "face swap", "pair": "p", "mask": "pair"},
        {"path": str(paths[1]), "label": "deepfake", "kind": "face swap", "pair": "q", "mask": "pair"},
    ]
    table = pd.DataFrame([blank | line for line in lines])
    crops = [stored_crop(rgb, main_face_landmarks(path)) for rgb, path in zip((hopper.rgb, fake), paths, strict=True)]
    rows = [crops[0], *[crops[1]] * 3]
    np.save(folder / "crops.npy", np.stack([crop for crop, _ in rows]))
    np.save(folder / "landmarks.npy", np.stack([points for _, points in rows]))
    np.save(folder / MASKS, np.zeros((4, masks.MASK_SIDE, masks.MASK_SIDE), np.uint8))
    crops = Crops.under(folder, table)
    build_swaps(crops, workers=1)
    return crops


def main_face_landmarks(path):
    from pipeline.photo import Photo

    return main_face(Photo.read(path.read_bytes())).landmarks


def test_only_what_has_its_real_photo_is_kept(store):
    swaps = AlignedSwaps.read(store)
    assert pd.read_parquet(store.folder / ROWS).row.tolist() == [1] and 1 in swaps and 2 not in swaps and 3 not in swaps
    assert not list(store.folder.glob(".*.part"))
    assert swaps.beside.shape[1:] == (STORE_SIDE, STORE_SIDE, 3) and swaps.differ.dtype == np.uint8


def test_the_real_photo_lies_in_the_swaps_window(store):
    swaps = AlignedSwaps.read(store)
    apart = np.abs(swaps.beside[0].astype(int) - swaps.swapped[1]).max(axis=2)
    inside = np.kron(swaps.differ[0] > 200, np.ones((4, 4), bool))
    assert (
        inside.any()
        and apart[inside].mean() > 30
        and np.median(apart[np.kron(swaps.differ[0] == 0, np.ones((4, 4))) > 0]) == 0
    )


def test_they_stand_only_for_the_table_that_they_were_made_of(store, tmp_path):
    assert stands(store) and not stands(replace(store, folder=tmp_path))
    assert not stands(store.with_table(store.table.assign(sha256="other")))


def test_outside_the_swap_the_real_photo_stays_as_it_is(store):
    swaps = AlignedSwaps.read(store)
    away = np.kron(swaps.differ[0] == 0, np.ones((4, 4), bool))
    away = cv2.erode(away.astype(np.uint8), np.ones((9, 9))) > 0
    for seed in range(12):
        edit = swaps.dilute(1, np.random.default_rng(seed)).crop
        if not np.array_equal(edit, swaps.swapped[1]):
            assert np.array_equal(edit[away], swaps.beside[0][away])


def test_a_share_of_the_swap_is_a_new_edit(store):
    swaps, seen = AlignedSwaps.read(store), set()
    low, high = (np.minimum(swaps.beside[0], swaps.swapped[1]), np.maximum(swaps.beside[0], swaps.swapped[1]))
    for seed in range(12):
        edit, again = (swaps.dilute(1, np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(edit.crop, again.crop) and (edit.mask == masks.EDITED).any()
        assert (edit.crop >= low).all() and (edit.crop <= high).all(), "between the real photo and the whole swap"
        assert (edit.bits == -1).all(), "which parts a share of a swap touches is not known"
        seen.add(edit.crop.tobytes())
    assert len(seen) > 6


def test_an_epoch_draws_them(store):
    config = TrainConfig(
        stage="edited", architecture="x", outputs=5, train_size=256, epochs=1, learning_rate=1, pools={}, diluted=1.0
    )
    epoch = Epoch(np.array([(1, 0)] * 4), 1, Place(0, 1, torch.device("cpu")))
    selection = Selection.of(store.table, config)
    mixed = TrainingCrops(store, selection, config, epoch)
    plain = TrainingCrops(store, selection, config.model_copy(update={"diluted": 0.0}), epoch)
    assert all((mixed[item][2] == 1).any() and not (plain[item][2] == 1).any() for item in range(0, 8, 2))
    assert all(np.array_equal(mixed[item][0], plain[item][0]) for item in range(1, 8, 2))
