"""Generations of the forge: what is drawn where nothing is named, and what of it is written down."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.errors import UnknownName
from pipeline.cli.data import verbs
from pipeline.errors import OtherRun
from pipeline.forge import drawn_operations
from pipeline.forge.benchmark.plan import PlanRules, _orders, plan
from pipeline.forge.benchmark.recipe import Recipe
from pipeline.forge.casting import Casting
from pipeline.forge.workshop import Assortment, forge
from tests.pipeline.forge.test_workshop import PNG, crowd, portraits

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"


def operations_of(out: Path) -> set[str]:
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return {row["operation"] for row in csv.DictReader(file)} - {""}


def test_the_first_generation_is_drawn_and_written_as_before():
    assert {name for name, _ in Assortment().edits()} == set(drawn_operations(1))
    assert json.dumps(Assortment().settings()) == '{"version": 1, "seed": 1, "container": "JPEG q95 4:4:4"}'
    known = portraits(4, 0)
    pairs = [(name, strength) for name, strength in Assortment(per_photo=4).draw(known[0])]
    assert pairs == Assortment(per_photo=4, generation=1).draw(known[0])


def test_a_run_of_the_second_generation_makes_the_newer_ones_too(tmp_path: Path):
    crowd(tmp_path / "in", 1)
    summary = forge(tmp_path / "in", tmp_path / "out", Assortment((), ("strong",), container=PNG, generation=2), 1)
    assert operations_of(tmp_path / "out") == set(drawn_operations(2))
    assert summary.made["deepfake: remade"] == summary.made["facetune: clone_stamp"] == 1
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["generation"] == 2
    with pytest.raises(OtherRun):
        forge(tmp_path / "in", tmp_path / "out", Assortment((), ("strong",), container=PNG), 1)


def test_the_command_line_draws_from_the_first_and_makes_what_is_named(tmp_path: Path):
    crowd(tmp_path / "in", 1)
    call = ["forge", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--strengths", "strong", "--workers", "1"]
    named = CliRunner().invoke(verbs, [*call, "--operations", "clone_stamp"])
    assert named.exit_code == 0 and operations_of(tmp_path / "out") == {"clone_stamp"}
    assert "generation" not in json.loads((tmp_path / "out" / "run.json").read_bytes())
    call[3] = str(tmp_path / "second")
    drawn = CliRunner().invoke(verbs, [*call, "--per-photo", "2", "--generation", "2"])
    assert drawn.exit_code == 0 and json.loads((tmp_path / "second" / "run.json").read_bytes())["generation"] == 2


def test_a_generation_that_is_not_there(tmp_path: Path):
    with pytest.raises(UnknownName, match="generation"):
        Assortment(generation=3).edits()
    with pytest.raises(UnknownName, match="generation"):
        plan(tmp_path / "plan.json", [tmp_path], PlanRules(generation=0))


def test_the_command_line_plans_a_benchmark_of_the_second_generation(tmp_path: Path):
    crowd(tmp_path / "in", 2)
    recipe = tmp_path / "newer.json"
    call = ["benchmark", str(recipe), "--from", str(tmp_path / "in"), "--plan", "--workers", "1", "--generation"]
    planned = CliRunner().invoke(verbs, [*call, "2"])
    assert planned.exit_code == 0, planned.output
    assert Recipe.read(recipe).generation == 2 and Recipe.read(recipe).originals
    assert isinstance(CliRunner().invoke(verbs, [*call, "3"]).exception, UnknownName)
    named = ["--operations", "remade", "--operations", "clone_stamp"]
    assert CliRunner().invoke(verbs, [*call, "2", *named]).exit_code == 0
    edits = [edit.operations for original in Recipe.read(recipe).originals for edit in original.edits]
    assert edits and set(edits) == {("remade",), ("clone_stamp",)}
    strange = CliRunner().invoke(verbs, [*call, "1", *named]).exception
    assert isinstance(strange, UnknownName), "the first generation has no such operation"


@pytest.mark.parametrize("generation", [1, 2])
def test_a_plan_draws_from_its_generation(generation: int):
    known = portraits(4, 0)
    for order in _orders(known, Casting(known, 1), PlanRules(generation=generation)):
        assert {wish.operations[0] for wish in order.wishes} == set(drawn_operations(generation))


def test_a_recipe_says_which_generation_it_was_drawn_from_unless_the_first(tmp_path: Path):
    first = Recipe.read(SAMPLES / "benchmark.json")
    assert first.generation == 1 and b"generation" not in (SAMPLES / "benchmark.json").read_bytes()
    replace(first, generation=2).write(tmp_path / "second.json")
    assert Recipe.read(tmp_path / "second.json") == replace(first, generation=2)
