"""The choice of a release: by name and word, and beside it what each costs and reaches."""

import json

import pytest

from dashboard.kit import choose_release
from models.in_use import WORDS
from models.release import read_release
from pipeline.results.cost import MAPPED, PHOTO
from pipeline.settings import settings

QUICK = read_release("quick").name


def test_a_release_in_use_is_named_with_its_word():
    assert choose_release.with_word(QUICK) == f"quick · {QUICK}"
    assert choose_release.with_word("2020.01-1") == "2020.01-1"


def test_what_it_costs_and_reaches_is_read_from_what_was_measured():
    said = choose_release.say_release(QUICK)
    assert said.startswith(WORDS["quick"]) and "s a photo" in said and "processor cores" in said
    assert "edited ones" in said and "% of" in said and "real ones edited." in said


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("TELLTALE_EVALUATIONS", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_what_was_not_measured_is_said(elsewhere):
    said = choose_release.say_release(QUICK)
    assert "its cost was not measured" in said and "how often it is wrong was not measured" in said
    (elsewhere / "speed").mkdir()
    told = {"cores": 2, "figures": {PHOTO: 0.123, MAPPED: 0.456}}
    (elsewhere / "speed" / f"{QUICK}.json").write_text(json.dumps(told))
    assert "0.12 s a photo, 0.46 s with its heatmap, on 2 processor cores" in choose_release.say_release(QUICK)
