"""Splits: stable, by group, in about the shares that were meant."""

from collections import Counter

import pytest

from pipeline.splits import SHARES, split_of

GROUPS = [f"person {number}" for number in range(20_000)]


def test_the_split_of_a_group_never_changes():
    """Written down once: who changes the hash moves photos from training to test."""
    found = [split_of(f"person {number}", 1) for number in range(12)]
    assert found == ["train", "train", "val", "train", "test", "train", "val", *["train"] * 3, "val", "train"]


@pytest.mark.parametrize("seed", [1, 2])
def test_shares(seed):
    counts = Counter(split_of(group, seed) for group in GROUPS)
    assert set(counts) == set(SHARES) and sum(SHARES.values()) == pytest.approx(1)
    for name, share in SHARES.items():
        assert counts[name] / len(GROUPS) == pytest.approx(share, abs=0.01)


def test_another_seed_gives_other_splits():
    moved = sum(split_of(group, 1) != split_of(group, 2) for group in GROUPS)
    assert 0.35 < moved / len(GROUPS) < 0.6


@pytest.mark.parametrize("group", ["", "😀", "a\nb", "x" * 10_000])
def test_any_group_has_one(group):
    assert split_of(group, 1) in SHARES
