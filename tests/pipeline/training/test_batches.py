"""What an epoch sees: the counts that were asked for, and crops whose labels turn with them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.crops import masks
from pipeline.crops.crops import INPUT_SIDE, MASKS, STORE_SIDE, Crops, settled_crop, usable_rows
from pipeline.examining import container
from pipeline.training.batches import Epoch, Jitter, TrainingCrops, bits_of, change_tone
from pipeline.training.config import TrainConfig
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection, targets_of

KINDS = [
    ("a", "camera", "real"),
    ("a", "part composite", "facetune"),
    ("b", "GAN", "deepfake"),
    ("c", "camera", "real"),
]


@pytest.fixture
def table() -> pd.DataFrame:
    """Forty photos, ten a kind; every tenth unreadable, every fifth in another split."""
    lines = [
        {"source": s, "kind": k, "label": label, "regions": "", "error": "no_face" if n == 9 else "",
         "split": "val" if n % 5 == 4 else "train"}
        for s, k, label in KINDS for n in range(10)
    ]  # fmt: skip
    return pd.DataFrame(lines)


def test_usable_rows(table):
    rows = usable_rows(table, "edited", "train")
    assert len(rows) == 32 and (rows.split == "train").all() and (rows.error == "").all()
    assert set(usable_rows(table, "deepfake", "train").label) == {"facetune", "deepfake"}
    assert len(usable_rows(table, "edited", "val")) == 4


def test_targets(table):
    assert targets_of(table, "edited").tolist() == [float(label != "real") for label in table.label]
    assert targets_of(table, "deepfake").tolist() == [float(label == "deepfake") for label in table.label]
    assert targets_of(table, "edited").dtype == np.float32


def halves() -> np.ndarray:
    """Return a store crop whose left half is red and whose right half is blue."""
    crop = np.zeros((STORE_SIDE, STORE_SIDE, 3), np.uint8)
    crop[:, : STORE_SIDE // 2, 0] = 255
    crop[:, STORE_SIDE // 2 :, 2] = 255
    return crop


def test_jitter_tells_whether_it_mirrored():
    seen = set()
    for seed in range(30):
        window = Jitter.draw(np.random.default_rng(seed), INPUT_SIDE)
        crop = window.of(halves(), 224)
        assert crop.shape == (224, 224, 3) and crop.flags.c_contiguous
        assert (crop[112, 5] == ((0, 0, 255) if window.mirrored else (255, 0, 0))).all()
        seen.add(window.mirrored)
    assert seen == {True, False}


def test_jitter_moves_but_stays_inside_and_keeps_the_scale():
    for seed in range(50):
        window = Jitter.draw(np.random.default_rng(seed), 224)
        assert window.x >= 0 and window.y >= 0 and window.x + window.side <= 1 and window.y + window.side <= 1
        assert 0.87 * 224 < window.side * STORE_SIDE < 1.11 * 224, (
            "a smaller side sees less of the face, not a smaller one"
        )


@pytest.mark.parametrize("turned, stretched", [(0, 0), (15, 0), (0, 0.2), (15, 0.1)])
def test_the_mask_is_cut_where_the_crop_is(turned, stretched):
    crop = np.zeros((STORE_SIDE, STORE_SIDE, 3), np.uint8)
    crop[60:120, 180:240] = 255
    mask = crop[::4, ::4, 0] // 255
    for seed in range(10):
        window = Jitter.draw(np.random.default_rng(seed), INPUT_SIDE, turned, stretched)
        seen, grid = window.of(crop, INPUT_SIDE)[..., 0], masks.grid_of(window.of(mask), 16)
        shares = seen.reshape(16, 16, 16, 16).mean(axis=(1, 3)) / 255
        assert (shares[grid == 1] > 0.1).all() and (shares[grid == 0] < 0.5).all() and (grid == 1).sum() >= 4


def test_a_turned_window_keeps_its_middle_and_its_scale():
    crop = np.zeros((STORE_SIDE, STORE_SIDE, 3), np.uint8)
    crop[100:200, 100:200] = 255
    areas = []
    for seed in range(20):
        drawn = Jitter.draw(np.random.default_rng(seed), 224, 20, 0.1)
        window = Jitter(
            0.5 - 112 / STORE_SIDE, 0.5 - 112 / STORE_SIDE, 224 / STORE_SIDE, False, drawn.degrees, drawn.stretch
        )
        seen = window.of(crop, 224)[..., 0] > 127
        rows, columns = np.nonzero(seen)
        assert abs(rows.mean() - 111.5) < 1 and abs(columns.mean() - 111.5) < 1
        areas.append(seen.sum() / 100**2)
        assert abs(drawn.degrees) <= 20 and 1 / 1.1 <= drawn.stretch <= 1.1
    assert all(0.97 < area < 1.03 for area in areas), "what is won in width is lost in height"
    plain, turned = (Jitter.draw(np.random.default_rng(3), 224, *more) for more in ((), (20, 0.1)))
    assert (plain.x, plain.y, plain.side, plain.mirrored) == (turned.x, turned.y, turned.side, turned.mirrored)


def test_tone_changes_all_classes_alike():
    crop = np.full((8, 8, 3), 128, np.uint8)
    changed = change_tone(crop, np.random.default_rng(1))
    assert (
        changed.dtype == np.uint8 and (changed == changed[0, 0]).all() and np.abs(changed.astype(int) - 128).max() < 70
    )
    assert (change_tone(np.full((2, 2, 3), 255, np.uint8), np.random.default_rng(0)) <= 255).all()
    strong = [
        change_tone(np.tile(np.uint8([200, 120, 60]), (4, 4, 1)), np.random.default_rng(seed), 1.5)
        for seed in range(60)
    ]
    grey = [np.ptp(one.astype(int), axis=2).max() == 0 for one in strong]
    assert 0 < sum(grey) < 20 and all(one.dtype == np.uint8 for one in strong)


def test_at_test_a_crop_is_the_centre_in_the_fixed_container():
    crop = halves()
    edge = (STORE_SIDE - INPUT_SIDE) // 2
    centre = np.ascontiguousarray(crop[edge:-edge, edge:-edge])
    assert (settled_crop(crop) == container.settle(centre)).all()


def test_region_bits():
    assert bits_of("1010").tolist() == [1, 0, 1, 0]
    assert bits_of("").tolist() == bits_of("10").tolist() == [-1, -1, -1, -1]


def config(side: int = 224) -> TrainConfig:
    return TrainConfig(stage="edited", architecture="any", epochs=1, learning_rate=1, train_size=side, pools={})


ALONE = Place(0, 1, torch.device("cpu"))


def crops_of(folder: Path, table: pd.DataFrame, mask: np.ndarray) -> Crops:
    """Return a store of two crops, each `halves`."""
    np.save(folder / MASKS, mask)
    return Crops(folder, table, np.stack([halves()] * 2), np.zeros((2, 468, 2), np.float32))


def epoch_of(crops: Crops, pairs: np.ndarray, place: Place = ALONE) -> TrainingCrops:
    return TrainingCrops(crops, Selection(crops.table, "edited"), config(), Epoch(pairs, 1, place))


def test_a_mirrored_face_has_its_eyes_and_its_mask_exchanged(tmp_path):
    mask = np.zeros((2, 75, 75), np.uint8)
    mask[:, :, :37] = masks.EDITED
    table = pd.DataFrame([{"label": "facetune", "regions": "1011"}, {"label": "real", "regions": "0000"}])
    crops = epoch_of(crops_of(tmp_path, table, mask), np.array([(0, 1)] * 20))
    seen = set()
    for item in range(0, len(crops), 2):
        (pixels, target, grid), (beside, other, _) = crops[item], crops[item + 1]
        assert pixels.shape == (3, 224, 224) and pixels.dtype == torch.uint8 and grid.shape == (14, 14)
        mirrored = bool(pixels[2, 112, 5] > pixels[0, 112, 5])
        assert target.tolist() == ([1, 0, 1, 1, 1] if mirrored else [1, 1, 0, 1, 1])
        assert grid[7, -1 if mirrored else 0] == 1 and grid[7, 0 if mirrored else -1] == 0
        assert torch.equal(pixels, beside), "both of a pair: the same window, tone and container"
        assert other.tolist() == [0, 0, 0, 0, 0]
        seen.add(mirrored)
    assert seen == {True, False}
    assert torch.equal(crops[3][0], crops[3][0]), "an item is the same whenever it is asked for"


def test_what_is_drawn_for_a_pair_does_not_depend_on_how_many_processes_share_them(tmp_path):
    table = pd.DataFrame([{"label": "facetune", "regions": ""}, {"label": "real", "regions": ""}])
    crops = crops_of(tmp_path, table, np.zeros((2, 75, 75), np.uint8))
    pairs = np.array([(0, 1)] * 8)
    whole = epoch_of(crops, pairs)
    for rank in (0, 1):
        place = Place(rank, 2, ALONE.device)
        mine = epoch_of(crops, place.share(pairs), place)
        for item in range(len(mine)):
            assert torch.equal(mine[item][0], whole[4 * (item // 2) + 2 * rank + item % 2][0])
    assert not torch.equal(whole[0][0], whole[2][0])


def test_the_container_is_drawn_without_looking_at_the_label():
    crop = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    first, again = (container.shake(crop, np.random.default_rng(5)) for _ in range(2))
    assert (first == again).all() and first.shape == crop.shape
    settled = container.settle(crop)
    assert (container.settle(crop) == settled).all() and settled.shape == crop.shape and (settled != crop).any()
