"""`Evaluation`: the folder that `evaluate` writes, typed. Whoever shows figures reads them here and computes none.

- run.json: what was measured, and how.
- metrics.json: the figures.
- predictions.csv: one row a photo.
- tiers.csv: one row a photo and tier, where robustness was measured.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from models.files import ROOT
from models.regions import REGION_NAMES
from pipeline.datasets import LABELS
from pipeline.errors import BadEvaluation
from pipeline.storage.read_json import read_json
from pipeline.verdict import LABELS as VERDICTS

FORMAT = 2
BENCHMARK, NEWER = "same-originals", "newer-edits"
"""What evaluations on the benchmark of forged photos are called, or begin with where only a part was measured."""
LEFT_OUT, NONE_LEFT_OUT, TRAINED_WITHOUT = "left-out", "none", "trained without"
"""Networks that were trained without a collection: their folder, and in it the folder of those that lack none.

The last is the key of run.json under which the collection stands.
"""
KIND_RIGHT = "kind told right"
"""Section of metrics.json: by source, the share of its edits, all asked, of which stage 2 says the right kind."""
ABOVE_ORIGINAL = "edits above their original"
"""Section of metrics.json: by kind, the share of edits that score above the photo they were made of."""
LISTS = ("risk coverage", "slices", "slice pairs")
"""Sections of metrics.json that are lists; all others have named parts."""
HOME = ROOT / "evaluations"
RUN, METRICS, PREDICTIONS, TIERS = "run.json", "metrics.json", "predictions.csv", "tiers.csv"

REGION_COLUMNS = tuple(f"p_{name.replace(' ', '_')}" for name in REGION_NAMES)
CONTAINER = ("format", "width", "height", "bytes", "jpeg_quality", "subsampling")
"""What a photo's file says of itself; of an edit forged in a store, which has none, what that of its original says."""
GIVEN = ("id", "sha256", "label", "kind", "source", "group", "split", "difficulty", "regions", "pair", *CONTAINER)
COLUMNS = (
    *GIVEN, "logit_edited", "logit_deepfake", "p_edited", "p_deepfake", "says_edited", "says_deepfake", "verdict",
    "decided_by", "reasons", "forced", "face_size", "edited_regions", "sharpness", "brightness", "contrast", "ita",
    *REGION_COLUMNS, "peak", "peak_region", "likeliest_region", "faithfulness", "map_method", "heatmap",
)  # fmt: skip
"""Columns of predictions.csv.

- `id`: stable, 16 digits of the file's SHA-256; of a forged edit also 8 of its recipe's.
- `group`: photos of one person, or near duplicates.
- `difficulty`: as the collection grades it; of a forged edit its strength in words.
- `regions`: region bits of the edited parts, see `pipeline.regions`.
- `format` … `subsampling`: `CONTAINER`, as in `pipeline.manifest.file_facts`.
- `logit_…`, `p_…`: raw and calibrated, of both stages, the second also where the cascade would not have asked it.
- `says_…`: whether p reaches the stage's threshold.
- `verdict`, `decided_by`, `reasons`: what the cascade says, and which stage had the last word.
- `forced`: the verdict without abstention.
- `face_size`: in photo pixels.
- `edited_regions`: how many of the four parts were edited.
- `sharpness` … `ita`: see `pipeline.examining.face_facts`.
- `p_left_eye` …: the network's own, uncalibrated.
- `peak` …: of stage 1's map for "edited".
- `faithfulness`: in logits; above 0 is better than chance.
- `heatmap`: on the canonical face, see `pipeline.results.canonical.unpack_grid`.
"""
BARE = (
    *(name for name in GIVEN if name not in CONTAINER), "p_edited", "p_deepfake", "says_edited", "says_deepfake",
    "verdict", "reasons", "forced", "face_size",
)  # fmt: skip
"""What of `COLUMNS` a baseline writes too: it has no maps, and nothing else is known of its photos. Read as unknown."""
TRUTHS = ("says_edited", "says_deepfake")
NUMBERS = ("width", "height", "bytes", "jpeg_quality", "logit_edited", "logit_deepfake", "p_edited", "p_deepfake",
           "face_size", "edited_regions", "sharpness", "brightness", "contrast", "ita", *REGION_COLUMNS, "peak",
           "faithfulness")  # fmt: skip
TIER_COLUMNS = ("id", "tier", "p_edited", "p_deepfake", "verdict")
"""p_…: NaN where the stage did not run. There was no face, or the first stage kept the photo."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One release on one data set, as it was measured.

    Attributes:
        path: the folder.
        run: what was measured and under which conditions.
        metrics: the figures, each {"value", "low", "high", "n"}, by section.
        predictions: `COLUMNS`: words as str ("" for none), numbers as float64 (NaN for none), says_… as bool.
        tiers: `TIER_COLUMNS` likewise; None where robustness was not measured.
    """

    path: Path
    run: dict[str, Any]
    metrics: dict[str, Any]
    predictions: pd.DataFrame
    tiers: pd.DataFrame | None

    @property
    def release(self) -> str:
        """The release's name."""
        return str(self.run["release"])

    @property
    def dataset(self) -> str:
        """What was evaluated: "test", "unseen", "val", "same-originals", "newer-edits"."""
        return str(self.run["dataset"])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a folder that `evaluate` wrote.

        Raises:
            BadEvaluation: it is half-written, damaged, of another version, or something else.
        """
        run = read_run(path)
        predictions, tiers = read_predictions(path / PREDICTIONS), path / TIERS
        if len(predictions) != run.get("n"):
            raise BadEvaluation(f"{path / PREDICTIONS} has {len(predictions)} rows where run.json says {run.get('n')}.")
        _refuse_strange(path / PREDICTIONS, predictions)
        return cls(path, run, read_metrics(path), predictions, read_tiers(tiers) if tiers.is_file() else None)


def _refuse_strange(path: Path, predictions: pd.DataFrame) -> None:
    """Raise BadEvaluation where a label or a verdict is none of ours, or two photos have one id."""
    for column, known in (("label", LABELS), ("forced", LABELS), ("verdict", VERDICTS)):
        if strange := sorted(set(predictions[column]) - set(known)):
            raise BadEvaluation(f"{path} holds “{strange[0]}” as a {column}; known are {', '.join(known)}.")
    if predictions.id.duplicated().any():
        twice = predictions.id[predictions.id.duplicated()].iloc[0]
        raise BadEvaluation(f"{path} holds the photo {twice} twice: make it again with `evaluate`.")


def read_metrics(path: Path) -> dict[str, Any]:
    """Read the figures of an evaluation's folder.

    Raises:
        BadEvaluation: metrics.json is not there, damaged, or holds something else.
    """
    metrics = read_json(path / METRICS, BadEvaluation, "evaluation")
    for name, part in metrics.items():
        if not isinstance(part, list if name in LISTS else dict):
            raise BadEvaluation(f"{path / METRICS} is no evaluation's: its “{name}” is a {type(part).__name__}.")
    return metrics


def read_run(path: Path) -> dict[str, Any]:
    """Read only under which conditions a folder's figures were measured.

    Raises:
        BadEvaluation: see `Evaluation.read`.
    """
    if not path.is_dir():
        raise BadEvaluation(f"There is no evaluation {path}.")
    run = read_json(path / RUN, BadEvaluation, "evaluation")
    if run.get("format") != FORMAT:
        raise BadEvaluation(
            f"{path} is of format {run.get('format', 1)}, this version reads {FORMAT}: evaluate the release again."
        )
    if lacking := {"release", "dataset", "n"} - set(run):
        raise BadEvaluation(f"{path / RUN} lacks {', '.join(sorted(lacking))}: it is no evaluation's.")
    if not isinstance(run.get("notes", {}), dict):
        raise BadEvaluation(f"{path / RUN} is no evaluation's: its notes are no names and texts.")
    return run


def read_predictions(path: Path) -> pd.DataFrame:
    """Read a table of `COLUMNS`: words as str ("" for none), numbers as float64 (NaN for none), says_… as bool.

    Raises:
        BadEvaluation: it is not there, or of another form.
    """
    return _table(path, COLUMNS, NUMBERS, BARE)


def read_tiers(path: Path) -> pd.DataFrame:
    """Read a table of `TIER_COLUMNS`: words as str, numbers as float64 (NaN for none).

    Raises:
        BadEvaluation: it is not there, or of another form.
    """
    return _table(path, TIER_COLUMNS, ("p_edited", "p_deepfake"))


def _table(path: Path, columns: tuple[str, ...], numbers: tuple[str, ...], bare: tuple[str, ...] = ()) -> pd.DataFrame:
    kinds = {name: "float64" if name in numbers else "bool" if name in TRUTHS else "str" for name in columns}
    try:
        table = pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values={name: [""] for name in numbers})
    except FileNotFoundError as problem:
        raise BadEvaluation(f"There is no {path.name} in {path.parent}: the evaluation is not whole.") from problem
    except ValueError as problem:  # wrong types, no columns, text that is no CSV: pandas' own errors are ValueErrors
        raise BadEvaluation(f"{path} cannot be read: {problem}.") from problem
    if bare and tuple(table) == bare:
        lacking = {name: float("nan") if name in numbers else "" for name in columns if name not in bare}
        return table.assign(**lacking)[list(columns)]
    if tuple(table) != columns:
        strange = sorted(set(columns).symmetric_difference(map(str, table)))
        raise BadEvaluation(
            f"{path} is of another version; it differs in {', '.join(strange) or 'its order'}. Evaluate "
            "the release again."
        )
    return table
