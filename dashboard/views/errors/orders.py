"""The order of the gallery, and its photos as rows that are taken away."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from dashboard.views.errors.board import Board, Judgement
from pipeline.casebook.tags import Tag
from pipeline.figures.what_if import INCONCLUSIVE, VERDICTS
from pipeline.records import defuse


def _worst(board: Board, judgement: Judgement) -> list[np.ndarray]:
    """Wrong verdicts, the surest first; abstentions on what would be wrong; then the rest, the least sure first."""
    missed, open_ = judgement.forced != judgement.label, judgement.verdict == INCONCLUSIVE
    rank = np.select([judgement.wrong, open_ & missed, open_], [0, 1, 2], 3)
    return [rank, np.where(missed, -judgement.sure, judgement.sure)]


def _turning(board: Board, judgement: Judgement) -> list[np.ndarray]:
    unstable = board.evaluation.predictions.reasons.str.contains("unstable", regex=False).to_numpy(bool)
    return [-np.nan_to_num(board.flips), ~unstable, np.isnan(board.flips), *_worst(board, judgement)]


def _unfaithful(board: Board, judgement: Judgement) -> list[np.ndarray]:
    values = board.evaluation.predictions.faithfulness.to_numpy(float)
    return [np.where(np.isfinite(values), values, np.inf), *_worst(board, judgement)]


def _by(column: str, sign: int) -> Callable[[Board, Judgement], list[np.ndarray]]:
    def keys(board: Board, judgement: Judgement) -> list[np.ndarray]:
        values = sign * board.evaluation.predictions[column].to_numpy(float)
        return [np.where(np.isfinite(values), values, np.inf)]

    return keys


SORTS: dict[str, Callable[[Board, Judgement], list[np.ndarray]]] = {
    "Confident and wrong first": _worst,
    "Turns when saved again first": _turning,
    "Least faithful heatmap first": _unfaithful,
    "p(edited), highest first": _by("p_edited", -1),
    "p(edited), lowest first": _by("p_edited", 1),
    "p(deepfake | edited), highest first": _by("p_deepfake", -1),
    "p(deepfake | edited), lowest first": _by("p_deepfake", 1),
    "By file (id)": lambda board, judgement: [board.places],
}
"""What the gallery can be sorted by: keys, (N,) each, smallest first, the first one counting most."""


def sort_photos(board: Board, judgement: Judgement, among: np.ndarray, sort: str) -> np.ndarray:
    """Return the places of the photos that `among`, (N,) bool, names, sorted; equal ones by id."""
    rows = np.flatnonzero(among)
    keys = [key[rows] for key in (*SORTS[sort](board, judgement), board.places)]
    return rows[np.lexsort(keys[::-1])]


def rows_to_save(
    board: Board, judgement: Judgement, rows: np.ndarray, tags: Mapping[str, Mapping[str, Tag]]
) -> pd.DataFrame:
    """Return the photos in these rows as they are taken away: predictions without maps, what is said, and tags."""
    table = board.evaluation.predictions.iloc[rows].drop(columns="heatmap")
    table.insert(list(table).index("verdict") + 1, "verdict_shown", np.array(VERDICTS)[judgement.verdict[rows]])
    table["tiers_turned"] = board.flips[rows]
    mine = [tags.get(photo, {}) for photo in table.id]
    table["tags"] = ["; ".join(entry) for entry in mine]
    table["notes"] = ["; ".join(tag.note for tag in entry.values() if tag.note) for entry in mine]
    words = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(defuse) for name in words})
