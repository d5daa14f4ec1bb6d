"""With what a measurement was made is said alike for every kind, and a measurement of one file is written whole."""

import json
import re
import time

import pytest

from pipeline.evaluation import whole_json
from pipeline.evaluation.conditions import OF_AUDIT, OF_BASELINE, OF_MAPS, OF_RELEASE, surroundings
from pipeline.evaluation.whole_json import write_json_whole

KEYS = {"bootstrap", "seconds", "machine", "versions", "date"}
KINDS = {"release": OF_RELEASE, "maps": OF_MAPS, "baseline": OF_BASELINE, "audit": OF_AUDIT}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_the_same_keys_and_its_own_packages(name):
    kind = KINDS[name]
    known = surroundings(kind, time.monotonic() - 7)
    assert set(known) == KEYS and set(surroundings(kind, time.monotonic(), 3)) == KEYS | {"seed"}
    assert tuple(known["versions"]) == kind.packages and known["seconds"] == 7
    assert known["bootstrap"]["by"] == "group"


def test_an_audit_and_a_baseline_are_dated_by_day_the_others_by_second():
    for kind in (OF_AUDIT, OF_BASELINE):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", surroundings(kind, 0)["date"])
    for kind in (OF_RELEASE, OF_MAPS):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", surroundings(kind, 0)["date"])


def test_a_file_that_cannot_be_finished_leaves_the_older_one_and_nothing_else(tmp_path, monkeypatch):
    path = write_json_whole(tmp_path / "speed" / "a.json", {"n": 1})

    def write_half(part, data):
        part.write_text("{")
        raise KeyboardInterrupt

    monkeypatch.setattr(whole_json, "write_json", write_half)
    with pytest.raises(KeyboardInterrupt):
        write_json_whole(path, {"n": 2})
    assert json.loads(path.read_text()) == {"n": 1} and [*path.parent.iterdir()] == [path]
