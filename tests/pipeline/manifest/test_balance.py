"""The balanced set: equal numbers of real and edited, of deepfake and facetune, the sources giving alike."""

import pandas as pd
import pytest

from pipeline.manifest.balance import draw_balance


def rows(**counts):
    """Build a table from split_label_source=count."""
    parts = [(*name.split("_"), number) for name, count in counts.items() for number in range(count)]
    return pd.DataFrame(parts, columns=["split", "label", "source", "number"])


def counted(table, taken):
    return table[taken].groupby(["split", "label"]).size().to_dict()


def test_real_equals_edited_and_deepfake_equals_facetune():
    table = rows(train_real_a=300, train_deepfake_b=100, train_facetune_c=40, test_real_a=50, test_deepfake_b=9,
                 test_facetune_c=30)  # fmt: skip
    taken, reason = draw_balance(table, 1)
    assert counted(table, taken) == {
        ("train", "real"): 80, ("train", "deepfake"): 40, ("train", "facetune"): 40,
        ("test", "real"): 18, ("test", "deepfake"): 9, ("test", "facetune"): 9,
    }  # fmt: skip
    assert (reason == "").equals(taken)
    assert set(reason[~taken]) >= {"more deepfake photos than the balance of train takes"}


def test_few_real_photos_limit_the_edited_ones():
    table = rows(train_real_a=21, train_deepfake_b=100, train_facetune_c=100)
    taken, _ = draw_balance(table, 1)
    assert counted(table, taken) == {("train", "real"): 20, ("train", "deepfake"): 10, ("train", "facetune"): 10}


def test_small_sources_are_taken_whole_before_large_ones_give_more():
    table = rows(train_real_small=10, train_real_middle=60, train_real_large=500, train_facetune_c=120)
    taken, _ = draw_balance(table, 1)
    assert table[taken & (table.label == "real")].source.value_counts().to_dict() == {
        "small": 10, "middle": 55, "large": 55,
    }  # fmt: skip


@pytest.mark.parametrize("label", ["real", "deepfake"])
def test_a_split_of_one_label_is_taken_whole(label):
    table = rows(**{f"unseen_{label}_a": 30})
    assert draw_balance(table, 1)[0].all()


def test_without_facetune_real_equals_deepfake():
    table = rows(train_real_a=30, train_deepfake_b=12)
    taken, _ = draw_balance(table, 1)
    assert counted(table, taken) == {("train", "real"): 12, ("train", "deepfake"): 12}


def test_the_seed_decides_which():
    table = rows(train_real_a=300, train_facetune_c=40)
    assert draw_balance(table, 1)[0].equals(draw_balance(table, 1)[0])
    assert not draw_balance(table, 1)[0].equals(draw_balance(table, 2)[0])
