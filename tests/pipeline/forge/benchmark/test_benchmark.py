"""The same-originals benchmark: planned once, rebuilt anywhere, checked picture by picture."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.datasets import dataset
from pipeline.errors import BadDataset, BadRecipe, MissingOriginals, OtherRun
from pipeline.forge import operation
from pipeline.forge.benchmark import build as rebuilding
from pipeline.forge.benchmark.build import benchmark
from pipeline.forge.benchmark.fingerprint import Fingerprint, fingerprint
from pipeline.forge.benchmark.plan import PlanRules, plan
from pipeline.forge.benchmark.recipe import Recipe

SAMPLES = Path(__file__).resolve().parents[4] / "sample_data"
RECIPE = SAMPLES / "benchmark.json"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, rebuilding.Verification]:
    out = tmp_path_factory.mktemp("benchmark") / "out"
    return out, benchmark(RECIPE, [SAMPLES / "originals"], out, workers=1)


def altered(path: Path, change) -> Path:
    """Write the sample recipe with a change to its JSON."""
    known = json.loads(RECIPE.read_text(encoding="utf-8"))
    change(known)
    path.write_text(json.dumps(known), encoding="utf-8")
    return path


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_samples_are_rebuilt_as_planned(rebuilt):
    out, checked = rebuilt
    assert checked.passed, checked.text()
    assert checked.counts.total() == 14 and set(checked.counts) <= {"same", "near"}
    assert json.loads((out / "verification.json").read_bytes())["counts"] == dict(checked.counts)


def test_every_original_is_there_in_every_class_at_one_size_and_in_one_container(rebuilt):
    by_original: dict[str, set[str]] = {}
    for row in rows(rebuilt[0]):
        assert not row["error"]
        image = Image.open(io.BytesIO((rebuilt[0] / row["file"]).read_bytes()))
        facts = repr((image.format, image.size, image.layer, image.quantization, sorted(image.info)))
        by_original.setdefault(row["original_sha256"], set()).add(facts)
    assert len(by_original) == 2 and all(len(facts) == 1 for facts in by_original.values())
    for sha256 in by_original:
        labels = [row["label"] for row in rows(rebuilt[0]) if row["original_sha256"] == sha256]
        assert {label: labels.count(label) for label in set(labels)} == {"real": 1, "facetune": 3, "deepfake": 3}


def test_the_dataset_reads_it(rebuilt):
    records = list(dataset("forged").records(rebuilt[0]))
    assert len(records) == 14 and {record.split for record in records} == {"test"}


def test_the_recipe_holds_no_path_and_no_picture():
    recipe = Recipe.read(RECIPE)
    assert str(recipe.container) == "JPEG q90 4:2:0" and len(recipe.originals) == 2
    assert "/" not in RECIPE.read_text(encoding="utf-8") and RECIPE.stat().st_size < 20_000
    for one in recipe.originals:
        others = {other.sha256 for other in recipe.originals if other.split == one.split and other.group != one.group}
        assert {edit.donor for edit in one.edits if edit.donor} <= others
        assert all(
            bool(edit.donor) == any(operation(name).needs_donor for name in edit.operations) for edit in one.edits
        )


def test_a_recipe_survives_writing(tmp_path: Path):
    Recipe.read(RECIPE).write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == RECIPE.read_bytes()


def test_a_plan_is_the_same_each_time_and_takes_only_what_can_be_edited(tmp_path: Path):
    shutil.copytree(SAMPLES / "originals", tmp_path / "in")
    (tmp_path / "in" / "broken.jpg").write_bytes(b"no photo")
    plans = [plan(tmp_path / f"{number}.json", [tmp_path / "in"], PlanRules(seed=7), workers=1) for number in range(2)]
    assert plans[0].originals == plans[1].originals and len(plans[0].originals) == 2
    for one in plans[0].originals:
        assert [operation(edit.operations[0]).label for edit in one.edits] == ["facetune", "deepfake"]
    assert benchmark(tmp_path / "0.json", [tmp_path / "in"], tmp_path / "out", workers=1).counts == {"same": 6}
    assert len(plan(tmp_path / "few.json", [tmp_path / "in"], PlanRules(seed=7, most=1), workers=1).originals) == 1


def test_nothing_to_plan(tmp_path: Path):
    shutil.copy(SAMPLES / "originals" / "coffee.jpg", tmp_path)
    with pytest.raises(BadDataset, match="both kinds"):
        plan(tmp_path / "recipe.json", [tmp_path], PlanRules(), workers=1)
    assert not (tmp_path / "recipe.json").exists()


def test_missing_originals_are_named(tmp_path: Path):
    shutil.copy(SAMPLES / "originals" / "hopper.jpg", tmp_path / "any name.jpg")
    collins = next(one for one in Recipe.read(RECIPE).hashes() if one.startswith("af15b18c"))
    with pytest.raises(MissingOriginals, match=f"1 of 2 originals .*\n  {collins}  originals"):
        benchmark(RECIPE, [tmp_path], tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


def test_a_picture_that_came_out_otherwise_is_told(rebuilt, tmp_path: Path):
    def swap(known) -> None:
        known["libraries"]["opencv"] = "0.1"
        known["originals"][0]["edits"][4]["pixels"] = known["originals"][0]["pixels"] | {"change": 12.0}

    checked = benchmark(altered(tmp_path / "r.json", swap), [SAMPLES / "originals"], tmp_path / "out", workers=1)
    assert not checked.passed and checked.counts["different"] == 1
    assert "face_swap" in checked.wrong[0] and "opencv 0.1" in checked.text()


def test_another_recipe_wants_another_folder(rebuilt, tmp_path: Path):
    other = altered(tmp_path / "r.json", lambda known: known.update(seed=1))
    with pytest.raises(OtherRun):
        benchmark(other, [SAMPLES / "originals"], rebuilt[0], workers=1)


DAMAGE = {
    "lacking": lambda known: known.pop("seed"),
    "of the future": lambda known: known.update(forge=99),
    "no container": lambda known: known.update(container="GIF"),
    "no list": lambda known: known.update(originals=3),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_recipe_that_cannot_be_read(tmp_path: Path, name: str):
    with pytest.raises(BadRecipe):
        Recipe.read(altered(tmp_path / "r.json", DAMAGE[name]))


def test_no_recipe_at_all(tmp_path: Path):
    (tmp_path / "r.json").write_text("none")
    for path, reason in ((tmp_path / "r.json", "no valid JSON"), (tmp_path / "absent.json", "no whole recipe")):
        with pytest.raises(BadRecipe, match=reason):
            Recipe.read(path)


def photo(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (90, 120, 3)).astype(np.uint8)


@pytest.mark.parametrize("level", [0.3, 1.0, 4.0])
def test_projections_tell_how_far_pictures_are_apart(level: float):
    base = photo(0).clip(20, 235)
    noise = np.random.default_rng(1).normal(0, level, base.shape[:2])[..., None]
    other = np.rint(base + noise).astype(np.uint8)
    true = float(np.sqrt(((other.astype(float) - base).mean(axis=2) ** 2).mean()))
    assert fingerprint(base).apart(fingerprint(other)) == pytest.approx(true, rel=0.5)


def test_same_near_and_different():
    base = photo(0).clip(20, 235)
    rounded = base.copy()
    rounded[::40, ::40] += 1
    kept = fingerprint(base)
    assert kept.against(fingerprint(base.copy())) == "same"
    assert kept.against(fingerprint(rounded)) == "near"
    assert kept.against(fingerprint(photo(1))) == "different"
    slight = base.copy()
    slight[30:40, 30:40] += 10
    edit = fingerprint(slight, base)
    assert edit.against(kept) == "different", "an edit that was left out is never near"
    assert Fingerprint.from_dict(json.loads(json.dumps(edit.as_dict()))) == edit


def test_a_turned_picture_is_another():
    assert fingerprint(photo(0)).sha256 != fingerprint(photo(0).reshape(120, 90, 3)).sha256
