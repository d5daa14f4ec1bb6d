"""`Figure`: what is stored is read once, or refused with the place where it stands."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from models.files import ROOT
from pipeline.errors import BadEvaluation
from pipeline.results.figure import Figure, figure_at

STORED = {"value": 0.86, "low": 0.83, "high": 0.88, "n": 1665}


def test_a_figure_is_read_and_stored_as_it_was():
    figure = Figure.read(STORED)
    assert figure == Figure(0.86, 0.83, 0.88, 1665) and figure.as_dict() == STORED
    with_chance = STORED | {"chance": 0.4}
    assert Figure.read(with_chance).as_dict() == with_chance and Figure.read(with_chance).chance == 0.4


def test_what_was_not_measured_is_none():
    nothing = {"value": None, "low": math.nan, "high": np.float64("nan"), "n": np.int64(3)}
    assert Figure.read(nothing) == Figure(None, None, None, 3)
    assert Figure.read(nothing).one_less == Figure(None, None, None, 3) and not Figure.read(nothing).alike


@pytest.mark.parametrize(
    "changed",
    [{"value": "0.9"}, {"value": True}, {"low": math.inf}, {"n": None}, {"n": 1.5}, {"n": -1}, {"n": "12"}],
    ids=str,
)
def test_other_things_than_numbers_are_refused_with_their_place(changed):
    with pytest.raises(BadEvaluation, match=r"^edited · AUC is no figure: its (value|low|n) is"):
        Figure.read(STORED | changed, "edited · AUC")


@pytest.mark.parametrize("stored", [None, 0.9, [STORED], {}, {"value": 0.9, "n": 3}], ids=str)
def test_what_is_no_figure_is_refused(stored):
    with pytest.raises(BadEvaluation, match="is no figure: it"):
        Figure.read(stored, "edited")


def test_one_less_turns_the_interval():
    assert Figure(0.75, 0.5, 1.0, 9).one_less == Figure(0.25, 0.0, 0.5, 9)


def test_one_point_is_no_interval():
    assert Figure(1.0, 1.0, 1.0, 9).alike and not Figure(1.0, 0.9, 1.0, 9).alike


def test_a_figure_is_found_at_its_place():
    metrics = {"edited": {"all": {"AUC": STORED, "AP": STORED | {"value": None}, "EER": 3}}}
    assert figure_at(metrics, "edited", "all", "AUC") == Figure.read(STORED)
    assert figure_at(metrics, "edited", "all", "AP") is None and figure_at(metrics, "edited", "none", "AUC") is None
    with pytest.raises(BadEvaluation, match="edited · all · EER is no figure: it is a int"):
        figure_at(metrics, "edited", "all", "EER")


def stored_figures(part):
    if isinstance(part, dict):
        if {"value", "n"} <= set(part) and not isinstance(part["value"], dict | str):
            yield part
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from stored_figures(inner)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "evaluations").glob("2*/*/metrics.json")), ids=lambda path: str(path.parent.name)
)
def test_every_figure_of_the_releases_is_read(path: Path):
    figures = list(stored_figures(json.loads(path.read_text())))
    assert figures
    for stored in figures:
        assert Figure.read(stored).as_dict().items() <= stored.items()
