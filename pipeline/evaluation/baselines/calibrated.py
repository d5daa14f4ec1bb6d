"""From a baseline's raw scores to probabilities and verdicts: all that is set here is set on validation.

Platt scaling, weighted so that every source and kind has the same say; stage 1's threshold lies where 95 % of
validation's real photos pass, as a release's does, stage 2's at 0.5. A baseline always answers: it has no band.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.release import Stage
from pipeline.training.calibration import naming, platt, probabilities, weights_of
from pipeline.training.thresholds import PASSED, Scored, passing_threshold

ANSWERS = ["p_edited", "p_deepfake", "says_deepfake", "forced"]
"""The columns of an answer: two probabilities, stage 2's answer where it is asked, and the verdict of both."""


@dataclass(frozen=True)
class BaselineAnswers:
    """What a baseline says of the held-out rows.

    Attributes:
        answers: the columns `ANSWERS`, indexed by the store's rows; rows that it cannot judge are left out.
        account: how it came about, as plain data for run.json.
        without: the collections left out of its training; "" where it knew all.
    """

    answers: pd.DataFrame
    account: dict[str, Any]
    without: str = ""


def calibrate(stage: str, rows: pd.DataFrame, scores: np.ndarray, truth: np.ndarray) -> Stage:
    """Calibrate raw scores on validation and set the threshold.

    Args:
        stage: "edited" or "deepfake".
        rows: validation photos, with the columns source, kind and group.
        scores: (N,) raw, larger is likelier positive.
        truth: (N,) in {0, 1}.

    Raises:
        NotCalibrated: the scores of that stage point the wrong way.
    """
    weights = weights_of(rows, truth)
    spread = float(scores.std()) or 1.0  # the solver wants numbers near one
    with naming(f"stage {stage!r}"):
        line = platt(scores / spread, truth, weights)
    plain = replace(line, slope=line.slope / spread).stage()
    if stage == "deepfake":
        return plain
    scored = Scored(probabilities(plain, scores), truth == 1, weights, rows.group.to_numpy())
    threshold = max(passing_threshold(scored), 0.5)
    rule = f"frozen where {PASSED:.0%} of validation's real photos lie below, every source weighted alike"
    return replace(plain, threshold=threshold, abstain=(threshold, threshold), rule=rule)


def answer_columns(
    rows: pd.DataFrame, first: Stage, second: Stage, edited: np.ndarray, deepfake: np.ndarray
) -> pd.DataFrame:
    """Return the columns `ANSWERS` of rows from both stages' raw scores, (N,) each."""
    one, two = probabilities(first, edited), probabilities(second, deepfake)
    says = two >= second.threshold
    forced = np.where(one >= first.threshold, np.where(says, "deepfake", "facetune"), "real")
    columns = (one, two, says, forced)
    return pd.DataFrame(dict(zip(ANSWERS, columns, strict=True)), index=rows.index)


def log_odds(by_label: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds (N,) of edited against real, and of deepfake against facetune.

    Args:
        by_label: label → logarithm of its share, (N,) each; a constant that all three have in common cancels.
    """
    edited = np.logaddexp(by_label["deepfake"], by_label["facetune"])
    return edited - by_label["real"], by_label["deepfake"] - by_label["facetune"]


def describe_stage(stage: Stage) -> dict[str, Any]:
    """Return a stage's calibration and threshold as plain data."""
    settings = asdict(stage)
    return {name: settings[name] for name in ("slope", "intercept", "threshold", "rule")}
