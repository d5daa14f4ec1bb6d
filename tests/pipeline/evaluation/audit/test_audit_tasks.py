"""Which photos the audit sets against which: forged edits stand against the originals that they were made of."""

from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

from pipeline.datasets.sources import forged_name
from pipeline.evaluation.audit.tasks import (
    even_out,
    paired_tasks_of,
    sample_originals_and_edits,
    with_crop,
)
from pipeline.results.audit import SAME

MOST = 40


@pytest.fixture(scope="module")
def rows(rows_of):
    """A collection of pairs, four to a group. Of its 150 real photos 100 are retouched, and 30 become two deepfakes."""
    own = rows_of(
        300, 3, group=[f"g{i // 8}" for i in range(300)], pair=[f"p{i // 2}" for i in range(300)], split="test"
    )
    own = own.assign(label=own.label.replace("facetune", "deepfake"), path=[f"a{i}.png" for i in range(300)])
    own = own.assign(sha256=[sha256(path.encode()).hexdigest() for path in own.path])
    reals = own[own.label == "real"]
    forged = [
        reals.iloc[first::step][:count].assign(label=label, source="forge-here", recipe=f'{{"seed": {seed}}}')
        for seed, (label, first, step, count) in enumerate(
            [("facetune", 0, 1, 100), ("deepfake", 1, 2, 30), ("deepfake", 1, 2, 30), ("deepfake", 110, 1, 20)]
        )
    ]
    edits = pd.concat(forged)
    table = pd.concat([own, edits.assign(pair=edits.sha256.str[:16].map(forged_name))], ignore_index=True)
    return table.assign(origin=table.source.str.removeprefix("forge-"))


@pytest.fixture(scope="module")
def few(rows):
    return sample_originals_and_edits(rows, MOST, 1)


def edits_of(table):
    return table[table.recipe != ""]


def reals_of(table):
    return table[(table.recipe == "") & (table.label == "real")]


def test_every_sampled_edit_has_its_original_in_the_sample(few):
    assert edits_of(few).sha256.isin(reals_of(few).sha256).all()
    assert few.groupby(["source", "label"]).size().to_dict() == {
        ("forge-here", "deepfake"): MOST // 2,
        ("forge-here", "facetune"): MOST // 2,
        ("here", "deepfake"): MOST,
        ("here", "real"): MOST,
    }
    assert not edits_of(few).duplicated(["sha256", "label"]).any(), "two deepfakes of one photo"


def test_pairs_of_the_collection_stay_together(few):
    own = few[few.recipe == ""]
    assert (own.groupby("pair").label.nunique() == 2).all()


def test_forged_edits_stand_against_their_own_originals_one_each(few):
    (task,) = [task for task in paired_tasks_of(few) if task.scope == "forge-here"]
    edits, originals = edits_of(task.rows), reals_of(task.rows)
    assert sorted(edits.sha256) == sorted(originals.sha256) and edits.sha256.is_unique
    assert len(task.rows) == 2 * edits_of(few).sha256.nunique() and set(edits.label) == {"deepfake", "facetune"}
    assert task.rows.positive.sum() == len(edits) <= MOST


def test_the_same_originals_are_on_both_sides_of_the_kinds(few):
    (task,) = [task for task in paired_tasks_of(few) if task.scope == SAME]
    deepfakes, facetunes = task.rows[task.rows.positive], task.rows[~task.rows.positive]
    assert sorted(deepfakes.sha256) == sorted(facetunes.sha256) and deepfakes.sha256.is_unique
    assert len(deepfakes) == MOST // 2, "originals with edits of both kinds are sampled first"


def test_edits_without_a_twin_of_the_other_kind_are_not_of_the_same_originals(rows):
    edits = edits_of(rows)
    kept = even_out(edits[edits.sha256.isin(edits.sha256[edits.label == "facetune"])])
    assert len(kept) == 2 * 30 and kept.label.value_counts().to_dict() == {"deepfake": 30, "facetune": 30}
    assert len(even_out(edits[edits.label == "deepfake"])) == len(even_out(edits[:0])) == 0


def test_an_edit_whose_original_has_no_crop_is_left_out(rows):
    lost = edits_of(rows).sha256.iloc[:60]
    gone = rows.assign(error=np.where((rows.recipe == "") & rows.sha256.isin(lost), "no_face: none", rows.error))
    few = sample_originals_and_edits(with_crop(gone), 1000, 1)
    assert not few.sha256.isin(lost).any() and len(edits_of(few)) > 0


def test_the_seed_alone_chooses(rows):
    one, again, other = (sample_originals_and_edits(rows, MOST, seed).index for seed in (1, 1, 2))
    assert one.equals(again) and not one.equals(other)
