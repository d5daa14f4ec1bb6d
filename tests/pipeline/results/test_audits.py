"""Stored audits, as pages read them: the shipped ones, and what a damaged one says."""

import subprocess
import sys

import pytest
from made_up_audit import comparison, figure, stored, written

from pipeline.errors import BadAudit
from pipeline.evaluation import audit
from pipeline.evaluation.audit.wording import IN_WORDS
from pipeline.results.audit import HOME, OPEN, SCHEMA, Audit, audits
from pipeline.results.evaluation import HOME as EVALUATIONS
from pipeline.settings import PROJECT

SHIPPED = sorted((EVALUATIONS / HOME).glob("*.json"))


def test_an_audit_is_read(tmp_path):
    read = Audit.read(written(tmp_path, stored()))
    gone, left = read.comparisons
    assert (gone.open, left.open) == (False, True)
    assert gone.earlier[0] == "before" and gone.after.value == 0.5
    assert gone.excess == pytest.approx(0) and left.excess == pytest.approx(0.58)
    assert read.areas["around the face", "edited", "ciplab", "net"].value == 0.6
    assert read.leakage[0].same_group.value == 0.6 and read.consequences["edited"] == ("beware",)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_audits_are_read(path):
    read = Audit.read(path)
    assert read.manifest_sha256.startswith(path.stem)
    assert len(read.comparisons) > 10 and len(read.leakage) > 2 and read.areas
    assert all(set(one.figures) <= set(IN_WORDS) for one in read.comparisons)
    written_outcomes = {one.outcome for one in read.comparisons}
    assert written_outcomes <= {*OPEN, "gone", "nothing to tell it by", "", "not measurable"}


def test_the_schema_is_the_one_that_is_written():
    source = (PROJECT / "pipeline" / "evaluation" / "audit" / "run.py").read_text(encoding="utf-8")
    assert "from pipeline.results.audit import SCHEMA" in source and '"schema": SCHEMA' in source
    assert f"schema       {SCHEMA}" in audit.__doc__


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{", "no valid JSON"),
        ("[]", "holds no audit"),
        ("{}", "schema unknown"),
        (stored(schema=7), "schema 7"),
        (stored(comparisons=None), "damaged"),
        (stored(comparisons=[{"audit": "metadata"}]), "damaged"),
        (stored(comparisons=[comparison(chance=1.0, after=figure(0.5))]), "damaged"),
        (stored(comparisons=[comparison(after="much")]), "damaged"),
        (stored(comparisons=[comparison(after=figure("many", 0, 0))]), "damaged"),
        (stored(conditions={}), "damaged"),
        (stored(conditions=[1]), "damaged"),
        (stored(leakage=[{"split": "test"}]), "damaged"),
        (stored(consequences=["all well"]), "damaged"),
        (stored(entries=7), "damaged"),
    ],
)
def test_damage_is_said(tmp_path, data, said):
    path = written(tmp_path, data)
    with pytest.raises(BadAudit, match=said):
        Audit.read(path)
    (found,) = audits(tmp_path)
    assert found.audit is None and said in found.problem


def test_no_number_is_no_figure(tmp_path):
    nothing = {"value": None, "low": None, "high": None, "n": 0}
    rows = [comparison(outcome="not measurable", after=nothing), comparison(after=figure(float("nan"), 0.1, 0.2))]
    read = Audit.read(written(tmp_path, stored(comparisons=rows)))
    assert [one.after for one in read.comparisons] == [None, None]
    assert [one.excess for one in read.comparisons] == [-1, -1]


def test_the_newest_comes_first_and_damaged_ones_last(tmp_path):
    assert audits(tmp_path) == []
    for name, date in (("a", "2026-01-01"), ("b", "2026-03-01")):
        written(tmp_path, stored(conditions=stored()["conditions"] | {"date": date}), name)
    written(tmp_path, "{", "c")
    assert [one.path.stem for one in audits(tmp_path)] == ["b", "a", "c"]


def test_edits_of_the_same_originals_are_told_apart(tmp_path):
    rows = [comparison(scope, after=figure(0.6)) for scope in ("dfdc", "forge-dfdc", "same originals")]
    read = Audit.read(written(tmp_path, stored(comparisons=rows)))
    assert [one.same_originals for one in read.comparisons] == [False, True, True]


def test_reading_takes_no_torch():
    code = "import pipeline.results.audit, pipeline.figures.base_rates, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
