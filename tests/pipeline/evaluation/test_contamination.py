"""A release is not measured on photos that it was made with."""

import hashlib
from dataclasses import replace

import pandas as pd
import pytest

from models.card import read_card
from models.errors import WeightsMismatch, WeightsMissing
from models.release import read_release
from pipeline.errors import Contaminated
from pipeline.evaluation.contamination import NOT_RECORDED, refuse_contaminated

ROWS = pd.DataFrame({"original": [f"{i:064x}" for i in (16**50, 16**51, 16**52, 16**53)], "split": "test"})


@pytest.fixture
def card(tmp_path):
    """A card whose training photos are recorded beside it, and a way to record them."""
    (tmp_path / "cards").mkdir()
    plain = read_card(read_release().edited.weights)

    def record(originals) -> object:
        text = "".join(f"{sha256[:16]}\n" for sha256 in sorted(originals))
        (tmp_path / "cards" / f"{plain.weights}.photos").write_text(text)
        return replace(plain, training_sha256=hashlib.sha256(text.encode()).hexdigest())

    return record


def test_recorded_photos_are_read(card, tmp_path):
    assert card(ROWS.original).photos(tmp_path) == {sha256[:16] for sha256 in ROWS.original}


def test_a_release_that_recorded_nothing_says_so(tmp_path):
    plain = replace(read_card(read_release().edited.weights), training_sha256="")
    assert plain.photos(tmp_path) == set()
    assert refuse_contaminated(ROWS, [plain], "test", tmp_path) == {plain.weights: NOT_RECORDED}


def test_a_record_that_is_gone_turns_nothing_off(card, tmp_path):
    recorded = card(ROWS.original)
    (tmp_path / "cards" / f"{recorded.weights}.photos").unlink()
    with pytest.raises(WeightsMissing, match=f"{recorded.weights}.photos is missing"):
        refuse_contaminated(ROWS, [recorded], "test", tmp_path)


def test_a_changed_record_is_refused(card, tmp_path):
    recorded = card(ROWS.original)
    (tmp_path / "cards" / f"{recorded.weights}.photos").write_text("0123456789abcdef\n")
    with pytest.raises(WeightsMismatch):
        recorded.photos(tmp_path)
    with pytest.raises(WeightsMismatch, match="not 16 hex digits"):
        card(["hello"]).photos(tmp_path)


def test_training_photos_are_refused_with_how_many_and_examples(card, tmp_path):
    recorded = card(ROWS.original[:2])
    with pytest.raises(Contaminated, match="2 of the photos") as refused:
        refuse_contaminated(ROWS, [recorded], "test", tmp_path)
    assert ROWS.original[0][:16] in str(refused.value) and refused.value.code == "contaminated"
    assert recorded.weights in refuse_contaminated(ROWS.iloc[2:], [recorded], "test", tmp_path)


def test_an_edit_of_a_training_photo_counts_once_as_that_photo(card, tmp_path):
    twice = pd.concat([ROWS.iloc[:1]] * 3)
    with pytest.raises(Contaminated, match="1 of the photos"):
        refuse_contaminated(twice, [card(ROWS.original[:1])], "test", tmp_path)


def test_validation_photos_are_refused_unless_asked_for(card, tmp_path):
    recorded, rows = card(["ab" * 32]), ROWS.assign(split=["val", "test", "test", "test"])
    with pytest.raises(Contaminated, match="1 of the photos are of the split val"):
        refuse_contaminated(rows, [recorded], "test", tmp_path)
    assert refuse_contaminated(rows, [recorded], "val", tmp_path)


def test_training_splits_are_refused_where_nothing_was_recorded(card, tmp_path):
    rows = ROWS.assign(split="train")
    assert refuse_contaminated(rows, [card(["ab" * 32])], "test", tmp_path), "the record knows better than a name"
    with pytest.raises(Contaminated, match="4 of the photos are of the split train"):
        refuse_contaminated(rows, [replace(card([]), training_sha256="")], "test", tmp_path / "without")
