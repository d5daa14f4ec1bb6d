"""`baseline`: what can be learned is learned, what is written is whole and readable, bad input is told."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.crops.crops import TABLE
from pipeline.errors import BadDataset, LeakyManifest, UnknownName
from pipeline.evaluation.baselines import run as module
from pipeline.evaluation.baselines import svm
from pipeline.evaluation.baselines.run import BaselineOrder, baseline
from pipeline.figures import bootstrap
from tests.pipeline.evaluation.baselines.baseline_stores import store

FEW = tuple(one for one in svm.CANDIDATES if one.weighting == "classes" and one.family == "both")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(bootstrap, "DRAWS", 20)
    monkeypatch.setattr(svm, "PASSES", 4)
    monkeypatch.setattr(svm.fit_svm, "__defaults__", (1, FEW))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return store(tmp_path_factory.mktemp("prepared"))


def read(folder):
    metrics, conditions = (json.loads((folder / name).read_text()) for name in ("metrics.json", "run.json"))
    return metrics, conditions, pd.read_csv(folder / "predictions.csv", keep_default_na=False)


def copy_with(prepared, folder, **columns):
    """A copy of a prepared folder whose table has other columns."""
    for name in ("crops.npy", "landmarks.npy"):
        (folder / name).symlink_to(prepared / name)
    pd.read_parquet(prepared / TABLE).assign(**columns).to_parquet(folder / TABLE, index=False)
    return folder


def test_a_support_vector_machine_learns_both_stages(prepared, tmp_path):
    (folder,) = baseline(BaselineOrder("svm", prepared, tmp_path / "out", workers=1, home=tmp_path / "home"))
    metrics, conditions, table = read(folder)
    assert folder.parent == tmp_path / "home" / "baselines" / "svm" and re.fullmatch(r"test@[0-9a-f]{10}", folder.name)
    assert metrics["edited"]["made"]["AUC"]["value"] > 0.95 and metrics["deepfake"]["all"]["AUC"]["value"] > 0.95
    assert len(table) == conditions["n"] == 17 and table.id.is_unique
    assert conditions["left_out"] == {"no_face": {"made": 1}} and conditions["baseline"]["edited"]["trained on"] == 30
    assert len(conditions["baseline"]["edited"]["tried on validation"]) == len(FEW)
    assert set(table.verdict) <= {"real", "deepfake", "facetune"} and (table.verdict == table.forced).all()
    assert table.p_edited.between(0, 1).all() and table.p_deepfake.between(0, 1).all()


def test_what_is_trained_here_takes_no_finished_run(prepared, tmp_path):
    with pytest.raises(BadDataset, match="'majority' is trained here"):
        baseline(BaselineOrder("majority", prepared, tmp_path, home=tmp_path, runs=[tmp_path]))


def test_the_same_seed_gives_the_same_figures(prepared, tmp_path):
    folders = [
        baseline(BaselineOrder("svm", prepared, tmp_path / "out", workers=1, home=tmp_path / name))[0] for name in "ab"
    ]
    assert (folders[0] / "metrics.json").read_bytes() == (folders[1] / "metrics.json").read_bytes()
    assert (folders[0] / "predictions.csv").read_bytes() == (folders[1] / "predictions.csv").read_bytes()


def test_facts_of_files_tell_what_they_can_and_forged_rows_are_left_out(prepared, tmp_path):
    (folder,) = baseline(BaselineOrder("metadata", prepared, tmp_path / "out", home=tmp_path))
    metrics, conditions, table = read(folder)
    assert not table.source.str.startswith("forge-").any() and set(metrics["joint"]) == {"collections"}
    assert conditions["n"] == len(table) and sum(conditions["not_judged"].values()) == 17 - len(table)
    assert metrics["deepfake"]["all"]["AUC"]["value"] > 0.9  # its quality tells
    p_edited = table.set_index("id").p_edited
    assert p_edited[table.label.to_numpy() == "deepfake"].min() > p_edited[table.label.to_numpy() == "real"].max()


def test_a_table_of_quantisation_that_was_never_seen_is_no_error(prepared, tmp_path):
    tables = pd.read_parquet(prepared / TABLE)
    odd = tables.jpeg_tables.where(tables.split != "test", "never seen")
    (tmp_path / "odd").mkdir()
    (folder,) = baseline(
        BaselineOrder("metadata", copy_with(prepared, tmp_path / "odd", jpeg_tables=odd), tmp_path, home=tmp_path)
    )
    assert read(folder)[2].p_edited.notna().all()


def test_the_commonest_class_is_chance(prepared, tmp_path):
    tables = pd.read_parquet(prepared / TABLE)
    (tmp_path / "odd").mkdir()
    kinds = tables.label.where(
        (tables.split != "train") | (tables.index % 3 > 0) | (tables.label != "real"), "facetune"
    )
    (folder,) = baseline(
        BaselineOrder("majority", copy_with(prepared, tmp_path / "odd", label=kinds), tmp_path, home=tmp_path)
    )
    metrics, conditions, table = read(folder)
    assert set(table.verdict) == {"facetune"} and metrics["edited"]["collections"]["AUC"]["value"] == 0.5
    assert metrics["joint"]["with forgeries"]["macro-F1"]["value"] == pytest.approx(2 * 5 / (17 + 5) / 3, abs=1e-4)
    assert conditions["baseline"]["shares of the training photos"]["facetune"] > 0.4


def test_unseen_sources_are_measured_too(prepared, tmp_path):
    split = pd.read_parquet(prepared / TABLE).split
    split.iloc[-9:] = "unseen"
    (tmp_path / "more").mkdir()
    folders = baseline(
        BaselineOrder("majority", copy_with(prepared, tmp_path / "more", split=split), tmp_path, home=tmp_path)
    )
    assert [folder.name.partition("@")[0] for folder in folders] == ["test", "unseen"]


def test_what_was_left_out_is_counted_by_reason(prepared, tmp_path):
    table = pd.read_parquet(prepared / TABLE)
    forged = table.index[(table.source == "forge-made") & (table.error == "")][:2]
    (tmp_path / "odd").mkdir()
    error = table.error.where(~table.index.isin(forged), "nothing_to_edit: no blemish was found")
    store_of = copy_with(prepared, tmp_path / "odd", error=error)
    (folder,) = baseline(BaselineOrder("majority", store_of, tmp_path, home=tmp_path))
    conditions = read(folder)[1]
    assert conditions["left_out"] == {"no_face": {"made": 1}, "nothing_to_edit": {"forge-made": 2}}
    assert conditions["n"] == 15


def test_a_trial_is_written_beside_its_features_only(prepared, tmp_path):
    (folder,) = baseline(BaselineOrder("majority", prepared, tmp_path / "out", most=3, home=tmp_path / "home"))
    assert folder.is_relative_to(tmp_path / "out") and not (tmp_path / "home").exists()
    assert read(folder)[1]["most"] == 3


def test_a_kill_while_writing_leaves_the_older_evaluation(prepared, tmp_path, monkeypatch):
    (folder,) = baseline(BaselineOrder("majority", prepared, tmp_path, home=tmp_path))
    before = (folder / "metrics.json").read_bytes()

    def be_killed(_table):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "baseline_figures", be_killed)
    with pytest.raises(KeyboardInterrupt):
        baseline(BaselineOrder("majority", prepared, tmp_path, home=tmp_path))
    assert (folder / "metrics.json").read_bytes() == before


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"label": "real"}, BadDataset, "'edited' needs real and edited photos in split 'train'.*there are real"),
        ({"label": "deepfake"}, BadDataset, "there are deepfake"),
        ({"split": "train"}, BadDataset, "no usable photo of split 'test'"),
        ({"group": "one person"}, LeakyManifest, "values of group are in two splits"),
    ],
)
def test_bad_manifests_are_told(prepared, tmp_path, columns, error, words):
    for name in ("svm", "majority"):
        (tmp_path / name).mkdir()
        with pytest.raises(error, match=words):
            baseline(
                BaselineOrder(
                    name, copy_with(prepared, tmp_path / name, **columns), tmp_path / "out", home=tmp_path / "home"
                )
            )
    assert not (tmp_path / "home").exists()


def test_edits_of_one_kind_are_told(prepared, tmp_path):
    labels = pd.read_parquet(prepared / TABLE).label.replace("facetune", "deepfake")
    with pytest.raises(BadDataset, match="'deepfake' needs deepfake and facetune photos"):
        baseline(BaselineOrder("svm", copy_with(prepared, tmp_path, label=labels), tmp_path / "out", home=tmp_path))
    assert not (tmp_path / "out").exists()  # told before the features are made


def test_no_crops_and_unknown_names_are_told(prepared, tmp_path):
    with pytest.raises(BadDataset, match="prepare --crops"):
        baseline(BaselineOrder("svm", tmp_path, tmp_path / "out"))
    with pytest.raises(UnknownName, match="svm"):
        baseline(BaselineOrder("smv", prepared, tmp_path / "out"))


def test_the_command_prints_the_figures(prepared, tmp_path):
    command = ["baseline", "majority", str(prepared), "--out", str(tmp_path), "--most", "4"]
    printed = CliRunner().invoke(app, command, catch_exceptions=False)
    assert printed.exit_code == 0 and re.search(r"majority on test@\w+.*\n.*AUC 0\.50 ", printed.output)


def test_a_chunk_is_all_that_is_in_memory(prepared, tmp_path, monkeypatch):
    """Features are asked for in chunks, never all at once."""
    from pipeline.evaluation.baselines.cache import Features, cache_features

    monkeypatch.setattr(svm, "CHUNK", 8)
    monkeypatch.setattr(svm, "LANDMARKS", 8)
    asked = []
    of = Features.of
    monkeypatch.setattr(Features, "of", lambda self, rows: asked.append(len(rows)) or of(self, rows))
    table = pd.read_parquet(prepared / TABLE)
    table = table[table.error == ""]
    features = cache_features(prepared, table, tmp_path, workers=1)
    train, val = table[table.split == "train"], table[table.split == "val"]
    truths = tuple((part.label != "real").to_numpy(int) for part in (train, val))
    machine = svm.fit_svm(features, train, val, truths, 1, FEW)
    assert len(machine.scores(features, val.index.to_numpy())) == len(val)
    assert max(asked) == 8 and np.sum(asked) > len(train)
