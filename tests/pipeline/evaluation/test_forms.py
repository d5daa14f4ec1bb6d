"""Which form of a network is shipped, and what a release costs."""

import json

import numpy as np
import pandas as pd
import pytest

from models.release import read_release
from pipeline.crops.crops import Crops
from pipeline.errors import UnknownName
from pipeline.evaluation import forms, speed
from pipeline.evaluation.forms import aucs, best_form, measure_forms
from pipeline.evaluation.speed import measure_speed
from pipeline.results.cost import MAPPED, PHOTO, cost_of
from pipeline.settings import PROJECT

RATE, ALIKE = "crops a second, all cores", "correlation with float32"


def cost(seconds: float, alike: float = 1.0, **auc: float) -> dict:
    return {RATE: 1 / seconds, ALIKE: alike, "AUC": {"a": 0.9, "b": 0.8} | auc}


def test_the_fastest_that_loses_nothing_is_chosen():
    costs = {"float32": cost(0.5), "fast": cost(0.1, a=0.896), "alike": cost(0.2, a=0.8975), "odd": cost(0.15, 0.997)}
    assert best_form(costs) == "alike"
    assert best_form({name: costs[name] for name in ("float32", "fast", "odd")}) == "float32"
    slow = cost(0.01)
    del slow["AUC"]
    assert best_form(costs | {"untold": slow}) == "alike", "what has no AUC was not measured whole"


def test_edits_stand_beside_the_real_photos_of_where_they_belong():
    labels = {"a": "real", "forge-a": "facetune", "made": "deepfake", "b": "real"}
    sources = [name for name in labels for _ in range(20)]
    rows = pd.DataFrame({"source": sources, "label": [labels[name] for name in sources]})
    logits = np.array([0.0] * 20 + [1.0] * 20 + [1.0] * 20 + [2.0] * 20)
    areas = aucs(rows, "edited", logits)
    assert areas["forge-a"] == 1.0 and areas["made"] == 0.5, "made stands beside all real photos"
    edits = rows[rows.label != "real"].assign(source="forge-a")
    assert aucs(edits, "deepfake", np.arange(40.0))["forge-a"] == 1.0


def test_weights_without_a_base_have_one_form(tmp_path, monkeypatch):
    rows = pd.DataFrame({"sha256": ["0"], "source": ["a"], "label": ["real"], "error": [""], "split": ["val"]})
    monkeypatch.setattr(forms.Crops, "read", lambda folder: Crops(folder, rows, np.empty(0), np.empty(0)))
    with pytest.raises(UnknownName, match="adapts no base"):
        measure_forms("quick", tmp_path)


def test_a_cost_is_measured_and_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(speed, "FACES", 4)
    monkeypatch.setattr(speed, "TURNS", 2)
    (path,) = measure_speed(["quick"], PROJECT / "sample_data" / "hopper_real.jpg", tmp_path)
    name = read_release("quick").name
    written = json.loads(path.read_text())
    assert path.name == f"{name}.json" and written["release_sha256"] == read_release("quick").sha256
    cost = cost_of(name, tmp_path / "evaluations")
    assert cost["photo"] == written["figures"][PHOTO] > 0 and cost["mapped"] == written["figures"][MAPPED] > 0
    path.write_text("{}")
    assert cost_of(name, tmp_path / "evaluations") == {} == cost_of("nothing", tmp_path)
