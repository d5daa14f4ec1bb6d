"""Splits: whole groups, the right shares in every stratum, stable, and never leaking."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import LeakyManifest
from pipeline.manifest.splits import refuse_leaks, with_splits

NO_PAIRS = np.empty((0, 2), int)


def rows(count=600, sources=("one", "two"), photos_a_group=3):
    numbers = np.arange(count)
    groups = numbers // photos_a_group
    return pd.DataFrame(
        {
            "path": [f"{n}.jpg" for n in numbers],
            "sha256": [f"{n:04}" for n in numbers],
            "group": [f"g{g}" for g in groups],
            "source": [sources[g % len(sources)] for g in groups],
            "label": ["real" if g % 3 else "deepfake" for g in groups],
            "pair": "",
            "held_out": False,
            "split": "",
        }
    )


def test_every_stratum_gets_its_shares():
    table = rows()
    table["split"] = with_splits(table, 1)
    shares = table.groupby(["source", "label"]).split.value_counts(normalize=True).unstack()
    assert np.allclose(shares[["train", "val", "test"]], [0.7, 0.15, 0.15], atol=0.04)
    assert (table.groupby("group").split.nunique() == 1).all()


def test_the_seed_decides():
    table = rows()
    assert with_splits(table, 1).equals(with_splits(table, 1))
    assert not with_splits(table, 1).equals(with_splits(table, 2))


def test_the_order_of_the_rows_does_not_matter():
    table = rows()
    mixed = table.sample(frac=1, random_state=0)
    assert with_splits(mixed, 1).sort_index().equals(with_splits(table, 1))


def test_more_photos_hardly_move_the_others():
    table = rows(3000)
    small, large = with_splits(table[:2000], 1), with_splits(table, 1)[:2000]
    assert (small != large).mean() < 0.08


@pytest.mark.parametrize("folds", [2, 5])
def test_folds_are_of_equal_size(folds):
    table = rows(900)
    table["split"] = with_splits(table, 1, folds)
    counts = table.split.value_counts()
    assert set(counts.index) == {f"fold{n}" for n in range(folds)}
    assert counts.max() - counts.min() < 0.1 * counts.mean()


def test_a_group_with_a_held_out_photo_is_unseen_as_a_whole():
    table = rows()
    table.loc[4, "held_out"] = True
    assert with_splits(table, 1)[3:6].tolist() == ["unseen"] * 3
    assert with_splits(table, 1, resplit=True)[3:6].tolist() == ["unseen"] * 3


def test_who_holds_a_photo_out_does_not_override_a_published_split():
    table = rows().assign(published=False)
    table.loc[[0, 1, 6], "held_out"] = True
    table.loc[[1, 3], "split"], table.loc[[1, 3], "published"] = "val", True
    found = with_splits(table, 1)
    assert found[:9].tolist() == ["val"] * 6 + ["unseen"] * 3
    assert with_splits(table, 1, resplit=True)[[0, 6]].tolist() == ["unseen"] * 2


def test_a_collections_own_split_is_kept():
    table = rows()
    table.loc[:299, "split"] = np.repeat(["test", "train"], 150)
    found = with_splits(table, 1)
    assert (found[:150] == "test").all() and (found[150:300] == "train").all()
    assert found[300:].value_counts(normalize=True)["train"] == pytest.approx(0.7, abs=0.05)


def test_one_photo_speaks_for_its_group():
    table = rows()
    table.loc[1, "split"] = "val"
    assert with_splits(table, 1)[:3].tolist() == ["val"] * 3


def test_own_splits_that_tear_a_group_apart_are_refused_unless_made_anew():
    table = rows()
    table.loc[0, "split"], table.loc[1, "split"] = "train", "test"
    with pytest.raises(LeakyManifest, match=r"tear 1 groups.*0\.jpg \(train\) and 1\.jpg \(test\).*--resplit"):
        with_splits(table, 1)
    again = with_splits(table, 1, resplit=True)
    assert again[:3].nunique() == 1


@pytest.mark.parametrize("column", ["sha256", "group", "pair"])
def test_a_leak_is_refused(column):
    table = rows().assign(group=lambda t: t.path)
    table["split"] = "train"
    table.loc[5, "split"] = "test"
    refuse_leaks(table, NO_PAIRS)
    table.loc[[5, 9], column] = "shared"
    with pytest.raises(LeakyManifest, match=f"1 values of {column} are in two splits"):
        refuse_leaks(table, NO_PAIRS)


def test_near_duplicates_in_two_splits_are_refused():
    table = rows().assign(group=lambda t: t.path, split="train")
    table.loc[5, "split"] = "test"
    refuse_leaks(table, np.array([[6, 7]]))
    with pytest.raises(LeakyManifest, match="1 pairs of near duplicates"):
        refuse_leaks(table, np.array([[5, 7]]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ab"), st.booleans()), min_size=1, max_size=60))
def test_whatever_the_rows_nothing_leaks(parts):
    table = pd.DataFrame(
        {
            "path": [str(n) for n in range(len(parts))],
            "sha256": [str(n) for n in range(len(parts))],
            "group": [f"g{group}" for group, *_ in parts],
            "source": [source for _, source, _ in parts],
            "label": ["real" if real else "facetune" for *_, real in parts],
            "pair": "",
            "held_out": [group == 3 for group, *_ in parts],
            "split": "",
        }
    )
    table["split"] = with_splits(table, 1)
    assert table.split.isin(["train", "val", "test", "unseen"]).all()
    refuse_leaks(table, NO_PAIRS)
