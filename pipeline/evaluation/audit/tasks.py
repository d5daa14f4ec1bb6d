"""Which photos are set against which: one task a stage and scope, on a capped sample that is spread over groups."""

from dataclasses import dataclass

import pandas as pd

from pipeline.datasets.sources import collection
from pipeline.results.audit import SAME

NAMES = {"edited": "real or edited", "deepfake": "deepfake or facetune"}
CLASSES = {"edited": ("real", "edited"), "deepfake": ("facetune", "deepfake")}
"""A stage to the names of its negative and its positive class."""

ALL = "collections"
"""The scope over all originals; `SAME` is that over edits of both kinds forged from the same originals."""


@dataclass(frozen=True, eq=False)
class Task:
    """One question to a classifier that must not see the edit.

    Attributes:
        stage: "edited" or "deepfake".
        scope: the source, or the sources together, that both classes are from.
        rows: the photos, indexed as the store is, with a boolean column `positive`.
    """

    stage: str
    scope: str
    rows: pd.DataFrame

    @property
    def forged(self) -> bool:
        """Whether any photo is a forged edit."""
        return bool((self.rows.recipe != "").any())

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that can be measured: a forged edit has no file of its own, hence no "before"."""
        return ("after",) if self.forged or self.scope == SAME else ("before", "after")


def with_crop(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a store's rows that have a crop."""
    return rows[(rows.error == "") & (rows.quarantine == "")]


def sample_originals_and_edits(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most `most` originals, and half as many forged edits, of each source and label.

    Originals with edits of both kinds come first; every edit's original is there, and one edit of each of its kinds.
    """
    own, forged = rows[rows.recipe == ""], rows[rows.recipe != ""]
    edits = _one_of_each_kind(forged[forged.sha256.isin(own.sha256)], seed)
    edits = cap_evenly(edits, most // 2, seed, _has_both_kinds(edits))
    return pd.concat([cap_evenly(own, most, seed, own.sha256.isin(edits.sha256)), edits])


def cap_evenly(rows: pd.DataFrame, most: int, seed: int, first: pd.Series | None = None) -> pd.DataFrame:
    """Return at most `most` rows of each source and label, from as many groups as there are.

    A hash orders groups, and a collection's pairs in a group, alike for all labels: an original and the edit that it
    was published with are taken together.

    Args:
        rows: of a store.
        most: of each source and label.
        seed: of the hash.
        first: bool, indexed as the rows are: which come before all others, and with them the others of their pairs.
    """
    key = rows.pair.where(rows.pair != "", rows.path)
    later = pd.Series(True, rows.index) if first is None else ~first.groupby([rows.group, key]).transform("any")
    order = rows.assign(_later=later, _group=_hash_number(rows.group, seed), _key=_hash_number(key, seed)).sort_values(
        ["_later", "_group", "_key"]
    )
    order["_turn"] = order.groupby(["source", "label", "group"]).cumcount()
    turns = order.sort_values(["_later", "_turn", "_group", "_key"], kind="stable")
    taken = turns.groupby(["source", "label"]).head(most)
    return rows.loc[rows.index.isin(taken.index)]


def _one_of_each_kind(forged: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one edit of each kind of each original: an original is no more often among one kind than the other."""
    drawn = forged.loc[_hash_number(forged.recipe, seed).sort_values(kind="stable").index]
    return forged.loc[forged.index.isin(drawn.drop_duplicates(["sha256", "label"]).index)]


def _has_both_kinds(edits: pd.DataFrame) -> pd.Series:
    """Tell which edits are of an original of which there are edits of both kinds; a forged edit has its sha256."""
    return edits.groupby("sha256").label.transform("nunique") == 2


def _hash_number(names: pd.Series, seed: int) -> pd.Series:
    """Return a number for each name, which only the name and the seed decide."""
    return pd.util.hash_pandas_object(names.astype(object), index=False, hash_key=f"{seed:016d}").set_axis(names.index)


def tasks_of(rows: pd.DataFrame) -> list[Task]:
    """List all tasks of sampled rows; scopes of one class are left out, except those over all sources."""
    own, forged = rows[rows.recipe == ""], rows[rows.recipe != ""]
    homes = own.source.map(collection)
    parts = [(str(home), own[homes == home]) for home in sorted(homes.unique())]
    parts += [(str(source), _with_originals(own, edits)) for source, edits in forged.groupby("source")]
    by_source = [task for scope, part in parts if (task := edited_task(scope, part)).rows.positive.nunique() == 2]
    return [edited_task(ALL, own), *by_source, deepfake_task(ALL, own), deepfake_task(SAME, even_out(forged))]


def paired_tasks_of(rows: pd.DataFrame) -> list[Task]:
    """List all tasks of sampled rows, forged edits against nothing but the originals that they were made of."""
    return [_pair_up(task) if task.stage == "edited" and task.forged else task for task in tasks_of(rows)]


def _pair_up(task: Task) -> Task:
    """Keep originals with an edit, and one edit of each, of either kind by chance: as many of both classes."""
    originals, edits = task.rows[~task.rows.positive], task.rows[task.rows.positive]
    edits = edits[edits.sha256.isin(originals.sha256)]
    drawn = edits.loc[_hash_number(edits.label + edits.sha256, 0).sort_values().index].drop_duplicates("sha256")
    both = [originals[originals.sha256.isin(drawn.sha256)], edits.loc[edits.index.isin(drawn.index)]]
    return Task(task.stage, task.scope, pd.concat(both))


def edited_task(scope: str, rows: pd.DataFrame) -> Task:
    """Set edited photos against real ones."""
    return Task("edited", scope, rows.assign(positive=rows.label != "real"))


def deepfake_task(scope: str, rows: pd.DataFrame) -> Task:
    """Set deepfakes against retouched photos."""
    edits = rows[rows.label != "real"]
    return Task("deepfake", scope, edits.assign(positive=edits.label == "deepfake"))


def _with_originals(own: pd.DataFrame, edits: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([own[(own.label == "real") & own.source.isin(edits.origin.unique())], edits])


def even_out(forged: pd.DataFrame) -> pd.DataFrame:
    """Return one edit of each kind of the originals that have both: no original, nor its source, tells the label."""
    once = forged.drop_duplicates(["sha256", "label"])
    return once[_has_both_kinds(once)]
