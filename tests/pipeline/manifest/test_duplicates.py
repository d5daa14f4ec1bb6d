"""Near duplicates are found by the index as by comparing all pairs, and strangers are left apart."""

import io
import itertools

import cv2
import imagehash
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.manifest import duplicates as module
from pipeline.manifest.duplicates import ALIKE, NEAR_BITS, join_groups, near_pairs
from pipeline.manifest.file_facts import FileFacts
from tests.pipeline.manifest.pictures import jpeg, scene, written


def fingerprints(folder, pictures, quality=90):
    facts = [FileFacts.of(written(folder / f"{i}.jpg", rgb, quality)) for i, rgb in enumerate(pictures)]
    hashes = np.array([int(one.phash, 16) for one in facts], np.uint64)
    return hashes, np.frombuffer(b"".join(one.thumb for one in facts), np.uint8).reshape(len(facts), -1)


def pairs_of(array):
    return {tuple(pair) for pair in array.tolist()}


@pytest.mark.parametrize(
    "change",
    [
        lambda rgb: rgb,
        lambda rgb: cv2.resize(rgb, (61, 61), interpolation=cv2.INTER_AREA),
        lambda rgb: np.asarray(Image.open(io.BytesIO(jpeg(rgb, 35)))),
        lambda rgb: np.clip(rgb * 1.15 + 8, 0, 255).astype(np.uint8),
        lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 1.5),
    ],
)
def test_a_picture_and_its_copy_are_met_and_strangers_are_not(tmp_path, change):
    pictures = [scene(seed) for seed in range(30)]
    hashes, thumbs = fingerprints(tmp_path, [*pictures, change(pictures[7])])
    assert pairs_of(near_pairs(hashes, thumbs)) == {(7, 30)}


def test_a_pasted_part_is_still_the_same_picture(tmp_path):
    edited = scene(3, 200).copy()
    edited[80:120, 80:120] = scene(50, 40)
    hashes, thumbs = fingerprints(tmp_path, [scene(3, 200), scene(4, 200), edited])
    assert pairs_of(near_pairs(hashes, thumbs)) == {(0, 2)}


def test_the_index_meets_every_pair_within_its_reach():
    """Compared with all pairs, on hashes made to lie at every distance from one another."""
    rng = np.random.default_rng(0)
    base = rng.integers(0, 2**63, 40, np.uint64)
    flipped = [
        value ^ np.uint64(sum(1 << int(bit) for bit in rng.choice(64, count, replace=False)))
        for value, count in zip(np.repeat(base, 8), itertools.cycle(range(3, 19, 2)), strict=False)
    ]
    hashes = np.concatenate([base, np.array(flipped, np.uint64)])
    thumbs = np.tile(np.arange(256, dtype=np.uint8), (len(hashes), 1))  # all alike: only the bits decide
    expected = {
        (i, j)
        for i, j in itertools.combinations(range(len(hashes)), 2)
        if int(hashes[i] ^ hashes[j]).bit_count() <= NEAR_BITS
    }
    assert len(expected) > 100 and pairs_of(near_pairs(hashes, thumbs)) == expected


def test_near_hashes_of_unlike_thumbs_are_no_duplicates():
    rng = np.random.default_rng(1)
    thumbs = rng.integers(0, 256, (2, 256)).astype(np.uint8)
    assert np.corrcoef(thumbs)[0, 1] < ALIKE
    assert len(near_pairs(np.array([5, 5], np.uint64), thumbs)) == 0


def groups_of(hashes, thumbs):
    """Return which photos `near_pairs` joins: each one's group, named after its first."""
    names = [f"{place:05}" for place in range(len(hashes))]
    return join_groups(table(names), near_pairs(hashes, thumbs)).astype(int).to_numpy()


def test_many_blank_pictures_do_not_explode_and_are_one_group(monkeypatch):
    monkeypatch.setattr(module, "MOST_ALIKE", 16)
    hashes, thumbs = np.zeros(5000, np.uint64), np.zeros((5000, 256), np.uint8)
    assert len(near_pairs(hashes, thumbs)) < 5000
    assert not groups_of(hashes, thumbs).any()


def test_flat_pictures_of_every_grey_are_a_group_each():
    greys = np.random.default_rng(0).integers(0, 256, 3000).astype(np.uint8)
    groups = groups_of(np.full(3000, 1 << 63, np.uint64), np.repeat(greys[:, None], 256, axis=1))
    assert groups.tolist() == [greys.tolist().index(grey) for grey in greys.tolist()]


@pytest.mark.parametrize("copies", [64, 65, 400])
def test_an_edit_of_a_photo_that_was_copied_often_is_joined_to_it(copies, tmp_path):
    edited = scene(3, 200).copy()
    edited[80:120, 80:120] = scene(50, 40)
    hashes, thumbs = fingerprints(tmp_path, [scene(3, 200), edited, *(scene(seed) for seed in range(4, 30))])
    assert 0 < int(hashes[0] ^ hashes[1]).bit_count() <= NEAR_BITS
    places = [1] + [0] * (copies + 1) + list(range(2, len(hashes)))
    groups = groups_of(hashes[places], thumbs[places])
    assert not groups[: copies + 2].any() and len(set(groups)) == 27


def test_of_a_crowd_of_different_hashes_those_that_lie_next_are_joined():
    """All share one band's value; each has a twin that differs in more than two bits of every other."""
    rng = np.random.default_rng(3)
    base = rng.integers(0, 2**48, 300).astype(np.uint64) << np.uint64(16) | np.uint64(0xABCD)
    twins = base ^ np.uint64(0b111 << 16 | 0b111 << 32 | 0b111 << 48)
    thumbs = rng.integers(0, 256, (300, 256)).astype(np.uint8)
    groups = groups_of(np.concatenate([base, twins]), np.concatenate([thumbs, thumbs]))
    assert groups.tolist() == list(range(300)) * 2


def test_nothing_and_one():
    assert near_pairs(np.empty(0, np.uint64), np.empty((0, 256), np.uint8)).shape == (0, 2)
    assert near_pairs(np.zeros(1, np.uint64), np.zeros((1, 256), np.uint8)).shape == (0, 2)


def table(groups, pairs=None, hashes=None):
    count = len(groups)
    return pd.DataFrame(
        {"group": groups, "pair": pairs or [""] * count, "sha256": hashes or [str(i) for i in range(count)]}
    )


def test_groups_are_joined_by_duplicates_pairs_and_bytes():
    rows = table(list("gfedcba"), ["", "p", "p", "", "", "", ""], ["1", "2", "3", "4", "4", "5", "6"])
    assert join_groups(rows, np.array([[0, 6]])).tolist() == ["a", "e", "e", "c", "c", "b", "a"]


def test_empty_pairs_and_hashes_join_nothing():
    rows = table(list("abc"), hashes=["", "", ""])
    assert join_groups(rows, np.empty((0, 2), int)).tolist() == list("abc")


def test_joins_go_on_through_others():
    assert set(join_groups(table(list("abcd")), np.array([[0, 1], [1, 2]]))) == {"a", "d"}


def test_the_hash_is_the_librarys(tmp_path):
    path = written(tmp_path / "a.jpg", scene(9, 64))
    with Image.open(path) as image:
        expected = imagehash.phash(image)
    assert imagehash.hex_to_hash(FileFacts.of(path).phash) - expected <= 2
