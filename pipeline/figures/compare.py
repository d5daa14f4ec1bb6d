"""Two evaluations on the same photos: paired differences with intervals, McNemar's test, and what flipped.

Everything is told of the photos that both judged: of others nothing could be said about a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets.sources import are_forged_names
from pipeline.figures import bootstrap
from pipeline.figures.bootstrap import Weighted

LESS_IS_BETTER = ("false alarms", "risk")
STANDINGS = ("right", "wrong", "no verdict")
_SAME = ("label", "kind", "source")


@dataclass(frozen=True, eq=False)
class Pairing:
    """What two evaluations said of the photos that both judged.

    Attributes:
        first, second: predictions, N rows each: the same photos in the same order. What is known of the photos
            themselves is alike. `group` is that of the first.
        only_first, only_second: photos that only one of them judged.
        relabelled: photos that both judged, but under another label, kind or source: left out.
    """

    first: pd.DataFrame
    second: pd.DataFrame
    only_first: int
    only_second: int
    relabelled: int

    def __len__(self) -> int:
        """The number of photos that are compared."""
        return len(self.first)

    @property
    def forged(self) -> np.ndarray:
        """Whether a photo is an edit that was forged, (N,) bool."""
        return are_forged_names(self.first.source).to_numpy(bool)

    def part(self, kept: np.ndarray) -> "Pairing":
        """Return it with only the photos of a mask, (N,) bool."""
        return Pairing(self.first[kept], self.second[kept], self.only_first, self.only_second, self.relabelled)


def pair_up(first: pd.DataFrame, second: pd.DataFrame) -> Pairing:
    """Pair predictions by photo, in the first's order; of a photo that stands twice in a table the first row counts.

    Args:
        first, second: as `pipeline.results.evaluation.read_predictions` gives them.
    """
    first, second = (table.drop_duplicates("id") for table in (first, second))
    one = first[first.id.isin(second.id)].reset_index(drop=True)
    other = second.set_index("id").loc[one.id].reset_index()[list(second)]
    alike = (one[list(_SAME)] == other[list(_SAME)]).all(axis=1).to_numpy(bool)
    one, other = (table[alike].reset_index(drop=True) for table in (one, other))
    left = int((~alike).sum())
    return Pairing(one, other.assign(group=one.group), len(first) - len(alike), len(second) - len(alike), left)


# --- differences -----------------------------------------------------------------------------------------------

STAGE_1 = {
    "AUC": bootstrap.auc,
    "balanced accuracy": bootstrap.balanced_accuracy,
    "recall": bootstrap.recall,
    "false alarms": bootstrap.false_alarm,
}
STAGE_2 = {"AUC": bootstrap.auc, "balanced accuracy": bootstrap.balanced_accuracy}
JOINT = {"macro-F1": bootstrap.macro_f1, "coverage": bootstrap.coverage, "risk": bootstrap.risk}


def differences(both: Pairing, forgeries: bool = False) -> list[dict[str, Any]]:
    """Return how the second differs from the first, with 95 % intervals of a paired bootstrap.

    Whole groups are drawn, and each draw measures both on the very same photos (Efron & Tibshirani, 1993), so that
    what makes photos hard for both cancels out. Stage 2 is always told on originals of which there are edits of both
    kinds.

    Args:
        both: the photos that both judged.
        forgeries: whether stage 1 and both stages together are told of forged edits too, or, as in metrics.json, of
            the collections' own photos.

    Returns:
        One a measure:

        - "stage": "stage 1", "stage 2, same originals" or "both stages"
        - "measure" and "n": the photos that it is about; None where that is not as many for both, as of wrong verdicts
          among those given
        - "first" and "second": figures, each with its own n
        - "value", "low" and "high": of second − first, None where undefined
        - "standing": of the second, see `say_standing`
    """
    some = both if forgeries else both.part(~both.forged)
    edited = some.first.label != "real"
    same = both.part(_same_originals(both.first))
    of_kind = same.first.label == "deepfake"
    return [
        *_rows_of("stage 1", some, edited, "edited", STAGE_1),
        *_rows_of("stage 2, same originals", same, of_kind, "deepfake", STAGE_2),
        *_rows_of("both stages", some, edited, "edited", JOINT),
    ]


def _same_originals(table: pd.DataFrame) -> np.ndarray:
    """Return which rows, (N,) bool, are edits of an original of which the table holds edits of both kinds."""
    edits = table[(table.label != "real") & are_forged_names(table.pair)]
    matched = edits.groupby("pair").label.transform("nunique") == 2
    return table.index.isin(edits.index[matched])


def _rows_of(
    name: str, both: Pairing, positive: pd.Series, stage: str, measures: Mapping[str, Weighted]
) -> list[dict[str, Any]]:
    tables = [
        table.assign(positive=positive, score=table[f"p_{stage}"], said=table[f"says_{stage}"])
        for table in (both.first, both.second)
    ]
    known = ~(tables[0].score.isna() | tables[1].score.isna()).to_numpy(bool)
    one, other = (table[known] for table in tables)
    figures = zip(measures, _figures(one, other, measures), strict=True)
    return [{"stage": name, "measure": measure} | _difference(measure, *three) for measure, three in figures]


def _figures(
    one: pd.DataFrame, other: pd.DataFrame, measures: Mapping[str, Weighted]
) -> list[tuple[dict[str, Any], ...]]:
    """Return the first's figure, the second's and their difference's for each measure, all from the same draws."""
    if one.empty:
        return [({"value": None, "low": None, "high": None, "n": 0},) * 3 for _ in measures]

    def all_of(_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        sides = np.stack([[m.of(side, weights) for m in measures.values()] for side in (one, other)])
        return np.stack([*sides, sides[1] - sides[0]], axis=-1).transpose(1, 0, 2).reshape(weights.shape[0], -1)

    figures = iter(bootstrap.figures_of(one, all_of))
    return [
        (next(figures) | {"n": m.count(one)}, next(figures) | {"n": m.count(other)}, next(figures))
        for m in measures.values()
    ]


def _difference(measure: str, first: dict[str, Any], second: dict[str, Any], gap: dict[str, Any]) -> dict[str, Any]:
    edges = {name: gap[name] for name in ("value", "low", "high")}
    return {
        "n": first["n"] if first["n"] == second["n"] else None,
        "first": first,
        "second": second,
        **edges,
        "standing": say_standing(measure, gap["low"], gap["high"]),
    }


def say_standing(measure: str, low: float | None, high: float | None) -> str:
    """Say how the second stands to the first.

    Returns:
        - "not measured": there is no interval.
        - "not told apart": the interval holds 0.
        - "better" or "worse".
        - "more" or "fewer", of "coverage": more verdicts are better only if they are right.
    """
    if low is None or high is None:
        return "not measured"
    if low <= 0 <= high:
        return "not told apart"
    if measure == "coverage":
        return "more" if low > 0 else "fewer"
    return "better" if (low > 0) != (measure in LESS_IS_BETTER) else "worse"


# --- right and wrong -------------------------------------------------------------------------------------------


def mcnemar(both: Pairing) -> dict[str, Any]:
    """Return McNemar's exact test (Psychometrika 1947) of right and wrong three-class answers without abstention.

    Only photos that one has right and the other wrong tell: were both as good, each would be as likely the right one.
    Photos count as independent here; the intervals of `differences` need not assume that.

    Returns:
        Counts "both right", "only first right", "only second right" and "both wrong". "n" is their sum, "p" two-sided.
    """
    from scipy.stats import binomtest

    first, second = (table.forced == table.label for table in (both.first, both.second))
    counts = {
        "both right": int((first & second).sum()),
        "only first right": int((first & ~second).sum()),
        "only second right": int((~first & second).sum()),
        "both wrong": int((~first & ~second).sum()),
    }
    won, lost = counts["only second right"], counts["only first right"]
    p = float(binomtest(won, won + lost, 0.5).pvalue) if won + lost else 1.0
    return counts | {"n": len(both), "p": p}


def flips(both: Pairing) -> pd.DataFrame:
    """Return the photos whose verdict flipped, those whose p(edited) moved most first.

    Returns:
        Columns:

        - `id`, `sha256`, `label`, `kind`, `source`: of the photo.
        - `turned`: "right → wrong", "no verdict → right", …; "wrong → wrong" from one wrong verdict to another.
        - `verdict`, `reasons`, `p_edited`, `p_deepfake`, `heatmap`: of both, with "_first" and "_second" behind.
    """
    shared = both.first[["id", "sha256", "label", "kind", "source"]]
    sides = [
        table[["verdict", "reasons", "p_edited", "p_deepfake", "heatmap"]].add_suffix(f"_{name}")
        for name, table in (("first", both.first), ("second", both.second))
    ]
    table = pd.concat([shared, *sides], axis=1)
    was, now = (pd.Series(_standings(one), both.first.index) for one in (both.first, both.second))
    table.insert(5, "turned", was + " → " + now)
    moved = (table.p_edited_second - table.p_edited_first).abs()
    order = moved.sort_values(ascending=False, kind="stable", na_position="last").index
    flipped = order[(table.verdict_first != table.verdict_second).loc[order]]
    return table.loc[flipped].reset_index(drop=True)


def _standings(table: pd.DataFrame) -> np.ndarray:
    """Return of each row's verdict which of `STANDINGS` it is, (N,) str."""
    return np.select([table.verdict == "inconclusive", table.verdict == table.label], ["no verdict", "right"], "wrong")
