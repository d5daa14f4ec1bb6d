"""Releases in use: each by its name and by its word, the thorough one the default."""

import json

import pytest
from test_release import RELEASE, write

from models.errors import UnknownName, WeightsMismatch
from models.files import ROOT
from models.in_use import WORDS, releases_in_use, word_of
from models.release import read_release, release_names


@pytest.fixture
def root(tmp_path):
    for name in ("2026.11-5", "2026.12-1", "2026.12-2"):
        write(tmp_path, RELEASE | {"name": name}, name)
    (tmp_path / "in_use.json").write_text(json.dumps({"quick": "2026.11-5", "thorough": "2026.12-1"}))
    return tmp_path


def test_a_word_stands_for_a_release_and_the_first_is_the_default(root):
    assert read_release(root=root).name == read_release("thorough", root).name == "2026.12-1"
    assert read_release("quick", root).name == "2026.11-5" and read_release("2026.12-2", root).name == "2026.12-2"
    assert list(releases_in_use(root)) == list(WORDS) == ["thorough", "quick"]
    assert word_of("2026.11-5", root) == "quick" and word_of("2026.12-2", root) == ""


def test_without_the_file_the_newest_is_the_default(root):
    (root / "in_use.json").unlink()
    assert read_release(root=root).name == "2026.12-2" and releases_in_use(root) == {}
    with pytest.raises(UnknownName, match="'quick'"):
        read_release("quick", root)


def test_one_in_use_that_is_not_there_is_an_error_and_no_other_takes_its_place(root):
    (root / "releases" / "2026.12-1.json").unlink()
    with pytest.raises(UnknownName, match=r"'2026\.12-1'"):
        read_release(root=root)
    assert read_release("quick", root).name == "2026.11-5"


@pytest.mark.parametrize("text", ["{", "[]", '{"fast": "2026.11-5"}', '{"quick": 5}'])
def test_a_damaged_file_is_named(root, text):
    (root / "in_use.json").write_text(text)
    with pytest.raises(WeightsMismatch, match=r"in_use\.json"):
        read_release(root=root)


def test_both_words_are_in_use_here():
    assert set(releases_in_use()) == set(WORDS) and set(releases_in_use().values()) <= set(release_names(ROOT))
