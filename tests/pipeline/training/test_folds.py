"""Every photo of a collection is held out once, with all that belongs to it, and nothing leaks."""

import json

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadConfig, BadDataset
from pipeline.manifest.splits import refuse_leaks
from pipeline.training.config import TrainConfig
from pipeline.training.folds import DONOR_ELSEWHERE, Fold, with_fold

OF = 4


def row(name: str, source: str, label: str, group: str, split: str, recipe: str = "") -> dict[str, str]:
    pair = f"forge-{name}" if recipe else ""
    return {"sha256": name, "path": name, "source": source, "label": label, "group": group, "split": split,
            "recipe": recipe, "pair": pair, "error": ""}  # fmt: skip


def edit(operation: str, donor: str) -> str:
    return json.dumps({"operations": [operation], "donor": donor})


@pytest.fixture
def table() -> pd.DataFrame:
    """Forty photos of "small" in twenty groups, two of another collection, and edits forged of some of both."""
    small = [row(f"s{n}", "small", ("real", "facetune")[n % 2], f"g{n // 2}", "train") for n in range(40)]
    other = [row("o1", "other", "real", "h1", "train"), row("o2", "other", "facetune", "h2", "val")]
    unseen = [row("u1", "small", "real", "h3", "unseen")]
    lent = [row(f"s{n}", "forge-small", "facetune", f"g{n // 2}", "train", edit("part_composite", f"s{(n + 4) % 40}"))
            for n in range(0, 40, 2)]  # fmt: skip
    alone = [
        row(f"s{n}", "forge-small", "facetune", f"g{n // 2}", "train", edit("smooth_skin", "s0"))
        for n in range(0, 40, 4)
    ]
    elsewhere = row("o1", "forge-other", "facetune", "h1", "train", edit("smooth_skin", "o2"))
    return pd.DataFrame([*small, *other, *unseen, *lent, *alone, elsewhere])


def fold_of(table: pd.DataFrame, number: int) -> pd.DataFrame:
    return with_fold(table, Fold(source="small", number=number, of=OF))


def test_every_photo_is_held_out_once_and_validates_once(table):
    held = pd.concat([part[part.split == "test"] for part in (fold_of(table, n) for n in range(OF))])
    validating = pd.concat([part[part.split == "val"] for part in (fold_of(table, n) for n in range(OF))])
    mine = sorted(name for name in table.sha256[table.source == "small"] if name != "u1")
    assert sorted(held.sha256[held.source == "small"]) == mine
    assert sorted(validating.sha256[validating.source == "small"]) == mine
    for number in range(OF):
        assert set(fold_of(table, number).query("source == 'small' and split == 'test'").label) == {"real", "facetune"}


def test_nothing_leaks_and_the_others_stay(table):
    for number in range(OF):
        refolded = fold_of(table, number)
        usable = refolded[refolded.error == ""]
        refuse_leaks(usable, np.zeros((0, 2), int))
        for recipe, split in zip(usable.recipe, usable.split, strict=True):
            donor = json.loads(recipe)["donor"] if "part_composite" in recipe else ""
            assert not donor or refolded[(refolded.sha256 == donor) & (refolded.recipe == "")].split.item() == split
        others = ~table.source.isin(["small", "forge-small"])
        assert (refolded.split[others] == table.split[others]).all() and refolded.split[
            refolded.sha256 == "u1"
        ].item() == "unseen"


def test_an_edit_with_a_part_from_another_split_is_set_aside_one_without_a_donor_is_not(table):
    refolded = fold_of(table, 0)
    aside = refolded[refolded.error == DONOR_ELSEWHERE]
    assert 0 < len(aside) < 20 and set(aside.source) == {"forge-small"}
    assert not aside.recipe.str.contains("smooth_skin").any()


def test_without_a_fold_nothing_changes(table):
    assert with_fold(table, None) is table


def test_a_fold_is_written_as_it_is_read():
    assert str(Fold.parse("small:1/5")) == "small:1/5" and Fold.parse("a:b:0/3").source == "a:b"


@pytest.mark.parametrize(
    "text", ["small", "small:5/5", "small:-1/5", "small:0/2", "small:0/51", "small:x/5", "small:1", "0/5", ":0/5", ""]
)
def test_what_is_no_fold_is_refused(text):
    with pytest.raises(BadDataset, match=r"is no fold: write collection:number/folds.* 3 to 50 folds"):
        Fold.parse(text)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nowhere", "no collection 'nowhere' to put in folds: there are other, small"),
        ("forge-none", "there are other, small"),
        ("other", "of one of the two it has 1 groups"),
    ],
)
def test_a_collection_that_is_not_there_or_too_small_is_refused(table, source, reason):
    with pytest.raises(BadDataset, match=reason):
        with_fold(table, Fold(source=source, number=0, of=3))


def test_a_run_that_could_not_be_measured_by_folds_is_refused():
    base = {"architecture": "resnet18", "epochs": 1, "learning_rate": 0.1, "pools": {"*": 1}}
    fold = Fold(source="small", number=0, of=3)
    second = TrainConfig.model_validate(base | {"stage": "deepfake"})
    with pytest.raises(BadConfig, match=r"small:0/3 cannot be held out.*only the stage 'edited'"):
        second.holding_out(fold)
    first = TrainConfig.model_validate(base | {"stage": "edited", "leave_out": ["small"]})
    with pytest.raises(BadConfig, match="small is left out, so nothing of it would be trained on"):
        first.holding_out(fold)
    assert first.holding_out(None) is first
