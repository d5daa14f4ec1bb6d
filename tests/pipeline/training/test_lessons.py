"""A student learns what a teacher says: asked once, kept whole over a kill, mirrored with its pictures."""

import json

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from models.card import read_card
from models.release import read_release
from models.serving import Answers
from pipeline.crops.crops import Crops
from pipeline.errors import TrainingFailed
from pipeline.training import lessons as module
from pipeline.training.checkpoint import CHECKPOINT
from pipeline.training.config import TrainConfig
from pipeline.training.finished import Finished
from pipeline.training.lessons import FACTS, MOVED, Lessons, make_lessons, refuse_teacher
from pipeline.training.losses import LOUDEST
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection
from pipeline.training.train import train

ALONE = Place(0, 1, torch.device("cpu"))
TEACHER = read_release("thorough").edited.weights
START = read_release("quick").edited.weights
BASE = {
    "stage": "edited", "architecture": "mobilenet_v2_mask", "outputs": 5, "pretrained": False, "train_size": 256,
    "epochs": 1, "batch_size": 4, "learning_rate": 0.002, "average_decay": 0.5, "bf16": False, "schedule": "cosine",
    "pools": {"*": 4}, "lessons": 8, "taught": 1.0, "taught_mask": 0.5, "mask_weight": 0.3,
}  # fmt: skip


def config(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate(BASE | changes)


class RedMouths:
    """A teacher at no cost: sure of every picture by how red its middle is."""

    tells_masks = True

    def answers(self, pixels: np.ndarray) -> Answers:
        """Say it of (B, 3, 256, 256)."""
        red = (pixels[:, 0] - pixels[:, 1])[:, 150:230, 80:180].mean(axis=(1, 2))
        scores = np.repeat((40 * (red - 0.2))[:, None], 5, axis=1).astype(np.float32)
        return Answers(scores, None, np.repeat(np.repeat(scores[:, :1, None], 16, axis=1), 16, axis=2))


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(module, "serve", lambda weights: (RedMouths(), read_card(weights)))


def made(crops: Crops, folder, asked: TrainConfig | None = None) -> Lessons:
    asked = asked or config()
    return make_lessons(asked, crops, Selection.of(crops.table, asked), TEACHER, folder)


def test_the_teacher_is_asked_once_and_a_kill_loses_nothing(crops, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 4)
    whole = made(crops, tmp_path / "whole")
    assert len(whole) == 8 and made_whole(tmp_path / "whole")
    said = RedMouths().answers(np.ascontiguousarray(whole.pixels[:1].transpose(0, 3, 1, 2), np.float32) / 255)
    assert np.array_equal(said.scores[0], whole.scores[0]) and np.array_equal(said.masks[0], whole.told[0])
    assert sorted(whole.targets[:2, 0].tolist()) == [0, 1], "an item of each label"
    say_done = module._say_done

    def die_at_four(folder, facts, done):
        say_done(folder, facts, done)
        if done == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "_say_done", die_at_four)
        made(crops, tmp_path / "broken")
    assert not made_whole(tmp_path / "broken")
    again = made(crops, tmp_path / "broken")
    for name in ("pixels", "targets", "masks", "scores", "told"):
        assert np.array_equal(getattr(again, name), getattr(whole, name)), name
    with monkeypatch.context() as patch:
        patch.setattr(module, "_ask", lambda *_: pytest.fail("it is asked again"))
        made(crops, tmp_path / "whole")
    with pytest.raises(TrainingFailed, match="lessons of another configuration"):
        made(crops, tmp_path / "whole", config(gentle=0.5))


def made_whole(folder) -> bool:
    return json.loads((folder / FACTS).read_text())["done"] == 8


def test_a_mirrored_lesson_has_its_answers_mirrored():
    rng = np.random.default_rng(1)
    ramp = np.broadcast_to(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], (64, 64, 3))
    ladder = np.broadcast_to(np.arange(4, dtype=np.float32)[None], (4, 4))
    lessons = Lessons(
        np.stack([ramp] * 8), np.array([[1, 1, 0, 0, 1]] * 8, np.float32), np.stack([ladder] * 8),
        np.array([[3, 1, 2, 0, 9]] * 8, np.float32), np.stack([ladder] * 8),
    )  # fmt: skip
    seen = set()
    for _ in range(6):
        batch = lessons.batch(np.arange(8), rng)
        for n in range(8):
            mirrored = bool(batch.pixels[n, 0, 32, 5] > batch.pixels[n, 0, 32, 58])
            seen.add(mirrored)
            assert batch.taught.scores[n].tolist() == ([3, 2, 1, 0, 9] if mirrored else [3, 1, 2, 0, 9])
            assert batch.targets[n].tolist() == ([1, 0, 1, 0, 1] if mirrored else [1, 1, 0, 0, 1])
            assert (batch.taught.mask[n][0, 0] == 3) == mirrored and torch.equal(batch.taught.mask[n], batch.mask[n])
        assert torch.equal(batch.pixels[0::2], batch.pixels[1::2]), "a pair moves alike"
    assert seen == {True, False}
    still = {tuple(lessons.batch(np.arange(2), rng).pixels[0, 0, 32].tolist()) for _ in range(12)}
    assert len(still) > 4 and MOVED < 16


def test_a_student_comes_nearer_to_its_teacher(face_store, tmp_path):
    asked = config(epochs=5, lessons=16, batch_size=8)
    student = train(asked, face_store, tmp_path / "run", START, TEACHER)
    lessons = Lessons.open(tmp_path / "run" / "lessons")
    with torch.inference_mode():
        pixels = torch.from_numpy(lessons.pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255)
        said = student(pixels).logit.numpy()
    wanted = np.clip(lessons.scores[:, 0], -LOUDEST, LOUDEST)
    assert np.abs(said - wanted).mean() < np.abs(wanted - wanted.mean()).mean(), "nearer than any constant"
    state = torch.load(tmp_path / "run" / CHECKPOINT)
    assert state["teacher"] == TEACHER and Finished.read(tmp_path / "run").teacher == TEACHER
    assert len(state["photos"]) > 100, "what its teacher was trained on counts as seen"
    with pytest.raises(TrainingFailed, match=f"taught by {TEACHER}"):
        train(asked, face_store, tmp_path / "run", teacher=START)


@pytest.mark.parametrize(
    ("changes", "stage", "tells_masks", "words"),
    [
        ({"stage": "deepfake"}, "deepfake", True, "asked for 5 outputs.*has 1"),
        ({"stage": "deepfake", "outputs": 1}, "edited", True, "is for the stage edited and cannot teach the stage dee"),
        ({"train_size": 192}, "edited", True, "sees 256 px"),
        ({}, "edited", False, "tells no mask"),
    ],
)
def test_a_teacher_that_cannot_teach_it_is_refused(changes, stage, tells_masks, words):
    card = read_card(read_release("thorough").stage(stage).weights)
    with pytest.raises(TrainingFailed, match=words):
        refuse_teacher(config(**changes), card, tells_masks)


def test_a_run_that_is_taught_needs_a_teacher_and_the_other_way_round(face_store, tmp_path):
    for asked, teacher in ((config(), ""), (config(lessons=0, taught=0.0, taught_mask=0.0), TEACHER)):
        with pytest.raises(TrainingFailed, match="needs a teacher"):
            train(asked, face_store, tmp_path / "run", teacher=teacher)
    assert not (tmp_path / "run" / CHECKPOINT).exists()


@pytest.mark.parametrize("changes", [{"taught": 0.0}, {"edits": {"makeup": 2}}, {"lessons": 3}])
def test_lessons_without_sense_are_refused(changes):
    with pytest.raises(ValidationError, match="lessons"):
        config(**changes)
