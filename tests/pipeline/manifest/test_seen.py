"""What published weights have seen keeps its split, whatever a collection or the dealing would say."""

import re

import pandas as pd
import pytest

from models.card import read_card
from models.errors import WeightsMismatch, WeightsMissing
from models.files import ROOT, write_json
from models.release import read_release
from pipeline.manifest.seen import TORN, VALIDATED, seen_photos, torn_photos, with_seen
from pipeline.manifest.splits import with_splits
from pipeline.results.index import folders


@pytest.fixture
def root(tmp_path):
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "one.photos").write_text(f"{'a' * 16}\n{'b' * 16}\n")
    (tmp_path / "cards" / "one.validation").write_text(f"{'b' * 16}\n{'c' * 16}\n")
    return tmp_path


def table(*rows: tuple[str, str, str, bool]) -> pd.DataFrame:
    """Rows of the first letter of a hash, a group, the collection's own split, and whether that is published."""
    made = pd.DataFrame(rows, columns=["letter", "group", "split", "published"])
    known = {"sha256": made.letter * 64, "pair": "", "held_out": False, "source": "one", "label": "real"}
    return made.assign(**known).drop(columns="letter")


def test_what_one_network_trained_on_is_training_whoever_validated_on_it(root):
    assert seen_photos(root) == {"a" * 16: "train", "b" * 16: "train", "c" * 16: "val"}


def test_a_list_that_is_gone_or_altered_is_not_passed_over(root):
    card = read_card(read_release().edited.weights)
    write_json(root / "cards" / f"{card.weights}.json", card.as_dict())
    with pytest.raises(WeightsMissing, match=rf"{card.weights}\.photos is missing"):
        seen_photos(root)
    (root / "cards" / f"{card.weights}.photos").write_text("d" * 16)
    with pytest.raises(WeightsMismatch, match="is not the file that was released"):
        seen_photos(root)


def test_seen_photos_keep_their_split_and_others_are_free(root):
    found = with_seen(table(("a", "1", "", False), ("c", "2", "", False), ("d", "3", "", False)), root)
    assert found.split.tolist() == ["train", "val", ""] and found.published.tolist() == [True, True, False]


def test_a_published_split_is_kept_but_training_wins(root):
    found = with_seen(table(("d", "1", "val", True), ("a", "2", "val", True), ("d", "3", "val", False)), root)
    assert found.split.tolist() == ["val", "train", "val"] and found.published.tolist() == [True, True, False]


def test_near_duplicates_of_what_was_trained_on_are_left_aside():
    rows = table(("a", "1", "train", True), ("d", "1", "val", True), ("e", "1", "", False), ("f", "2", "val", True))
    assert torn_photos(rows).tolist() == ["", TORN, "", ""]
    held = rows.assign(held_out=[False, False, True, False])
    assert torn_photos(held).tolist() == ["", TORN, TORN, ""]


def test_what_was_validated_on_is_nobody_s_to_hold_out_or_to_train_on():
    """Neither the photo itself nor a near duplicate of it."""
    rows = table(("c", "1", "val", True), ("d", "1", "", False), ("c", "2", "val", True), ("d", "2", "train", False),
                 ("e", "2", "test", False), ("f", "2", "val", False), ("c", "3", "val", True))  # fmt: skip
    held = rows.assign(held_out=[False, True, False, False, False, False, True])
    assert torn_photos(held).tolist() == ["", VALIDATED, "", VALIDATED, VALIDATED, "", VALIDATED]
    assert torn_photos(rows).tolist()[:3] == ["", "", ""]


def test_an_edit_of_a_photo_keeps_the_split_that_its_original_had(root):
    """Whatever was written into the file since: a forged collection holds edits, and originals encoded anew."""
    rows = table(*(("d", str(number), split, False) for number, split in enumerate(("", "test", "test", "", ""))))
    pairs = [f"forge-{'a' * 16}", f"forge-{'c' * 16}", f"forge-{'e' * 16}", f"forge-{'a' * 15}", f"dfdc-{'a' * 16}"]
    found = with_seen(rows.assign(pair=pairs), root)
    assert found.split.tolist() == ["train", "val", "test", "", ""]
    assert found.published.tolist() == [True, True, False, False, False]


def test_of_what_was_never_seen_most_stays_for_testing():
    """The seen take their places in the dealing: else 70 % of the unseen would be dealt to training."""
    count = 600
    rows = pd.DataFrame({"group": [f"g{n}" for n in range(count)], "source": "one", "label": "real", "split": "",
                         "held_out": False, "published": False})  # fmt: skip
    first = with_splits(rows, 1)
    seen = first != "test"
    again = with_splits(rows.assign(split=first.where(seen, ""), published=seen), 1)
    assert again.equals(first)


def test_no_measured_photo_of_a_release_was_seen_by_its_weights():
    """Of every evaluation that ships, whichever release and split, less what was measured on validation by name."""
    seen = seen_photos()
    assert len(seen) > 20_000
    mine = [one for one in folders() if not one.problem and one.run["release"] == read_release("thorough").name]
    for one in (one for one in mine if one.run["split"] != "val"):
        rows = pd.read_csv(one.path / "predictions.csv", dtype=str)
        original = rows.pair.fillna("").str.extract("^forge-([0-9a-f]{16})$")[0].fillna(rows.sha256.str[:16])
        assert len(original) > 50 and not set(original) & set(seen), one.path


def test_the_lists_beside_the_cards_are_sorted_prefixes():
    for path in sorted((ROOT / "cards").glob("*.validation")) + sorted((ROOT / "cards").glob("*.photos")):
        lines = path.read_text(encoding="utf-8").split()
        assert lines == sorted(set(lines)) and all(re.fullmatch("[0-9a-f]{16}", line) for line in lines), path
