"""A batch by the quick release's own networks: the rows of `examine`, the summary, and the command line."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.release import read_release
from pipeline.__main__ import app
from pipeline.bulk import batch, ray_engine
from pipeline.bulk.order import Order
from pipeline.bulk.parts import SCHEMA, read_rows
from pipeline.bulk.plan import SUMMARY
from pipeline.errors import BadSetting, EngineMissing
from pipeline.records import COLUMNS, flat

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Photos with faces and without, one cut short, what is no photo, and an archive."""
    folder = tmp_path_factory.mktemp("batch") / "in"
    (folder / "deep").mkdir(parents=True)
    for name in ("hopper_face_swap.jpg", "collins_real.jpg", "coffee_no_face.jpg"):
        shutil.copy(SAMPLES / name, folder / "deep" / f"={name}")
    data = (SAMPLES / "hopper_real.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(data[: len(data) // 2])
    (folder / "no.jpg").write_bytes(b"no photo")
    (folder / "notes.txt").write_text("no photo")
    (folder / b"\xe4.jpg".decode("utf-8", "surrogateescape")).write_bytes(b"")
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        archive.write(SAMPLES / "collins_face_swap.jpg", "c.jpg")
        archive.writestr("n.txt", "no photo")
    return folder


def command(*arguments: object):
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_a_batch_gives_the_rows_of_examine(folder, tmp_path):
    done = command("batch", folder, "--out", tmp_path / "out", "--release", "quick", "--workers", 1)
    assert done.exit_code == 1, done.output
    lines = tmp_path / "out.jsonl"
    assert command("examine", folder, "--recursive", "--release", "quick", "--out", lines).exit_code == 1
    examined = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    table = read_rows(tmp_path / "out")
    assert table.schema == SCHEMA and len(table) == len(examined) == 7
    for row, record in zip(table.to_pylist(), examined, strict=True):
        expected = {name: None if value == "" else value for name, value in flat(record).items()}
        expected |= {"path": record["path"], "partial": bool(record.get("partial", False))}
        expected["faces"] = expected["faces"] if "error" not in record else None
        assert {name: row[name] for name in COLUMNS if name != "ms"} == {
            name: expected[name] for name in COLUMNS if name != "ms"
        }
        assert row["name_bytes"] == record.get("name_bytes") and row["stands_for"] == 1
    kept = json.loads((tmp_path / "out" / SUMMARY).read_text(encoding="utf-8"))
    account = json.loads((tmp_path / "out.jsonl.summary.json").read_text(encoding="utf-8"))
    assert {name: kept[name] for name in ("handed_over", "examined", "refused", "left_out", "sentence")} == {
        name: account[name] for name in ("handed_over", "examined", "refused", "left_out", "sentence")
    }
    assert kept["judged_by"] == {read_release("quick").name: 4} and sum(kept["verdicts"].values()) == 4
    assert kept["complete"] and kept["core_hours_a_million"] > 0 and kept["versions"]["onnxruntime"]


def test_bad_usage_is_said_and_ends_with_2(tmp_path):
    for arguments in (["/there/is/nothing"], [SAMPLES, "--engine", "abacus"], [SAMPLES, "--workers", "-1"]):
        assert command("batch", *arguments, "--out", tmp_path / "out").exit_code != 0
    assert not (tmp_path / "out").exists()
    with pytest.raises(BadSetting, match="local, ray"):
        batch.hire_of("abacus")
    with pytest.raises(BadSetting, match="leave out --release"):
        batch.run(batch.Batch(str(SAMPLES), tmp_path / "out", release="quick", sieve=True))


def test_an_engine_that_is_not_installed_is_named_with_its_requirements(monkeypatch):
    monkeypatch.setattr(ray_engine, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match=r"requirements-ray\.txt"):
        batch.hire_of("ray")
    requirements = Path(__file__).resolve().parents[3] / "requirements-ray.txt"
    assert "ray[data]==" in requirements.read_text(encoding="utf-8")
    assert "requirements-ray.txt" in EngineMissing.advice


def test_there_are_no_more_workers_than_memory_holds(monkeypatch):
    quick, thorough = Order(read_release("quick").name), Order(read_release("thorough").name)
    monkeypatch.setattr(batch, "cores", lambda: 8)
    monkeypatch.setattr(batch, "_free_megabytes", lambda: 3000)
    assert batch.default_workers(quick) == 3000 // batch.MEMORY[True]
    assert batch.default_workers(thorough) == 3000 // batch.MEMORY[False]
    monkeypatch.setattr(batch, "_free_megabytes", lambda: 10)
    assert batch.default_workers(thorough) == 1
