"""A training configuration is refused where it says what nobody meant."""

import json
import re
from pathlib import Path

import pytest

from models import registry
from pipeline.errors import BadConfig
from pipeline.training.checkpoint import part_of
from pipeline.training.config import TrainConfig

PROJECT = Path(__file__).resolve().parents[3]
CONFIGS = sorted((PROJECT / "pipeline" / "training" / "configs").glob("*.json"))
GOOD = {"stage": "edited", "architecture": "resnet18", "epochs": 1, "learning_rate": 0.1, "pools": {"*": 1}}


def write_config(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "my.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def test_a_good_one(tmp_path):
    config = TrainConfig.read(write_config(tmp_path, GOOD))
    assert (config.outputs, config.input_size, config.seed) == (1, 256, 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"epoch": 3}, "epoch"),
        ({"stage": "third"}, "stage"),
        ({"outputs": 2}, "outputs"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"epochs": "many"}, "epochs"),
        ({"pools": ["*"]}, "pools"),
        ({"label_smoothing": 0.5}, "label_smoothing"),
    ],
)
def test_a_wrong_key_or_value_is_named(change, named, tmp_path):
    with pytest.raises(BadConfig, match=rf"my\.json cannot be used: {named}"):
        TrainConfig.read(write_config(tmp_path, GOOD | change))


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_file_that_is_no_configuration(text, tmp_path):
    with pytest.raises(BadConfig, match=r"my\.json cannot be used"):
        TrainConfig.read(write_config(tmp_path, text))


def test_no_file(tmp_path):
    with pytest.raises(BadConfig, match=r"none\.json cannot be used"):
        TrainConfig.read(tmp_path / "none.json")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_configurations_that_are_shipped(path):
    config = TrainConfig.read(path)
    assert config.architecture in registry.names() and config.stage in path.stem.split("-")
    assert all("/" in pattern and count > 0 for pattern, count in config.pools.items())
    network = registry.build(config.architecture, config.outputs)
    assert all(part_of(network, name) is not None for name in config.frozen)
    assert config.batch_size % 4 == 0, "two processes share a batch in whole pairs"


def test_what_the_makefile_trains_with_is_shipped():
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    home = PROJECT / re.findall(r"^CONFIGS := (\S+)$", text, re.MULTILINE)[0]
    named = re.findall(r"--config \$\(CONFIGS\)/(\S+)", text)
    filled = [
        name.replace("$$stage", stage).replace("$(SHORT)", short).replace("$(KIND)", kind).replace("$(EDITS)", edits)
        for name in named
        for kind in ("student", "distil")
        for edits in ("clip", "newer")
        for stage in ("edited", "deepfake")
        for short in ("", "-short", "-forged")
    ]
    assert len(named) > 7 and {home / name for name in filled} <= set(CONFIGS)


def test_the_makefile_starts_nothing_beside_what_writes_what_it_reads():
    """Under -j a make starts all that it is asked for at once."""
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    steps = re.findall(r"^train:.*\n((?:\t.*\n)+)", text, re.MULTILINE)[0]
    calls = [call.split() for call in re.findall(r"\$\(MAKE\) ([^;&]*)", steps)]
    asked = [[word for word in call if "=" not in word] for call in calls]
    assert asked == [["thorough"], ["student"], ["student"]] and ") && $(MAKE) student" in steps
    before, then = re.findall(r"^data: ([^#]*)##.*\n((?:\t.*\n)+)", text, re.MULTILINE)[0]
    assert before.split() == ["prepare", "benchmark"] and "$(MAKE) audit" in then


def test_there_are_some():
    assert {"edited.json", "deepfake.json"} <= {path.name for path in CONFIGS}


def test_a_run_can_be_given_other_epochs_or_a_budget():
    config = TrainConfig.model_validate(GOOD | {"schedule": "cosine"})
    assert config.within(None, None) == config and config.within(3, 60).epochs == 3
    assert config.within(3, 60).seconds == 60
    with pytest.raises(BadConfig, match="seconds"):
        TrainConfig.model_validate(GOOD).within(None, 60)
    with pytest.raises(BadConfig, match="epochs"):
        config.within(0, None)
