"""The original system's network goes all the way: trained by the recipe, published with a card, served, explained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models import registry
from models.fusion import fuse
from models.release import STAGES, read_release
from models.serving import serve
from pipeline.cascade import examine
from pipeline.crops.crops import read_store
from pipeline.examining import stage_maps
from pipeline.examining.loaded import Cascade
from pipeline.training.checkpoint import CHECKPOINT, start_run
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.parallel import Place
from pipeline.training.publish import write_weights
from pipeline.training.selection import Selection
from pipeline.training.train import train

CONFIGS = Path(__file__).resolve().parents[4] / "pipeline" / "training" / "configs"


def keep_untrained(config: TrainConfig, folder: Path) -> None:
    """Write a finished run in which nothing was learned."""
    run = start_run(config, Place(0, 1, torch.device("cpu")))
    run.epoch, run.history = 1, [{"epoch": 0, "seconds": 1}]
    folder.mkdir()
    torch.save(run.state(), folder / CHECKPOINT)


@pytest.fixture(scope="module")
def published(store, tmp_path_factory):
    """Both stages by the short recipe, the first after a step of it, the second before; and where their cards lie."""
    home, cards = tmp_path_factory.mktemp("resnet"), {}
    for stage in STAGES:
        recipe = TrainConfig.read(CONFIGS / f"{stage}-resnet152-short.json")
        config = recipe.model_copy(update={"pools": {"*": 2}, "batch_size": 4, "train_size": 64})
        if stage == "edited":
            train(config, store, home / stage)
        else:
            keep_untrained(config, home / stage)
        selection = Selection.of(read_store(store), config)
        cards[stage] = write_weights(Finished.read(home / stage), selection, home / "models")
    return home / "models", cards


def test_its_cards_name_it_and_what_it_started_from(published):
    _, cards = published
    for stage, card in cards.items():
        assert (
            card.architecture == "resnet152"
            and card.positive == stage
            and card.weights.startswith(f"{stage}-resnet152-")
        )
        assert card.training["started from"] == "random weights" and card.training_sha256


def test_a_photo_goes_through_the_cascade_and_is_explained(published, hopper, monkeypatch):
    root, cards = published
    mine = read_release()
    release = replace(
        mine,
        edited=replace(
            mine.edited, weights=cards["edited"].weights, threshold=0.0, abstain=(0.0, 0.0), heatmap="gradcam"
        ),
        deepfake=replace(mine.deepfake, weights=cards["deepfake"].weights),
    )
    networks = {stage: serve(card.weights, root)[0] for stage, card in cards.items()}
    loaded = {
        card.weights: fuse(registry.load(card.weights, root)[0], 256).requires_grad_(False) for card in cards.values()
    }
    monkeypatch.setattr(stage_maps, "detector_of", loaded.__getitem__)
    done = examine(hopper, Cascade(release, networks, cards))
    account = done.as_dict()
    assert 0 <= account["p_edited"] <= 1 and account["p_deepfake"] is not None, "a threshold of 0 passes every face on"
    grid = done.faces[0].heatmaps[0].grid
    assert np.isfinite(grid).all() and np.ptp(grid) > 0
    assert grid.shape == (8, 8), "its last block sees a crop of 256 px in cells of 32"
