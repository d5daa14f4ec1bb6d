"""The tree of expected errors: one root, stable codes, and the drawing of it is true."""

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import models.errors
import pipeline.errors
from pipeline.errors import TriageError, UnknownName, advice_on

ROOTS = (models, pipeline)


def descendants(kind: type[TriageError]) -> set[type[TriageError]]:
    return {kind}.union(*(descendants(child) for child in kind.__subclasses__()))


@pytest.fixture(scope="module")
def kinds() -> set[type[TriageError]]:
    """Every expected error, after all modules are imported: none hides in one that nobody asked for."""
    for root in ROOTS:
        for module in walk_packages(root.__path__, f"{root.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    return {kind for kind in descendants(TriageError) if kind.__module__.split(".")[0] in ("models", "pipeline")}


def test_every_error_stands_in_the_tree_and_says_what_to_do(kinds):
    drawn = set(re.findall(r"[├└]── (\w+)", pipeline.errors.__doc__))
    assert {kind.__name__ for kind in kinds} - {"TriageError"} == drawn
    for kind in kinds - {TriageError}:
        assert kind.__doc__ and kind.advice.endswith("."), kind
        assert advice_on(kind.code) == kind.advice
    assert advice_on("never heard of") == "" == TriageError.advice


def test_codes_are_their_own(kinds):
    codes = [kind.code for kind in kinds if "code" in vars(kind)]
    assert {kind.__name__ for kind in kinds if "code" not in vars(kind)} == {"CutShort"}, "a kind of UnreadablePhoto"
    assert len(set(codes)) == len(codes) and all(re.fullmatch("[a-z_]+", code) for code in codes)


def test_the_codes_that_scripts_rely_on():
    found = {kind.__name__: kind.code for kind in descendants(TriageError)}
    expected = {
        "UnreadablePhoto": "unreadable_photo",
        "PhotoTooLarge": "photo_too_large",
        "NoFace": "no_face",
        "UnsafeArchive": "unsafe_archive",
        "BadSetting": "bad_setting",
        "WeightsMissing": "weights_missing",
        "WeightsMismatch": "weights_mismatch",
        "UnknownName": "unknown_name",
    }
    assert expected.items() <= found.items()


def test_the_drawing_shows_every_error_of_the_module():
    drawn = set(re.findall(r"[├└]── (\w+)", pipeline.errors.__doc__))
    assert drawn == set(pipeline.errors.__all__) - {"TriageError", "advice_on"}
    assert set(re.findall(r"[├└]── (\w+)", models.errors.__doc__)) < drawn


def test_the_nearest_names_are_offered():
    near = str(UnknownName.among("release", "2026.11-2", ["2026.11-1", "0000"]))
    assert near == "There is no release named '2026.11-2'. Did you mean: 2026.11-1?"
    assert "alpha, beta" in str(UnknownName.among("thing", "zzz", ["beta", "alpha"]))
    assert "\n" not in str(UnknownName.among("thing", "a\nb", ["alpha"]))
