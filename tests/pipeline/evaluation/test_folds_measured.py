"""`folds`: each photo is scored by the network that it was held out from, and runs that do not fit are refused."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from models.card import prefixes
from pipeline.crops import masks
from pipeline.crops.crops import MASKS, TABLE, read_store
from pipeline.crops.identity import revision
from pipeline.errors import BadDataset, NotCalibrated, TrainingFailed
from pipeline.evaluation.baselines import networks
from pipeline.evaluation.folds import as_text, fold_figures, measure_folds
from pipeline.figures import bootstrap
from pipeline.results.folds import COLUMNS, WITHIN, Folded, by_folds
from pipeline.training import source
from pipeline.training.checkpoint import start_run, starting_weights
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.folds import Fold, with_fold
from pipeline.training.parallel import Place
from pipeline.training.publish import Trained, publish
from pipeline.training.train import train

BASE = {
    "stage": "edited", "architecture": "small", "outputs": 5, "pretrained": False, "epochs": 1, "batch_size": 4,
    "train_size": 64, "learning_rate": 0.003, "bf16": False, "pools": {"*": 4},
}  # fmt: skip
OF = 3
WRONG = 9.0
"""The bias of a network that says the opposite of what is there."""

pytestmark = pytest.mark.usefixtures("small")


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate(BASE | changes)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(bootstrap, "DRAWS", 20)


def write_run(folder, asked: TrainConfig, data: str, photos: tuple[str, ...] = (), bias: float | None = None):
    """Write a finished run in which nothing was learned; the network of fold n says n more than that of fold 0."""
    run = start_run(asked, Place(0, 1, torch.device("cpu")))
    run.epoch, run.history, run.data, run.photos = 1, [{"epoch": 0, "seconds": 7}], data, photos
    with torch.no_grad():
        run.average.module.head[-1].bias.fill_((asked.fold.number if asked.fold else 0) if bias is None else bias)
    folder.mkdir()
    torch.save(run.state(), folder / "checkpoint.pt")
    return folder


@pytest.fixture(scope="module")
def data(store):
    return revision(read_store(store))


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data, small):
    """Finished runs of the folds of the collection a, the last first."""
    home = tmp_path_factory.mktemp("runs")
    folds = [Fold(source="a", number=number, of=OF) for number in reversed(range(OF))]
    return [write_run(home / f"fold-{fold.number}", config().holding_out(fold), data) for fold in folds]


@pytest.fixture
def asked(monkeypatch):
    """Let a network say how bright a crop's middle is, and its own bias besides; keep of which rows it was asked."""
    seen: list[list[int]] = []

    def answer(detector, crops, rows):
        seen.append(rows.tolist())
        middle, bias = crops.stored[rows, 120:180, 120:180].mean(axis=(1, 2, 3)), detector.head[-1].bias[0].item()
        says = -1 if bias == WRONG else 1
        return np.repeat(says * (middle[:, None] - 105) / 20 + bias, 5, axis=1).astype(np.float32)

    monkeypatch.setattr(networks, "scorer", lambda run, crops: partial(answer, run.detector, crops))
    return seen


def test_each_photo_is_scored_once_by_the_network_it_was_held_out_from(store, runs, tmp_path, asked):
    folder = measure_folds(store, runs, tmp_path)
    table = pd.read_csv(folder / "predictions.csv", keep_default_na=False)
    known = read_store(store)
    assert folder.parent == tmp_path / "folds" / "a" and tuple(table) == COLUMNS
    assert folder.name.startswith("small-3@") and by_folds(tmp_path) == [folder]
    assert sorted(table.sha256) == sorted(known.sha256[known.source == "a"])
    for number in range(OF):
        mine = with_fold(known, Fold(source="a", number=number, of=OF))
        part = table[table.fold == number]
        assert set(part.sha256) == set(mine.sha256[(mine.split == "test") & (mine.source == "a")])
        middle = np.load(store / "crops.npy")[[int(sha[:16], 16) for sha in part.sha256], 120:180, 120:180].mean(
            axis=(1, 2, 3)
        )
        np.testing.assert_allclose(part.logit_edited, (middle - 105) / 20 + number, atol=1e-4)
    for validation, test in zip(asked[::2], asked[1::2], strict=True):
        assert not set(validation) & set(test)


def test_the_figures_are_those_of_the_photos(store, runs, tmp_path, asked):
    folder = measure_folds(store, runs, tmp_path)
    folded, table = Folded.read(folder), pd.read_csv(folder / "predictions.csv")
    assert folded.figures[WITHIN]["value"] == 1 and folded.figures[WITHIN]["n"] == 12 == sum(
        one["n"] for one in folded.each
    )
    assert [one["config"]["fold"]["number"] for one in folded.run["folds"]] == [0, 1, 2] and folded.collection == "a"
    assert "AUC, fold 2 1.00 (" in as_text(folder, json.loads((folder / "metrics.json").read_text()))
    shifted = table.assign(p_edited=table.p_edited / 10 + table.fold * 0.3)
    again = fold_figures(shifted)["all"]
    assert again[WITHIN]["value"] == 1 > again["AUC"]["value"], "networks' levels do not count within folds"
    wrong = fold_figures(table.assign(p_edited=np.where(table.fold == 0, 1 - table.p_edited, table.p_edited)))
    assert wrong["all"][WITHIN]["value"] == pytest.approx(2 / 3, abs=1e-4) and wrong["AUC by fold"][0]["value"] == 0


@pytest.mark.parametrize(
    ("picked", "words"),
    [
        (lambda runs: runs[:2], "one run for each fold from 0 to 2 .*; there are 1, 2"),
        (lambda runs: [runs[0], runs[0], runs[1]], "there are 1, 2, 2"),
        (lambda runs: [], "there are none"),
    ],
)
def test_a_fold_too_few_or_twice_is_refused(store, runs, tmp_path, picked, words):
    with pytest.raises(BadDataset, match=words):
        measure_folds(store, picked(runs), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_network_that_was_trained_on_what_it_is_to_be_held_out_from_is_refused(store, runs, data, tmp_path, asked):
    """Groups and sources decide which photos a fold holds out, and are no part of a store's revision."""
    fold, known = Fold(source="a", number=0, of=OF), read_store(store)
    held = with_fold(known, fold)
    seen, other = (held.sha256[(held.source == "a") & (held.split == split)].iloc[0] for split in ("test", "train"))
    fine = write_run(tmp_path / "fine", config().holding_out(fold), data, prefixes([other]))
    odd = write_run(tmp_path / "odd", config().holding_out(fold), data, prefixes([seen, other]))
    with pytest.raises(BadDataset, match=f"fold a:0/3 was trained on 1 of the photos .* for example {seen[:16]}"):
        measure_folds(store, [*runs[:2], odd], tmp_path / "home")
    assert not asked, "before anything is scored"
    assert measure_folds(store, [*runs[:2], fine], tmp_path / "home").is_dir()


def test_scores_that_point_the_wrong_way_are_named_and_the_others_kept(store, runs, data, tmp_path, asked):
    fold = Fold(source="a", number=2, of=OF)
    odd = write_run(tmp_path / "odd", config().holding_out(fold), data, bias=WRONG)
    with pytest.raises(NotCalibrated, match=r"The run of fold a:2/3: stage 'edited': On validation a larger logit"):
        measure_folds(store, [*runs[1:], odd], tmp_path / "home")
    scored = len(asked)
    assert scored == 5, "both parts of two folds, and the validation of the last"
    measure_folds(store, runs, tmp_path / "home")
    assert len(asked) == scored + 2, "those of the last fold alone"
    assert not list(store.glob("folds-*")), "what is whole needs no parts"


OF_A = {"source": "a", "number": 0, "of": OF}


@pytest.mark.parametrize(
    ("changes", "other", "words"),
    [
        ({"learning_rate": 0.1, "fold": OF_A}, False, "not trained alike; learning_rate differs"),
        ({"fold": OF_A | {"source": "b"}}, False, "not trained alike; fold differs"),
        ({}, False, "odd holds out no fold: train it with"),
        ({"fold": OF_A}, True, "odd was trained on other photos or splits than this store's"),
    ],
)
def test_runs_that_do_not_belong_together_are_refused(store, runs, data, tmp_path, changes, other, words):
    odd = write_run(tmp_path / "odd", config(**changes), "0000000000" if other else data)
    with pytest.raises(BadDataset, match=words):
        measure_folds(store, [*runs[:2], odd], tmp_path / "home")


def test_a_run_of_a_fold_trains_on_the_rest_and_borrows_from_the_rest_only(store, data, tmp_path, monkeypatch):
    seen, lent = [], []
    read, forger = source.ReadSource, source.Forger
    monkeypatch.setattr(
        source, "ReadSource", lambda crops, selection, *rest: seen.append(selection) or read(crops, selection, *rest)
    )
    monkeypatch.setattr(source, "Forger", lambda crops, rows, share: lent.append(rows) or forger(crops, rows, share))
    asked = config(fold={"source": "a", "number": 1, "of": OF}, fresh=0.5)
    train(asked, store, tmp_path)
    whole = read_store(store)
    held = with_fold(whole, asked.fold)
    kept = set(held.sha256[held.split == "train"])
    assert set(seen[0].train.sha256) == set(lent[0].sha256) == kept
    assert len(held[(held.source == "a") & (held.split == "train")]) == 4
    assert torch.load(tmp_path / "checkpoint.pt")["data"] == data


def test_a_fold_does_not_change_the_masks_that_all_runs_share(store, tmp_path):
    masks_by_run = {}
    for name, changes in {"whole": {}, "fold": {"fold": {"source": "a", "number": 1, "of": OF}}}.items():
        folder = tmp_path / name
        folder.mkdir()
        for part in ("crops.npy", "landmarks.npy"):
            (folder / part).symlink_to(store / part)
        with_borrowed_part(read_store(store)).to_parquet(folder / TABLE)
        train(config(**changes), folder, tmp_path / f"run-{name}")
        masks_by_run[name] = np.load(folder / MASKS)
    assert (
        np.array_equal(masks_by_run["whole"], masks_by_run["fold"]) and (masks_by_run["whole"][2] == masks.EDITED).any()
    )


def with_borrowed_part(table: pd.DataFrame) -> pd.DataFrame:
    """Turn a photo of b into an edit of one of a with a part of a photo that is held out elsewhere."""
    held = with_fold(table, Fold(source="a", number=1, of=OF))
    donor = held.sha256[(held.split == "test") & (held.source == "a")].iloc[0]
    original = held.index[(held.split == "train") & (held.source == "a") & (held.label == "real")][0]
    recipe = json.dumps({"operations": ["part_composite"], "donor": donor})
    line = table.loc[original].to_dict() | {
        "label": "facetune",
        "source": "forge-a",
        "recipe": recipe,
        "regions": "1111",
    }
    changed = table.copy()
    changed.loc[2] = pd.Series(line)
    assert with_fold(changed, Fold(source="a", number=1, of=OF)).error[2].startswith("donor_elsewhere")
    return changed


def test_it_does_not_start_from_what_saw_the_photos_held_out(store, tmp_path):
    fold = {"source": "a", "number": 1, "of": OF}
    train(config(), store, tmp_path / "all")
    train(config(leave_out=["a"]), store, tmp_path / "without")
    train(config(fold=fold), store, tmp_path / "fold")
    with pytest.raises(TrainingFailed, match="was trained on a, which this run leaves out or holds out"):
        starting_weights(str(tmp_path / "all"), config(fold=fold))
    assert starting_weights(str(tmp_path / "without"), config(fold=fold))
    for other in (config(), config(fold=fold | {"number": 0})):
        with pytest.raises(TrainingFailed, match="was trained on"):
            starting_weights(str(tmp_path / "fold"), other)


def test_what_was_trained_on_test_photos_is_no_release_and_no_baseline(store, runs, tmp_path):
    with pytest.raises(BadDataset, match="measure all folds with `folds`"):
        networks.left_out_by([Finished.read(runs[0])])
    with pytest.raises(TrainingFailed, match=r"fold-2 was trained on test photos, for it holds out a:2/3"):
        publish("1", store, Trained(runs[0]), Trained(runs[1]), tmp_path)
    assert not list(tmp_path.iterdir())
