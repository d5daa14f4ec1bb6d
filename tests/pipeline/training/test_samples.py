"""What an epoch sees: the counts that were asked for, and crops whose labels turn with them."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline import container
from pipeline.training.samples import (
    TrainingCrops,
    as_tensor,
    bits_of,
    epoch_rows,
    jittered,
    settled_crop,
    target_of,
    toned,
    usable,
)
from pipeline.training.store import INPUT_SIDE, STORE_SIDE

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
    rows = usable(table, "edited", "train")
    assert len(rows) == 32 and (rows.split == "train").all() and (rows.error == "").all()
    assert set(usable(table, "deepfake", "train").label) == {"facetune", "deepfake"}
    assert len(usable(table, "edited", "val")) == 4


def test_targets(table):
    assert target_of(table, "edited").tolist() == [float(label != "real") for label in table.label]
    assert target_of(table, "deepfake").tolist() == [float(label == "deepfake") for label in table.label]
    assert target_of(table, "edited").dtype == np.float32


def drawn(table: pd.DataFrame, pools: dict[str, int], seed: int = 1) -> Counter:
    rows = usable(table, "edited", "train")
    picked = rows.loc[epoch_rows(rows, pools, np.random.default_rng(seed))]
    return Counter(picked.source + "/" + picked.kind)


def test_an_epoch_draws_what_is_asked(table):
    assert drawn(table, {"a/camera": 5, "b/GAN": 3}) == {"a/camera": 5, "b/GAN": 3}


def test_a_small_pool_is_drawn_whole_then_repeated(table):
    rows = usable(table, "edited", "train")
    picked = Counter(epoch_rows(rows, {"a/camera": 20}, np.random.default_rng(1)).tolist())
    assert len(picked) == 8 and set(picked.values()) <= {2, 3} and sum(picked.values()) == 20


def test_the_first_matching_pool_wins(table):
    assert drawn(table, {"a/camera": 2, "*/camera": 4, "*": 6}).total() == 12
    assert drawn(table, {"a/camera": 2, "*/camera": 4}) == {"a/camera": 2, "c/camera": 4}


def test_draws_are_shuffled_and_follow_the_seed(table):
    rows = usable(table, "edited", "train")
    pools = {"a/*": 10, "b/*": 10}
    first, again, other = (epoch_rows(rows, pools, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert not (rows.loc[first].source.to_numpy()[:10] == "a").all(), "pools are mixed"


def halves() -> np.ndarray:
    """Return a store crop whose left half is red and whose right half is blue."""
    crop = np.zeros((STORE_SIDE, STORE_SIDE, 3), np.uint8)
    crop[:, : STORE_SIDE // 2, 0] = 255
    crop[:, STORE_SIDE // 2 :, 2] = 255
    return crop


def test_jitter_tells_whether_it_mirrored():
    seen = set()
    for seed in range(30):
        crop, mirrored = jittered(halves(), np.random.default_rng(seed))
        assert crop.shape == (INPUT_SIDE, INPUT_SIDE, 3) and crop.flags.c_contiguous
        assert (crop[128, 5] == ((0, 0, 255) if mirrored else (255, 0, 0))).all()
        seen.add(mirrored)
    assert seen == {True, False}


def test_jitter_moves_but_stays_inside():
    marked = np.full((STORE_SIDE, STORE_SIDE, 3), 10, np.uint8)
    crops = [jittered(marked, np.random.default_rng(seed))[0] for seed in range(30)]
    assert all((crop == 10).all() for crop in crops), "nothing from outside the store's crop"


def test_tone_changes_all_classes_alike():
    crop = np.full((8, 8, 3), 128, np.uint8)
    changed = toned(crop, np.random.default_rng(1))
    assert (
        changed.dtype == np.uint8 and (changed == changed[0, 0]).all() and np.abs(changed.astype(int) - 128).max() < 70
    )
    assert (toned(np.full((2, 2, 3), 255, np.uint8), np.random.default_rng(0)) <= 255).all()


def test_at_test_a_crop_is_the_centre_in_the_fixed_container():
    crop = halves()
    edge = (STORE_SIDE - INPUT_SIDE) // 2
    centre = np.ascontiguousarray(crop[edge:-edge, edge:-edge])
    assert (settled_crop(crop) == container.settled(centre)).all()
    assert as_tensor(centre).shape == (3, INPUT_SIDE, INPUT_SIDE) and as_tensor(centre).max() == 1


def test_region_bits():
    assert bits_of("1010").tolist() == [1, 0, 1, 0]
    assert bits_of("").tolist() == bits_of("10").tolist() == [-1, -1, -1, -1]


def test_a_mirrored_face_has_its_eyes_exchanged(tmp_path):
    np.save(tmp_path / "crops.npy", halves()[None])
    table = pd.DataFrame([{"label": "facetune", "regions": "1011"}])
    crops = TrainingCrops(tmp_path, table, np.zeros(40, int), "edited", seed=1)
    seen = set()
    for item in range(len(crops)):
        pixels, target = crops[item]
        assert pixels.shape == (3, INPUT_SIDE, INPUT_SIDE) and pixels.min() >= 0 and pixels.max() <= 1
        mirrored = bool(pixels[2, 128, 5] > pixels[0, 128, 5])
        assert target.tolist() == ([1, 0, 1, 1, 1] if mirrored else [1, 1, 0, 1, 1])
        seen.add(mirrored)
    assert seen == {True, False}
    assert torch.equal(crops[3][0], crops[3][0]), "an item is the same whenever it is asked for"


def test_the_container_is_drawn_without_looking_at_the_label():
    crop = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    first, again = (container.shaken(crop, np.random.default_rng(5)) for _ in range(2))
    assert (first == again).all() and first.shape == crop.shape
    settled = container.settled(crop)
    assert (container.settled(crop) == settled).all() and settled.shape == crop.shape and (settled != crop).any()
