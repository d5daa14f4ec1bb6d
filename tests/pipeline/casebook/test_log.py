import hashlib
import json
from dataclasses import replace

import pytest

from pipeline.casebook.log import ACTS, BEGINNING, QUIET, Entry, canonical, faults
from pipeline.casebook.people import NEEDED, ROLES
from pipeline.casebook.projection import _STEPS as PROJECTED
from pipeline.casebook.replay import _STEPS as REPLAYED


def chain(count: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, count + 1):
        before = entries[-1].sha256 if entries else BEGINNING
        entries.append(Entry.new("c", number, "ada", "opened", {"photo": number}, before))
    return entries


def test_an_entry_s_hash_is_that_of_its_canonical_json():
    (entry,) = chain(1)
    plain = {name: value for name, value in entry.as_dict().items() if name != "sha256"}
    written = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert entry.canonical == written and entry.sha256 == hashlib.sha256(written).hexdigest()


def test_a_whole_chain_has_no_fault():
    assert list(faults(chain(5), "c")) == [] and list(faults([], "c")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"who": "eve"},
        {"at": "2020-01-01T00:00:00Z"},
        {"act": "deleted"},
        {"facts": {"photo": 99}},
        {"before": "f" * 64},
        {"sha256": "f" * 64},
        {"number": 7},
        {"case": "d"},
    ],
)
def test_any_changed_field_is_named_by_its_entry(change):
    entries = chain(5)
    entries[2] = replace(entries[2], **change)
    named = " ".join(faults(entries, "c"))
    assert f"Entry {entries[2].number} of the log" in named or "Entry 4 of the log" in named


def test_an_entry_that_was_made_anew_with_a_fitting_hash_breaks_the_next_one():
    entries = chain(5)
    forged = replace(entries[2], who="eve")
    entries[2] = replace(forged, sha256=forged.digest)
    assert list(faults(entries, "c")) == [
        "Entry 4 of the log does not follow the entry before it: that one was changed, or another stood there."
    ]


def test_an_entry_that_was_taken_out_leaves_a_gap():
    entries = chain(5)
    assert "what was between them is missing" in " ".join(faults(entries[:2] + entries[3:], "c"))
    assert "what was between them is missing" in " ".join(faults(entries[1:], "c"))


def test_what_json_cannot_hold_is_refused():
    for value in (float("nan"), "\ud800", 2**60):
        with pytest.raises(ValueError, match="JSON"):
            canonical({"a": value})


def test_each_act_has_a_role_and_what_changes_a_case_is_in_both_readings_of_the_log():
    assert set(NEEDED) == set(ACTS) and set(NEEDED.values()) <= set(ROLES)
    assert set(PROJECTED) == set(REPLAYED) - {"timestamped"} == set(ACTS) - set(QUIET) - {"imported"}
