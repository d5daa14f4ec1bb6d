"""A run over one that stands there: its manifest never tells of other bytes than those of its pictures."""

import csv
from pathlib import Path

import pytest

from pipeline.datasets import dataset
from pipeline.forge import fulfil
from pipeline.forge.encoding import digest, write_resumable
from tests.pipeline.forge.test_workshop import crowd, listed, made, run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    run(crowd(tmp_path / "in", 2), tmp_path / "out", names=("self_blend",))
    return tmp_path / "out"


@pytest.fixture
def listed_meanwhile(out: Path, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that fills with whether there was a manifest when each picture or mask was written."""
    found: list[bool] = []

    def write(path: Path, data: bytes) -> None:
        if path.suffix == ".png":
            found.append((out / "manifest.csv").exists())
        write_resumable(path, data)

    monkeypatch.setattr(fulfil, "write_resumable", write)
    return found


def test_the_manifest_goes_before_pictures_are_made_anew(out, listed_meanwhile):
    before = made(out)
    for path in (out / "recipes").iterdir():
        path.write_text("{}")
    run(out.parent / "in", out, names=("self_blend",))
    assert listed_meanwhile == [False] * 6 and made(out) == before


def test_the_manifest_stays_where_pictures_are_only_added(out, listed_meanwhile):
    run(out.parent / "in", out, names=("makeup", "self_blend"))
    assert listed_meanwhile == [True] * 4 and len(listed(out)) == 6


def test_the_dataset_tells_the_hash_of_each_picture_and_of_who_lent_where_the_manifest_has_it(out):
    assert all(one.told_sha256 == digest(one.path.read_bytes()) for one in dataset("forged").records(out))
    rows = [{name: text for name, text in row.items() if name != "sha256"} for row in listed(out)]
    rows = [row | {"donor_sha256": "ab" * 32 if row["label"] == "deepfake" else ""} for row in rows]
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    made = list(dataset("forged").records(out))
    assert [one.told_sha256 for one in made] == [""] * 4
    assert {one.label: one.donor for one in made} == {"real": "", "deepfake": "ab" * 8}
