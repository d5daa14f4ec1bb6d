"""What can be evaluated, what is refused, and a whole evaluation of a few sample faces."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from stored import RECIPE, write_prepared

from models.release import read_release
from pipeline.crops.crops import read_store
from pipeline.crops.identity import id_of
from pipeline.crops.journal import Journal
from pipeline.crops.sampling import sample_evenly
from pipeline.errors import BadDataset, BadSetting, Contaminated, UnknownName
from pipeline.evaluation import evaluate as module
from pipeline.evaluation import predictions
from pipeline.evaluation.evaluate import EvaluationOrder, evaluate
from pipeline.evaluation.parts import Part, Parts
from pipeline.evaluation.printed import as_text
from pipeline.evaluation.targets import strength_in_words, target_of
from pipeline.figures import bootstrap
from pipeline.results.canonical import unpack_grid
from pipeline.results.evaluation import Evaluation
from pipeline.storage.whole import whole_folder

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"
PHOTOS = [
    (SAMPLES / "collins_real.jpg", "real", "one"),
    (SAMPLES / "hopper_real.jpg", "real", "one"),
    (SAMPLES / "collins_makeup.jpg", "facetune", "one"),
    (SAMPLES / "hopper_face_swap.jpg", "deepfake", "one"),
]


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Fewer draws: what is tested is not how exact they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "DRAWS", 20)
        yield


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return write_prepared(tmp_path_factory.mktemp("data") / "prepared", PHOTOS)


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory) -> Path:
    """A benchmark of one original in every class."""
    folder = tmp_path_factory.mktemp("benchmark")
    names = ("file", "mask", "sha256", "label", "kind", "strength", "group", "split", "source", "regions",
             "original_sha256", "error", "reason")  # fmt: skip
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for number, (path, label, _) in enumerate([PHOTOS[0], PHOTOS[2], PHOTOS[3]]):
            (folder / label).mkdir()
            (folder / label / path.name).write_bytes(path.read_bytes())
            known = {"file": f"{label}/{path.name}", "sha256": f"{number}" * 64, "label": label, "kind": "any"}
            known |= {"strength": "" if label == "real" else 0.35 + number / 4}
            rest = {"group": "g", "split": "test", "source": "one", "regions": "0000", "original_sha256": "ab" * 32}
            writer.writerow(known | rest)
        writer.writerow({"label": "deepfake", "source": "one", "error": "no_donor", "split": "test"})
    (folder / "recipes").mkdir()
    (folder / "run.json").write_text(json.dumps({"recipe": "0123456789abcdef", "container": "JPEG q90 4:2:0"}))
    (folder / "verification.json").write_text(json.dumps({"recipe": "same_originals", "wrong": []}))
    return folder


def test_a_prepared_folder_is_opened(store):
    target = target_of(store)
    assert target.dataset == target.split == "test" and len(target.rows) == 5
    assert target.left_out == {"no_face": {"forge-one": 1}}
    files, forged = target.rows[target.rows.path != ""], target.rows[target.rows.path == ""]
    assert len(files) == 4 and forged.id.tolist() == [id_of(forged.sha256.iloc[0], RECIPE)]
    assert forged.difficulty.tolist() == ["middle edit"] and set(files.difficulty) == {""}
    assert forged.id.iloc[0].startswith(files.id.iloc[0] + "-") and len(forged.id.iloc[0]) == 25
    faces = target.faces(target.rows)
    assert [face.size for face in faces] == pytest.approx(read_store(store).face_size[:5].tolist(), rel=1e-4)


def test_a_benchmark_is_opened(benchmark):
    target = target_of(benchmark)
    assert target.name == "same-originals@0123456789" and target.left_out == {"no_donor": {"one": 1}}
    assert sorted(target.rows.label) == ["deepfake", "facetune", "real"]
    assert set(target.rows.pair) == {"forge-abababababababab"} and set(target.rows.jpeg_quality) == {90}
    assert set(target.rows.subsampling) == {"4:2:0"} and set(target.rows.format) == {"JPEG"}
    for row in target.rows.itertuples():
        with Image.open(row.path) as picture:
            assert (row.width, row.height, row.bytes) == (*picture.size, Path(row.path).stat().st_size)
    assert [face is not None for face in target.faces(target.rows)] == [True] * 3
    strong = target.rows.set_index("label").difficulty
    assert strong.to_dict() == {"real": "", "facetune": "middle edit", "deepfake": "strong edit"}
    assert target_of(benchmark, "test").dataset == "same-originals-test"


@pytest.mark.parametrize(
    "gone, words", [("verification.json", "was not finished"), ("real/collins_real.jpg", "absent")]
)
def test_an_incomplete_benchmark_is_refused(benchmark, gone, words):
    kept = (benchmark / gone).read_bytes()
    (benchmark / gone).unlink()
    try:
        with pytest.raises(BadDataset, match=words):
            target_of(benchmark)
    finally:
        (benchmark / gone).write_bytes(kept)


@pytest.mark.parametrize("cut, words", [(3000, "cannot be read: .*"), (0, "cannot be opened: ")])
def test_a_photo_that_cannot_be_read_is_named(benchmark, cut, words):
    target, path = target_of(benchmark), benchmark / "real" / "collins_real.jpg"
    kept = path.read_bytes()
    path.unlink()
    if cut:
        path.write_bytes(kept[:cut])
    try:
        with pytest.raises(BadDataset, match=rf"collins_real\.jpg {words}.*build it again"):
            target.faces(target.rows)
    finally:
        path.write_bytes(kept)


def test_what_cannot_be_evaluated_is_refused(store, benchmark, tmp_path):
    with pytest.raises(BadDataset, match="neither a folder"):
        target_of(tmp_path)
    with pytest.raises(BadDataset, match="no usable photo of split 'unseen'"):
        target_of(store, "unseen")
    with pytest.raises(BadDataset, match="no usable photo"):
        target_of(benchmark, "val")
    with pytest.raises(UnknownName, match="split"):
        target_of(store, "tset")
    (tmp_path / "crops.parquet").write_bytes((store / "crops.parquet").read_bytes())
    with pytest.raises(BadDataset, match=r"lacks crops\.npy"):
        target_of(tmp_path)
    (tmp_path / "crops.npy").write_bytes((store / "crops.npy").read_bytes())
    np.save(tmp_path / "landmarks.npy", np.load(store / "landmarks.npy") * 0.8)
    with pytest.raises(BadDataset, match="times as wide as the faces"):
        target_of(tmp_path)


@pytest.mark.parametrize(
    ("strength", "words"),
    [(0.35, "weak edit"), ("0.499", "weak edit"), (0.5, "middle edit"), (0.8, "strong edit"), ("", ""), (None, "")],
)
def test_a_strength_is_said_in_words(strength, words):
    assert strength_in_words(strength) == words


def test_a_sample_takes_small_strata_whole_and_the_others_alike():
    rows = pd.DataFrame({"source": ["a"] * 50 + ["b"] * 3 + ["c"] * 40, "label": "real"})
    rows["sha256"] = [f"{row:064x}" for row in range(93)]
    sample = sample_evenly(rows, 23, seed=1)
    assert sample.source.value_counts().to_dict() == {"a": 10, "c": 10, "b": 3}
    assert sample.index.is_monotonic_increasing and sample.index.equals(sample_evenly(rows, 23, seed=1).index)
    assert not sample.index.equals(sample_evenly(rows, 23, seed=2).index) and len(sample_evenly(rows, 1000, 1)) == 93
    for gone in (0, 30, 60, 92):
        assert len(set(sample.sha256) - set(sample_evenly(rows.drop(gone), 23, 1).sha256)) <= 1, "the others stay"
    with pytest.raises(BadSetting):
        sample_evenly(rows, 0, 1)


@pytest.fixture(scope="module")
def evaluation(store, tmp_path_factory) -> Path:
    return evaluate(
        EvaluationOrder(read_release("quick").name, store, out=tmp_path_factory.mktemp("out"), tier_photos=1)
    )


def test_a_whole_evaluation(evaluation, store):
    read = Evaluation.read(evaluation)
    assert evaluation.parent.name == read_release("quick").name and evaluation.name.startswith("test@")
    assert read.run["n"] == 5 and read.run["left_out"] == {"no_face": {"forge-one": 1}}
    assert read.run["weights"] and read.run["manifest_sha256"] and read.run["date"]
    assert len(read.tiers) == 6 and set(read.metrics["tiers"]) == set(read.tiers.tier)
    rows = read.predictions
    assert rows.p_deepfake.between(0, 1).all(), "the second stage is asked of every photo"
    assert rows.id.is_unique and rows.p_left_eye.notna().all()
    assert all(np.isfinite(unpack_grid(text)).mean() > 0.8 for text in rows.heatmap)
    assert "cascade errors" in as_text(evaluation)


def test_a_photo_s_numbers_are_those_of_the_app(evaluation, cascade, collins):
    from pipeline.cascade import examine

    row = Evaluation.read(evaluation).predictions.set_index("id").loc[collins.sha256[:16]]
    verdict = examine(collins, cascade, heatmaps=False).verdict
    assert row.p_edited == pytest.approx(verdict.edited.probability, abs=0.1), "the crop is cut from a wider one"
    assert row.logit_edited * cascade.release.edited.slope + cascade.release.edited.intercept == pytest.approx(
        np.log(row.p_edited / (1 - row.p_edited)), abs=1e-3
    )


def test_a_failing_evaluation_leaves_the_older_one_and_nothing_else(evaluation, store, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "figures", stop)
    before = (evaluation / "predictions.csv").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        evaluate(EvaluationOrder(read_release("quick").name, store, out=evaluation.parents[1], tiers=False))
    assert [path.name for path in evaluation.parent.iterdir()] == [evaluation.name]
    assert (evaluation / "predictions.csv").read_bytes() == before


def test_a_killed_evaluation_goes_on_where_it_was(evaluation, store, tmp_path, monkeypatch):
    for left in store.glob("measuring-*"):
        left.unlink()
    monkeypatch.setattr(predictions, "TOGETHER", 2)
    asked, ask = [], predictions.Batch.ask

    def kill_at_three(cascade, target, rows):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(rows.id.tolist())
        return ask(cascade, target, rows)

    order = EvaluationOrder(read_release("quick").name, store, out=tmp_path, tier_photos=1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(predictions.Batch, "ask", kill_at_three)
        evaluate(order)
    (journal,) = store.glob("measuring-*")
    kept = [json.loads(line)["index"] for line in journal.read_text().splitlines()[1:]]
    assert len(kept) == 2 and all(name.startswith("predictions-") for name in kept)
    assert not any(tmp_path.glob("*/test@*"))
    monkeypatch.setattr(predictions.Batch, "ask", lambda *given: asked.append(given[2].id.tolist()) or ask(*given))
    folder = evaluate(order)
    assert [len(ids) for ids in asked] == [2, 2, 1] and len({one for ids in asked for one in ids}) == 5, (
        "no photo is scored twice"
    )
    for name in ("predictions.csv", "tiers.csv", "metrics.json", "features.safetensors"):
        assert (folder / name).read_bytes() == (evaluation / name).read_bytes(), name
    assert json.loads((folder / "run.json").read_text())["parts of an earlier, killed call"] == 2
    assert not any(store.glob("measuring-*")), "what is whole needs no parts"


def test_parts_of_photos_of_which_other_facts_are_known_do_not_count(store, cascade):
    """A table keeps its revision where groups or kinds are put right, and parts hold them."""
    target = target_of(store)
    head = module._head(cascade, target)
    for name in ("group", "kind", "source", "pair", "difficulty", "regions"):
        rows = target.rows.assign(**{name: target.rows[name].where(target.rows.index != 2, "other")})
        assert module._head(cascade, replace(target, rows=rows)) != head, name
    moved = replace(target, rows=target.rows.assign(path="/elsewhere"))
    assert module._head(cascade, moved) == head == module._head(cascade, target_of(store))


def test_parts_of_another_release_do_not_count(tmp_path):
    made = []

    def measure() -> Part:
        made.append(1)
        return Part("a,1\n", np.ones((1, 3), np.float32))

    for head in ({"release": "one"}, {"release": "one"}, {"release": "two"}):
        part = Parts(Journal(tmp_path / "parts.journal", head)).get("predictions", ["a"], measure)
        assert part.lines == "a,1\n" and part.features.tolist() == [[1, 1, 1]]
    assert len(made) == 2


def test_what_a_kill_left_behind_is_put_right(tmp_path):
    (tmp_path / "unfinished-test-0").mkdir()
    (tmp_path / "replaced-test-0").mkdir()
    (tmp_path / "replaced-test-0" / "older").touch()
    with pytest.raises(KeyError), whole_folder(tmp_path / "test@0") as part:
        assert not any(part.iterdir())
        raise KeyError
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["test@0", "test@0/older"]
    with whole_folder(tmp_path / "test@0") as part:
        (part / "newer").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["test@0", "test@0/newer"]


def test_a_trial_is_kept_apart(store, tmp_path):
    with pytest.raises(BadSetting, match="--out"):
        evaluate(EvaluationOrder(read_release("quick").name, store, most=2))
    folder = evaluate(EvaluationOrder(read_release("quick").name, store, out=tmp_path, most=2, tiers=False))
    assert Evaluation.read(folder).run["most"] == 2 and not (folder / "tiers.csv").exists()
    assert "a trial on 2 photos" in as_text(folder)


def test_unknown_releases_and_contaminated_photos_are_refused(store, tmp_path, monkeypatch):
    with pytest.raises(UnknownName, match="release"):
        evaluate(EvaluationOrder("0000", store, out=tmp_path))
    sha256 = read_store(store).sha256[0]
    monkeypatch.setattr("models.card.Card.photos", lambda card, root: {sha256[:16]})
    with pytest.raises(Contaminated, match=sha256[:16]):
        evaluate(EvaluationOrder(read_release("quick").name, store, out=tmp_path))
    assert not any(tmp_path.iterdir()), "refused before anything is written"
