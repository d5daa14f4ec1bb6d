"""An evaluation's photos as the page Errors sorts, filters and counts them: arrays, quick enough to follow a slider."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline.casebook.tags import TAGS, Tag
from pipeline.datasets import LABELS
from pipeline.errors import BadEvaluation
from pipeline.figures.curves import confidence
from pipeline.figures.slices import bins
from pipeline.figures.what_if import FIXED, Band
from pipeline.records import defused
from pipeline.results.evaluation import RUN, Evaluation
from pipeline.verdict import Label

VERDICTS: tuple[Label, ...] = ("real", "deepfake", "facetune", "inconclusive")
"""The true labels in their order, and no verdict."""
PAGE = 12
"""Photos on a page of the gallery."""
UNSAID = "not said"
UNTAGGED = "no tag"
CLEAN = "clean"
"""The tier in which a photo is left as it is."""

Facets = dict[str, dict[str, np.ndarray]]
"""Facet → value → (N,) bool, which photos have it."""
Bands = tuple[Band, Band]
"""Both stages' answers to a probability."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What is said of every photo under some thresholds.

    Attributes:
        label: (N,) int, the true label's place in `LABELS`.
        verdict: (N,) int, the verdict's place in `VERDICTS`.
        forced: (N,) int, that of the verdict without abstention.
        sure: (N,) float64, the joint probability of the forced label.
        asked: (N,) bool, whether the second stage had its say.
        bands: the thresholds.
        own: whether they are the release's.
    """

    label: np.ndarray
    verdict: np.ndarray
    forced: np.ndarray
    sure: np.ndarray
    asked: np.ndarray
    bands: Bands
    own: bool

    @property
    def wrong(self) -> np.ndarray:
        """(N,) bool: a verdict is given and it is wrong."""
        return (self.verdict != self.label) & (self.verdict < len(LABELS))


@dataclass(frozen=True, eq=False)
class Board:
    """An evaluation made ready; treat it as read-only.

    Attributes:
        evaluation: whose photos they are.
        given: the verdicts as they were measured.
        facets: what can be filtered by, without tags.
        fixed: (N,) bool, photos that stay inconclusive whatever the thresholds.
        flips: (N,) float64, in how many tiers the verdict is another than in the clean one; NaN where not measured.
        tiers: how many tiers a photo was tried in, beside the clean one.
        places: (N,) int, the order of the ids.
    """

    evaluation: Evaluation
    given: Judged
    facets: Facets
    fixed: np.ndarray
    flips: np.ndarray
    tiers: int
    places: np.ndarray

    @classmethod
    def of(cls, shown: Evaluation) -> Self:
        """Make an evaluation ready.

        Raises:
            BadEvaluation: its run.json does not say the release's thresholds.
        """
        table = shown.predictions
        given = _given(table, _bands(shown))
        fixed = {text: bool(set(text.split()) & set(FIXED)) for text in table.reasons.unique()}
        flips, tiers = _flips(shown)
        places = np.argsort(np.argsort(table.id.to_numpy(str)))
        return cls(shown, given, _facets(table), table.reasons.map(fixed).to_numpy(bool), flips, tiers, places)

    @property
    def bands(self) -> Bands:
        """The release's own thresholds."""
        return self.given.bands

    @property
    def scores(self) -> tuple[np.ndarray, np.ndarray]:
        """p(edited) and p(deepfake), (N,) float64 each."""
        table = self.evaluation.predictions
        return table.p_edited.to_numpy(float), table.p_deepfake.to_numpy(float)

    @property
    def count(self) -> int:
        """N, the number of photos."""
        return len(self.fixed)

    def row_of(self, photo: str) -> int | None:
        """Return the place of a photo by its id; None where there is none."""
        found = np.flatnonzero((self.evaluation.predictions.id == photo).to_numpy(bool))
        return int(found[0]) if len(found) else None


def _bands(shown: Evaluation) -> Bands:
    try:
        known = shown.run["thresholds"]
        return Band.of_run(known["edited"]), Band.of_run(known["deepfake"])
    except (KeyError, TypeError, ValueError) as problem:
        raise BadEvaluation(f"{shown.path / RUN} does not say the thresholds of both stages.") from problem


def _flips(shown: Evaluation) -> tuple[np.ndarray, int]:
    table = shown.tiers
    if table is None or table.empty or CLEAN not in set(table.tier):
        return np.full(len(shown.predictions), np.nan), 0
    said = table.drop_duplicates(["id", "tier"]).pivot(index="id", columns="tier", values="verdict")
    others = said.drop(columns=CLEAN)
    turned = (others.ne(said[CLEAN], axis=0) & others.notna()).sum(axis=1).where(said[CLEAN].notna())
    return turned.reindex(shown.predictions.id).to_numpy(float), others.shape[1]


def _facets(table: pd.DataFrame) -> Facets:
    cut = bins(table)
    return {
        "source": _by_word(table.source),
        "kind": _by_word(table.kind),
        "difficulty": _by_word(table.difficulty),
        "face size": _by_bin(cut["face size"]),
        "JPEG quality": _by_bin(cut["JPEG quality"]),
    }


def _by_word(column: pd.Series) -> dict[str, np.ndarray]:
    counts = column.value_counts()
    names = sorted(counts.index, key=lambda name: (name == "", -counts[name], name))
    return {str(name) or UNSAID: (column == name).to_numpy(bool) for name in names}


def _by_bin(values: Any) -> dict[str, np.ndarray]:
    found = {str(name): np.asarray(values.codes == code) for code, name in enumerate(values.categories)}
    found[UNSAID] = np.asarray(values.codes < 0)
    return {name: mine for name, mine in found.items() if mine.any()}


def with_tags(board: Board, tags: Mapping[str, Mapping[str, Tag]]) -> Facets:
    """Return the facets with that of tags, from photo → tag → `Tag`."""
    ids = board.evaluation.predictions.id
    found = {tag: ids.isin([photo for photo, mine in tags.items() if tag in mine]).to_numpy(bool) for tag in TAGS}
    nothing = ~np.any(list(found.values()), axis=0)
    return board.facets | {"tag": found | {UNTAGGED: nothing}}


def kept(facets: Facets, chosen: Mapping[str, Sequence[str]], count: int, beside: str = "") -> np.ndarray:
    """Return (N,) bool: which of `count` photos pass.

    Args:
        facets: see `Facets`.
        chosen: facet → values, any of which will do; none chosen lets all pass.
        count: N.
        beside: a facet that is passed over.
    """
    passes = np.ones(count, bool)
    for name, values in chosen.items():
        known = [facets[name][value] for value in values if value in facets.get(name, {})]
        if known and name != beside:
            passes &= np.logical_or.reduce(known)
    return passes


def counts(facets: Facets, chosen: Mapping[str, Sequence[str]], count: int) -> dict[str, dict[str, int]]:
    """Return facet → value → how many photos have it of those that the other facets' choices let pass."""
    return {
        name: {value: int((mine & rest).sum()) for value, mine in values.items()}
        for name, values in facets.items()
        for rest in (kept(facets, chosen, count, name),)
    }


def judged(board: Board, bands: Bands) -> Judged:
    """Judge all photos as `pipeline.figures.what_if.rejudged` does, fast enough to follow a slider.

    Under the release's own thresholds the verdicts are those that were measured.
    """
    given = board.given
    if bands == board.bands:
        return given
    edited, deepfake = bands
    first, second = board.scores
    says = edited.says(first)
    asked = says & ~edited.abstains(first)
    forced = np.where(says, np.where(deepfake.says(second), 1, 2), 0)
    nothing = edited.abstains(first) | (asked & deepfake.abstains(second)) | board.fixed
    asked = np.where(board.fixed, given.asked, asked)
    sure = np.choose(forced, [1 - first, first * second, first * (1 - second)])
    return Judged(given.label, np.where(nothing, len(LABELS), forced), forced, sure, asked, bands, False)


def _given(table: pd.DataFrame, bands: Bands) -> Judged:
    codes = [pd.Categorical(table[name], VERDICTS).codes.astype(int) for name in ("label", "verdict", "forced")]
    asked = (table.decided_by == "deepfake").to_numpy(bool)
    return Judged(codes[0], codes[1], codes[2], confidence(table), asked, bands, True)


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: a true label, and a verdict."""

    label: str
    verdict: str

    @classmethod
    def of(cls, name: str) -> "Cell | None":
        """Return the cell that an address names; None where it names none."""
        label, _, verdict = name.partition("-")
        return cls(label, verdict) if label in LABELS and verdict in VERDICTS else None

    @property
    def name(self) -> str:
        """How it stands in an address."""
        return f"{self.label}-{self.verdict}"

    def of_photos(self, found: Judged) -> np.ndarray:
        """Return (N,) bool: which photos are in it."""
        return (found.label == LABELS.index(self.label)) & (found.verdict == VERDICTS.index(self.verdict))


def _worst(board: Board, found: Judged) -> list[np.ndarray]:
    """Wrong verdicts, the surest first; abstentions on what would be wrong; then the rest, the least sure first."""
    missed, open_ = found.forced != found.label, found.verdict == len(LABELS)
    rank = np.select([found.wrong, open_ & missed, open_], [0, 1, 2], 3)
    return [rank, np.where(missed, -found.sure, found.sure)]


def _turning(board: Board, found: Judged) -> list[np.ndarray]:
    unstable = board.evaluation.predictions.reasons.str.contains("unstable", regex=False).to_numpy(bool)
    return [-np.nan_to_num(board.flips), ~unstable, np.isnan(board.flips), *_worst(board, found)]


def _unfaithful(board: Board, found: Judged) -> list[np.ndarray]:
    values = board.evaluation.predictions.faithfulness.to_numpy(float)
    return [np.where(np.isfinite(values), values, np.inf), *_worst(board, found)]


def _by(column: str, sign: int) -> Callable[[Board, Judged], list[np.ndarray]]:
    def keys(board: Board, found: Judged) -> list[np.ndarray]:
        values = sign * board.evaluation.predictions[column].to_numpy(float)
        return [np.where(np.isfinite(values), values, np.inf)]

    return keys


SORTS: dict[str, Callable[[Board, Judged], list[np.ndarray]]] = {
    "Confident and wrong first": _worst,
    "Turns when saved again first": _turning,
    "Least faithful heatmap first": _unfaithful,
    "p(edited), highest first": _by("p_edited", -1),
    "p(edited), lowest first": _by("p_edited", 1),
    "p(deepfake), highest first": _by("p_deepfake", -1),
    "p(deepfake), lowest first": _by("p_deepfake", 1),
    "By file (id)": lambda board, found: [board.places],
}
"""What the gallery can be sorted by: keys, (N,) each, smallest first, the first one counting most."""


def ordered(board: Board, found: Judged, among: np.ndarray, sort: str) -> np.ndarray:
    """Return the places of the photos that `among`, (N,) bool, names, sorted; equal ones by id."""
    rows = np.flatnonzero(among)
    keys = [key[rows] for key in (*SORTS[sort](board, found), board.places)]
    return rows[np.lexsort(keys[::-1])]


def listed(board: Board, found: Judged, rows: np.ndarray, tags: Mapping[str, Mapping[str, Tag]]) -> pd.DataFrame:
    """Return the photos in these rows as they are taken away: predictions without maps, what is said, and tags."""
    table = board.evaluation.predictions.iloc[rows].drop(columns="heatmap")
    table.insert(list(table).index("verdict") + 1, "verdict_shown", np.array(VERDICTS)[found.verdict[rows]])
    table["tiers_turned"] = board.flips[rows]
    mine = [tags.get(photo, {}) for photo in table.id]
    table["tags"] = ["; ".join(entry) for entry in mine]
    table["notes"] = ["; ".join(tag.note for tag in entry.values() if tag.note) for entry in mine]
    words = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(defused) for name in words})
