"""`sample_data` holds what its manifest says, and can be rebuilt."""

import csv
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.examining.find_faces import faces_in
from pipeline.forge import all_operations, drawn_operations
from pipeline.photo import SUFFIXES, Photo
from sample_data.make import SAMPLES, make

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
COLUMNS = ["file", "sha256", "label", "kind", "made_by", "seed", "source", "source_url_or_package", "licence", "person"]
with (FOLDER / "manifest.csv").open(newline="", encoding="utf-8") as _file:
    ROWS = list(csv.DictReader(_file))
FILES = [row["file"] for row in ROWS]
SHOWN = [row for row in ROWS if "/" not in row["file"]]


def test_every_file_is_listed_once():
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in SUFFIXES}
    assert there == set(FILES) and len(FILES) == len(set(FILES)) >= 12
    assert list(ROWS[0]) == COLUMNS


@pytest.mark.parametrize("row", ROWS, ids=FILES)
def test_a_row_is_true(row: dict[str, str]):
    data = (FOLDER / row["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == row["sha256"]
    assert len(data) < 300_000 and max(Image.open(io.BytesIO(data)).size) <= 1024
    assert row["label"] in ("real", "facetune", "deepfake")
    assert row["licence"].startswith(("public domain", "CC0")) and row["source"] and row["source_url_or_package"]


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row["file"])
def test_how_a_row_was_made(row: dict[str, str]):
    if row["made_by"] == "original":
        assert row["label"] == "real" and not row["seed"]
        return
    facts = json.loads(row["made_by"])
    one = all_operations()[facts["operation"]]
    assert (row["label"], row["kind"]) == (one.label, one.kind) and row["seed"].isdigit() and facts["steps"]
    assert bool(facts.get("donor")) == one.needs_donor == ("+" in row["person"])


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row["file"])
def test_a_face_is_found_where_one_is_said_to_be(row: dict[str, str]):
    faces = faces_in(Photo.read((FOLDER / row["file"]).read_bytes()).rgb)
    assert len(faces) == (0 if row["kind"] == "no face" else 1)


def test_the_container_does_not_tell_the_label():
    tables: dict[str, set[str]] = {}
    for row in SHOWN:
        image = Image.open(io.BytesIO((FOLDER / row["file"]).read_bytes()))
        facts = (image.format, image.size, image.layer, image.quantization, sorted(image.info))
        tables.setdefault(row["file"].split("_")[0], set()).add(repr(facts))
    assert all(len(kinds) == 1 for kinds in tables.values())


def test_all_labels_and_operations_are_shown():
    assert {row["label"] for row in SHOWN} == {"real", "facetune", "deepfake"}
    made = {json.loads(row["made_by"])["operation"] for row in SHOWN if row["made_by"] != "original"}
    assert made == set(drawn_operations(1))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_a_sample_can_be_rebuilt(sample):
    data, row = make(sample, FOLDER / "originals")
    kept = next(one for one in ROWS if one["file"] == sample.file)
    again, stored = (np.asarray(Image.open(io.BytesIO(one)), int) for one in (data, (FOLDER / row.file).read_bytes()))
    assert np.abs(again - stored).mean() < 0.5
    assert (row.label, row.kind, row.person, row.seed) == tuple(
        kept[key] for key in ("label", "kind", "person", "seed")
    )
