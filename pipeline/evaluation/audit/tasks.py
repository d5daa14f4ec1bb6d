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
    """Return at most `most` originals, and half as many forged edits, of each source and label."""
    forged = rows.recipe != ""
    return pd.concat([cap_evenly(rows[~forged], most, seed), cap_evenly(rows[forged], most // 2, seed)])


def cap_evenly(rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most `most` rows of each source and label, from as many groups as there are.

    A hash orders groups, and pairs in a group, alike for all labels: an original and its edit are taken together.
    """
    key = rows.pair.where(rows.pair != "", rows.path)
    order = rows.assign(_group=_hash_number(rows.group, seed), _key=_hash_number(key, seed)).sort_values(
        ["_group", "_key"]
    )
    order["_turn"] = order.groupby(["source", "label", "group"]).cumcount()
    taken = order.sort_values(["_turn", "_group", "_key"], kind="stable").groupby(["source", "label"]).head(most)
    return rows.loc[rows.index.isin(taken.index)]


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
    """Return as many deepfakes as retouched photos of each source, so that the source tells nothing of the label."""
    kept = []
    for _, part in forged.groupby("source"):
        counts = part.label.value_counts().reindex(["deepfake", "facetune"], fill_value=0)
        kept += [part[part.label == label].head(int(counts.min())) for label in counts.index]
    return pd.concat(kept) if kept else forged
