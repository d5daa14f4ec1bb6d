"""`Selection`: which rows a run uses, and what is to be said of them."""

import numpy as np
import pytest

from pipeline.crops.crops import read_store
from pipeline.training.config import TrainConfig
from pipeline.training.selection import Selection, targets_of


@pytest.fixture
def table(store):
    return read_store(store)


def test_rows_are_asked_once(table):
    selection = Selection(table, "edited")
    assert selection.train is selection.train and selection.validation is selection.validation
    assert selection.train.index.tolist() == list(range(12)) and selection.validation.index.tolist() == list(
        range(12, 24)
    )


def test_the_second_stage_sees_edited_photos_only_but_may_forge_from_real_ones(table):
    selection = Selection(table, "deepfake", forges=True)
    assert set(selection.train.label) == set(selection.validation.label) == {"facetune", "deepfake"}
    assert set(selection.originals.label) == {"real", "facetune", "deepfake"}
    assert len(selection.prefixes) == 12 and len(Selection(table, "deepfake").prefixes) == 6


def test_a_ready_made_edit_lends_its_original(table):
    """Its own hash is known to nobody who looks for the photo among what weights have seen."""
    made = table.assign(pair=table.pair.where(table.index != 3, f"forge-{'a' * 16}"))
    before, after = (set(Selection(rows, "edited").prefixes) for rows in (table, made))
    assert after - before == {"a" * 16} and before - after == {table.sha256[3][:16]}


def test_a_collection_left_out_is_validated_on_but_lends_nothing(table):
    selection = Selection(table, "edited", ("b",), forges=True)
    assert set(selection.train.source) == set(selection.originals.source) == {"a"}
    assert set(selection.validation.source) == {"a", "b"} and len(selection.prefixes) == 6


@pytest.mark.parametrize(("changes", "forges"), [({}, False), ({"fresh": 0.5}, True), ({"diluted": 0.1}, True)])
def test_a_configuration_says_all_that_is_asked(table, changes, forges):
    config = TrainConfig(
        stage="edited", architecture="x", epochs=1, learning_rate=1, pools={}, leave_out=("b",), **changes
    )
    selection = Selection.of(table, config)
    assert (selection.stage, selection.leave_out, selection.forges) == ("edited", ("b",), forges)


@pytest.mark.parametrize("stage", ["edited", "deepfake", "classes"])
def test_targets_are_those_of_the_rows(table, stage):
    selection = Selection(table, stage)
    rows = selection.validation.iloc[::-2]
    targets = selection.targets_of(rows)
    assert targets.dtype == np.float32 and targets.tolist() == targets_of(rows, stage).tolist()
