"""A release is read whole or not at all."""

import json
import math
from pathlib import Path

import pytest

from models.errors import UnknownName, WeightsMismatch, WeightsMissing
from models.release import Release, Stage, log_odds, read_release, release_names

STAGE = {"weights": "w", "slope": 2, "intercept": -1.0, "threshold": 0.6, "abstain": [0.4, 0.6], "rule": "r"}
RELEASE = {
    "name": "2026.11-1",
    "date": "2026-11-22",
    "edited": STAGE,
    "deepfake": STAGE,
    "preprocessing": {"input_size": 256},
    "min_face": 48,
    "notes": "",
}


def write(root: Path, data: object, name: str = "2026.11-1") -> Path:
    (root / "releases").mkdir(exist_ok=True)
    path = root / "releases" / f"{name}.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def test_no_release_at_all(tmp_path):
    with pytest.raises(WeightsMissing, match="no release"):
        read_release(root=tmp_path)


def test_an_unknown_release_is_answered_with_the_nearest(tmp_path):
    write(tmp_path, RELEASE)
    with pytest.raises(UnknownName, match=r"'2026\.11-9'\. Did you mean: 2026\.11-1\?"):
        read_release("2026.11-9", tmp_path)
    with pytest.raises(UnknownName):
        read_release("../releases/2026.11-1", tmp_path)


def test_the_newest_is_read_and_numbers_in_names_count_as_numbers(tmp_path):
    for name in ("2026.9-3", "2026.11-10", "2026.11-2", "0000-x"):
        write(tmp_path, RELEASE | {"name": name}, name)
    assert release_names(tmp_path) == ["0000-x", "2026.9-3", "2026.11-2", "2026.11-10"]
    assert read_release(root=tmp_path).name == "2026.11-10"
    assert read_release("2026.9-3", tmp_path).name == "2026.9-3"


def test_it_survives_being_written_and_read(tmp_path):
    path = write(tmp_path, RELEASE)
    release = read_release(root=tmp_path)
    assert release.edited == Stage("w", 2.0, -1.0, 0.6, (0.4, 0.6), "r") and len(release.sha256) == 64
    path.write_text(json.dumps(release.as_dict()))
    assert read_release(root=tmp_path).as_dict() == release.as_dict()
    assert json.loads(json.dumps(release.as_dict())) == RELEASE


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"2026.11-1"', json.dumps(RELEASE)[:-20]])
def test_a_damaged_file(tmp_path, text):
    write(tmp_path, text)
    with pytest.raises(WeightsMismatch, match=r"2026\.11-1\.json"):
        read_release(root=tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "unknown fields: colour"),
        ({"edited": STAGE | {"colour": "red"}}, "colour"),
        ({"edited": {}}, "abstain"),
        ({"edited": STAGE | {"abstain": [0.1]}}, "damaged"),
        ({"edited": STAGE | {"slope": "steep"}}, "steep"),
        ({"edited": STAGE | {"threshold": None}}, "damaged"),
        ({"deepfake": None}, "damaged"),
        ({"min_face": "small"}, "small"),
        ({"edited": STAGE | {"knots": [[0, 0.2], [0, 0.4]]}}, "knots that do not rise"),
        ({"edited": STAGE | {"knots": [[0, 0.2], [1, 0.1]]}}, "knots that do not rise"),
        ({"edited": STAGE | {"knots": [[0, 0.0]]}}, "outside"),
        ({"edited": STAGE | {"knots": [[0, 0.2]], "slope": 0}}, "slope"),
        ({"edited": STAGE | {"knots": [0.2]}}, "damaged"),
        ({"edited": STAGE | {"stability_margin": -1}}, "stability margin"),
        ({"scope": {"noise": [1]}}, "damaged"),
        ({"scope": [1]}, "damaged"),
        ({"conformal": []}, "damaged"),
        ({"conformal": {"quantiles": {"real": "much"}}}, "damaged"),
        ({"name": "2026.11-2"}, "does not hold the release 2026.11-1"),
    ],
)
def test_wrong_fields(tmp_path, change, said):
    write(tmp_path, RELEASE | change)
    with pytest.raises(WeightsMismatch, match=said):
        read_release(root=tmp_path)


@pytest.mark.parametrize("missing", list(RELEASE))
def test_a_missing_field(tmp_path, missing):
    write(tmp_path, {key: value for key, value in RELEASE.items() if key != missing})
    with pytest.raises(WeightsMismatch, match=r"2026\.11-1"):
        read_release(root=tmp_path)


def test_the_hash_is_of_the_file(tmp_path):
    path = write(tmp_path, RELEASE)
    before = read_release(root=tmp_path).sha256
    path.write_text(path.read_text() + "\n")
    assert read_release(root=tmp_path).sha256 != before


def test_probabilities():
    stage = Release.from_dict(RELEASE).edited
    assert stage.probability(0.5) == 0.5
    assert stage.probability(1.5) == pytest.approx(1 / (1 + math.exp(-2)))
    values = [stage.probability(logit) for logit in (-1e9, -3, 0, 3, 1e9)]
    assert values == sorted(values) and values[0] > 0 and values[-1] <= 1


def test_no_number_stands_in_for_a_network_that_gave_none():
    with pytest.raises(WeightsMismatch, match="gave no number"):
        Release.from_dict(RELEASE).edited.probability(float("nan"))


def test_optional_fields_survive_too(tmp_path):
    knots = [[-1.0, 0.1], [0.5, 0.4], [2.0, 0.9]]
    more = {"scope": {"noise": [0.0, 5.5]}, "conformal": {"coverage": 0.9, "quantiles": {"real": 0.7}}}
    data = RELEASE | {"edited": STAGE | {"knots": knots, "stability_margin": 0.3}} | more
    write(tmp_path, data)
    release = read_release(root=tmp_path)
    assert release.edited.knots == ((-1.0, 0.1), (0.5, 0.4), (2.0, 0.9)) and release.scope == {"noise": (0.0, 5.5)}
    assert json.loads(json.dumps(release.as_dict())) == data


def test_knots_are_met_and_joined_straight_in_log_odds():
    stage = Stage("w", 2.0, 7.0, 0.6, (0.4, 0.6), "r", ((-1.0, 0.1), (0.5, 0.4), (2.0, 0.9)))
    assert [stage.probability(x) for x, _ in stage.knots] == pytest.approx([0.1, 0.4, 0.9])
    middle = (math.log(0.4 / 0.6) + math.log(0.9 / 0.1)) / 2
    assert log_odds(stage.probability(1.25)) == pytest.approx(middle)
    assert log_odds(stage.probability(3.0)) == pytest.approx(math.log(9) + 2), "beyond the last with the slope"
    assert log_odds(stage.probability(-2.0)) == pytest.approx(-math.log(9) - 2)
    values = [stage.probability(x / 10) for x in range(-100, 100)]
    assert values == sorted(set(values))
    assert stage.probability(math.inf) == 1 and 0 < stage.probability(-math.inf) < 1e-20


def test_how_far_the_contrary_is():
    stage = Stage("w", 1.0, 0.0, 0.7, (0.4, 0.7), "")
    assert [stage.answer(p) for p in (0.39, 0.4, 0.69, 0.7)] == [-1, 0, 0, 1]
    assert stage.room(0.7) == pytest.approx(log_odds(0.7) - log_odds(0.4))
    assert stage.room(0.3) == pytest.approx(log_odds(0.7) - log_odds(0.3)) and stage.room(0.5) == math.inf
    plain = Stage("w", 1.0, 0.0, 0.7, (0.2, 0.2), "")
    assert plain.room(0.7) == pytest.approx(0) and plain.room(0.1) == pytest.approx(log_odds(0.7) - log_odds(0.1))
    assert log_odds(0.0) == -math.inf and log_odds(1.1) == math.inf
