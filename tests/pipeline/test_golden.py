"""What the releases in use say of the samples has not moved, see make_golden.py."""

import json
from pathlib import Path
from typing import Any

import pytest
from make_golden import examined, path_of, sample_files

from models.in_use import WORDS
from models.release import Release, Stage, read_release
from pipeline.examining.loaded import load_cascade

TOLERANCE = 0.02
EIGHT_BIT = 0.06
"""Of networks with 8-bit products: a last digit, which depends on the processor, moves them by that much."""
PIXELS = 2.0


each = pytest.mark.parametrize("word", list(WORDS))


def golden(word: str) -> dict[str, Any]:
    said = json.loads(path_of(word).read_text(encoding="utf-8"))
    assert said["release"] == read_release(word).name, (
        "another release is in use: run `python tests/pipeline/make_golden.py` and read the difference"
    )
    return said


def near_an_edge(stage: Stage, probability: float | None, tolerance: float) -> bool:
    edges = (stage.threshold, *stage.abstain)
    return probability is not None and any(abs(probability - edge) <= tolerance for edge in edges)


def away(found: float | None, expected: float | None) -> float:
    if found is None or expected is None:
        return 0.0 if found is expected else 1.0
    return abs(found - expected)


def moved_box(found: list[float] | None, expected: list[float] | None) -> bool:
    if found is None or expected is None:
        return found is not expected
    return any(away(a, b) > PIXELS for a, b in zip(found, expected, strict=True))


def differences(
    found: dict[str, Any], expected: dict[str, Any], release: Release, tolerance: float = TOLERANCE
) -> list[str]:
    """Return what moved by more than the tolerances; near an edge, the other verdict is no difference."""
    first = near_an_edge(release.edited, expected["p_edited"], tolerance)
    second = near_an_edge(release.deepfake, expected["p_deepfake"], tolerance)
    moved = {
        "verdict": found["verdict"] != expected["verdict"] and not (first or second),
        "p_edited": away(found["p_edited"], expected["p_edited"]) > tolerance,
        "p_deepfake": away(found["p_deepfake"], expected["p_deepfake"]) > (1 if first else tolerance),
        "box": moved_box(found["box"], expected["box"]),
    }
    return [f"{key}: {expected[key]} → {found[key]}" for key, different in moved.items() if different]


@each
def test_the_samples_are_judged_as_before(word):
    said = golden(word)
    cascade = load_cascade(said["release"])
    found = examined(cascade, sorted(said["photos"]))
    tolerance = EIGHT_BIT if cascade.cards["edited"].base else TOLERANCE
    moved = {
        name: differences(found[name], expected, cascade.release, tolerance)
        for name, expected in said["photos"].items()
    }
    assert {name: lines for name, lines in moved.items() if lines} == {}


@each
def test_every_sample_is_held_to(word):
    assert sorted(golden(word)["photos"]) == sample_files()


EXPECTED = {"verdict": "facetune", "p_edited": 0.9, "p_deepfake": 0.1, "box": [1.0, 2.0, 3.0, 4.0]}


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({}, 0),
        ({"p_edited": 0.885}, 0),
        ({"p_edited": 0.87}, 1),
        ({"verdict": "real"}, 1),
        ({"p_deepfake": None}, 1),
        ({"box": None}, 1),
        ({"box": [1.0, 2.0, 3.0, 7.0]}, 1),
    ],
)
def test_what_counts_as_moved(change, moved):
    stage = Stage("w", 1.0, 0.0, 0.5, (0.4, 0.5), "")
    release = Release("r", "", stage, stage, {}, 48, "")
    assert len(differences(EXPECTED | change, EXPECTED, release)) == moved


def test_a_verdict_near_an_edge_may_fall_on_either_side():
    stage = Stage("w", 1.0, 0.0, 0.89, (0.4, 0.5), "")
    release = Release("r", "", stage, stage, {}, 48, "")
    fallen = EXPECTED | {"verdict": "real", "p_edited": 0.888, "p_deepfake": None}
    assert differences(fallen, EXPECTED, release) == []


@each
def test_no_release_in_use_is_one_for_development(word):
    assert not read_release(word).name.startswith("0000")


def test_the_script_is_where_the_readme_of_it_says():
    assert (Path(__file__).parent / "make_golden.py").is_file()
