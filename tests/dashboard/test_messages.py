"""The command that makes an evaluation again names the folder that it was made of."""

from pathlib import Path

import pandas as pd
import pytest

from dashboard.kit.messages import evaluate_command
from models.release import read_release
from pipeline.results.evaluation import Evaluation


@pytest.mark.parametrize(
    ("dataset", "split", "told"),
    [
        ("test", "test", "prepared --split test"),
        ("unseen", "unseen", "prepared --split unseen"),
        ("same-originals", "", "benchmark"),
        ("same-originals-test", "test", "benchmark --split test"),
        ("newer-edits", "", "newer-edits"),
    ],
)
def test_the_command_names_what_was_evaluated(dataset, split, told):
    run = {"release": "2030.01-1", "dataset": dataset, "split": split}
    evaluation = Evaluation(Path("none"), run, {}, pd.DataFrame(), None)
    assert evaluate_command(evaluation) == f"python -m pipeline evaluate 2030.01-1 .telltale/{told}"


def test_without_an_evaluation_it_is_the_newest_release_on_prepared_photos():
    assert evaluate_command() == f"python -m pipeline evaluate {read_release().name} .telltale/prepared"
