"""A photo of the test split that is also, or nearly, in train must be found, and strangers must not."""

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation.audit.leakage import EXAMPLES, leakage, looks, nearest
from pipeline.evaluation.audit.wording import UNMEASURED

COUNT = 200


def vectors(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(3).normal(size=(len(rows), 32)), rows.index)


def by_measure(entries: list[dict], split: str = "test") -> dict[str, dict]:
    return {entry["measure"]: entry for entry in entries if entry["split"] == split}


def test_strangers_have_no_twin(rows_of):
    rows = rows_of(COUNT)
    entries = by_measure(leakage(rows, vectors(rows), 1))
    for measure in ("same bytes", "phash", "phash and embedding"):
        assert entries[measure]["near"] == 0 and entries[measure]["verdict"].endswith("no leak found.")
    assert entries["embedding"]["standing"] in ("none", "as unrelated photos")
    assert entries["phash"]["n"] == 40 and entries["phash"]["against"] == "train"


def test_a_planted_twin_is_found(rows_of):
    rows, known = rows_of(COUNT), vectors(rows_of(COUNT))
    rows.loc[0, "phash"] = f"{int(rows.phash[1], 16) ^ 0b1011:016x}"
    known.loc[0] = known.loc[1] + 0.01
    entries = by_measure(leakage(rows, known, 1))
    both = entries["phash and embedding"]
    assert entries["phash"]["near"] == 1 and both["near"] == 1 and entries["same bytes"]["near"] == 0
    (example,) = both["examples"]
    assert example["sha256"] == rows.sha256[0][:12] and example["near"] == rows.sha256[1][:12]
    assert example["bits"] == 3 and example["cosine"] > 0.99 and "look at the examples" in both["verdict"]
    assert not any("path" in key or ".png" in str(value) for key, value in example.items())


def test_many_twins_are_a_leak_and_only_some_are_shown(rows_of):
    rows, known = rows_of(COUNT), vectors(rows_of(COUNT))
    for place in range(0, 100, 5):
        rows.loc[place, ["phash", "sha256"]] = rows.loc[place + 1, ["phash", "sha256"]].to_numpy()
        known.loc[place] = known.loc[place + 1]
    entries = by_measure(leakage(rows, known, 1))
    assert entries["same bytes"]["near"] == entries["phash and embedding"]["near"] == 20
    assert entries["same bytes"]["standing"] == "more than unrelated photos"
    assert len(entries["same bytes"]["examples"]) == EXAMPLES and entries["phash"]["share"]["value"] == 0.5


def test_photos_of_one_group_show_what_near_means(rows_of):
    rows = rows_of(COUNT, group=[f"g{i // 2}" for i in range(COUNT)], split=["train", "train", "test", "test"] * 50)
    rows.loc[rows.index[1::2], "phash"] = rows.phash[::2].to_numpy()
    entries = by_measure(leakage(rows, vectors(rows), 1))["phash"]
    assert entries["near"] == 0 and entries["unrelated"]["value"] == 0 and entries["same group"]["value"] == 1


def test_folds_are_held_against_the_other_folds(rows_of):
    rows = rows_of(60, split=[f"fold{i % 3}" for i in range(60)])
    rows.loc[0, "phash"] = rows.phash[1]
    entries = leakage(rows, vectors(rows), 1)
    assert {entry["against"] for entry in entries} == {"the other folds"}
    assert by_measure(entries, "fold0")["phash"]["near"] == by_measure(entries, "fold1")["phash"]["near"] == 1
    assert by_measure(entries, "fold2")["phash"]["near"] == 0


def test_blocks_give_what_a_loop_gives(rows_of):
    rows = rows_of(300, group=[f"g{i % 7}" for i in range(300)])
    rows["phash"] = [f"{value:016x}" for value in np.random.default_rng(0).integers(0, 2**12, 300)]
    known = looks(rows, vectors(rows), 1)
    near = nearest(known, known, "other groups")
    for place in (0, 255, 256, 299):
        others = rows.group != rows.group[place]
        apart = [(int(rows.phash[place], 16) ^ int(text, 16)).bit_count() for text in rows.phash[others]]
        assert near["phash"].iloc[place] == (min(apart) <= 8)
        assert near["phash: bits"].iloc[place] <= 8


def test_unknown_hashes_and_embeddings_are_near_nothing(rows_of):
    rows = rows_of(COUNT, phash="")
    entries = by_measure(leakage(rows, vectors(rows).iloc[:0], 1))
    assert all(entry["near"] == 0 for entry in entries.values())
    unknown = [entries[measure] for measure in ("phash", "embedding", "phash and embedding")]
    assert {entry["standing"] for entry in unknown} == {UNMEASURED} and entries["same bytes"]["standing"] == "none"
    assert all(entry["n"] == 0 and "no leak found" not in entry["verdict"] for entry in unknown)


def test_shares_are_of_photos_that_could_be_compared(rows_of):
    rows = rows_of(COUNT)
    rows.loc[rows.index[rows.split == "test"][:30], "phash"] = ""
    entries = by_measure(leakage(rows, vectors(rows).iloc[COUNT // 2 :], 1))
    known = {measure: entry["n"] for measure, entry in entries.items()}
    assert known == {"same bytes": 40, "phash": 10, "embedding": 20, "phash and embedding": 10}
    assert entries["phash"]["near"] == 0 and entries["phash"]["standing"] == "none"
    rows.loc[rows.split == "train", "phash"] = ""
    assert by_measure(leakage(rows, vectors(rows), 1))["phash"]["standing"] == UNMEASURED, "nothing to compare with"


@pytest.mark.parametrize("split", ["train", "test"])
def test_one_split_alone_does_not_fail(rows_of, split):
    rows = rows_of(30, split=split)
    entries = leakage(rows, vectors(rows), 1)
    assert all("not measurable" in entry["verdict"] for entry in entries) and (entries == []) == (split == "train")
