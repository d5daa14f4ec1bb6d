"""The specification is complete, its examples are true, and the service keeps to it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from pipeline.api import examples, schemas
from pipeline.api.keys import SCOPES
from pipeline.api.problems import STATUS
from pipeline.errors import TriageError


def test_every_operation_says_what_it_is_takes_and_answers(spec):
    operations = [(path, method, each) for path, item in spec["paths"].items() for method, each in item.items()]
    assert len(operations) == 13
    for path, method, each in operations:
        assert each["summary"] and each["description"] and each["tags"], (path, method)
        probe = path in ("/healthz", "/readyz")
        assert probe or (each["security"] == [{"key": []}] and {"401", "403", "429"} <= set(each["responses"]))
        assert all(answer["description"] for answer in each["responses"].values())
        assert ("requestBody" in each) == (method == "post")
        for parameter in each.get("parameters", []):
            assert parameter["description"]
    assert "HTTPValidationError" not in spec["components"]["schemas"]
    assert spec["info"]["description"].count("never says that a photo is genuine") == 1


@pytest.mark.parametrize(
    ("model", "example"),
    [(schemas.Problem, examples.PROBLEM), (schemas.Photo, examples.PHOTO), (schemas.Label, examples.LABEL),
     (schemas.Examinations, examples.EXAMINATIONS), (schemas.JobAnswer, examples.JOB)],
)  # fmt: skip
def test_its_examples_are_true(spec, model, example):
    TypeAdapter(model).validate_python(example, strict=True)
    assert spec["components"]["schemas"][model.__name__]["examples"] == [example]


def test_every_status_stands_for_codes_that_there_are():
    def kinds(kind):
        return {kind}.union(*(kinds(each) for each in kind.__subclasses__()))

    assert set(STATUS) <= {kind.code for kind in kinds(TriageError)}


def fuzz(url: str, key: str, folder: Path, *more: str) -> None:
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{url}/openapi.json", "--seed", "1"]
    command += ["-H", f"Authorization: Bearer {key}", "-n", "8", "--phases", "examples,coverage,fuzzing", "--no-shrink"]
    command += ["--generation-database", "none", "--warnings", "off", *more]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_service_keeps_to_its_specification(serving, keys, tmp_path):
    """Whatever schemathesis sends, right or wrong; no answer is of another form, and none is a fault."""
    api = serving(api_rate=1_000_000)
    _, shown = keys.make("all", tuple(SCOPES))
    fuzz(api.url, shown, tmp_path, "--exclude-operation-id-regex", "make_v1_jobs")
    # an address may be of the right form, and of a host that nobody knows
    only = ("--include-operation-id-regex", "make_v1_jobs", "--exclude-checks", "positive_data_acceptance")
    fuzz(api.url, shown, tmp_path, *only)
    figures = api.client.get("/metrics", headers={"Authorization": f"Bearer {shown}"}).text
    assert 'status="500"' not in figures and figures.count("telltale_requests_total{") > 15
