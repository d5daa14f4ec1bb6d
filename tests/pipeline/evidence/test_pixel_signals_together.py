"""What all signals of pixels and compression have in common: the same each time, bounded, and they change nothing."""

import importlib
import json
from types import ModuleType

import numpy as np
import pytest
from savings import again, decoded, jpeg, opened, saved, scene

from pipeline.evidence.exhibits import BAR, LONGEST
from pipeline.evidence.finding import NOT_ENOUGH, Evidence

ORDERS = {"jpeg_tables": 40, "double_compression": 45, "error_levels": 50, "noise": 55, "sharing_chains": 70}
TWICE = again(scene("hopper.jpg"), 60, 90)
PHOTOS = {
    "saved twice": opened(TWICE),
    "cut short": opened(TWICE[: len(TWICE) * 2 // 3], partial=True),
    "png": opened(saved(scene("coffee.jpg"), "PNG"), "Screenshot (1).png"),
    "wide": opened(jpeg(np.tile(scene("coffee.jpg"), (1, 8, 1)), 85)),
}


@pytest.fixture(params=ORDERS)
def signal(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(f"pipeline.evidence.signals.{request.param}")


def test_each_has_its_name_place_and_words(signal):
    name = signal.__name__.rpartition(".")[2]
    assert ORDERS[name] == signal.ORDER and signal.TITLE and len(signal.HOW_TO_READ) > 200
    assert signal.look(PHOTOS["saved twice"]).signal == name


@pytest.mark.parametrize("name", PHOTOS)
def test_two_looks_are_the_same_to_the_byte_and_change_nothing(signal, name):
    evidence = PHOTOS[name]
    before = (evidence.photo.rgb.copy(), evidence.photo.data)
    first, second = signal.look(evidence), signal.look(Evidence(evidence.photo, evidence.name))
    assert first == second and json.dumps(first.as_dict()) == json.dumps(second.as_dict())
    assert np.array_equal(before[0], evidence.photo.rgb) and before[1] == evidence.photo.data


@pytest.mark.parametrize("name", PHOTOS)
def test_exhibits_are_bounded_pictures_and_words_are_plain(signal, name):
    finding = signal.look(PHOTOS[name])
    assert finding.weight in ("nothing", "ordinary", "look") and finding.caution == NOT_ENOUGH
    assert finding.how_to_read == signal.HOW_TO_READ and finding.shows.endswith(".") and "\n" not in finding.shows
    for exhibit in finding.exhibits:
        height, width = decoded(exhibit.data).shape[:2]
        assert (width, height) == (exhibit.width, exhibit.height) and max(width, height) <= LONGEST + BAR
        assert len(exhibit.data) < 1_000_000 and exhibit.caption
    assert all(fact.name and fact.value and not fact.private for fact in finding.facts)
