"""Grouped cross-validation of a collection too small for one split: every photo is held out once.

One fold's groups are the test, the next one's validation, the rest is trained on; other collections keep their splits.
"""

import json
from typing import Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.card import PREFIX
from pipeline.datasets.sources import home
from pipeline.errors import BadDataset
from pipeline.forge import operation
from pipeline.manifest.splits import DONOR_ELSEWHERE, lent_from_elsewhere, with_splits
from pipeline.splits import UNSEEN

SEED = 1
LEAST, MOST = 3, 50
"""Folds: at least one each for test, validation and training."""


class Fold(BaseModel):
    """One fold of a collection: `number` of `of`, from 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    number: int = Field(ge=0)
    of: int = Field(ge=LEAST, le=MOST)

    @model_validator(mode="after")
    def _there(self) -> Self:
        if self.number >= self.of:
            raise ValueError(f"folds of {self.source} are numbered 0 to {self.of - 1}")
        return self

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "collection:number/of", such as "ciplab:0/5".

        Raises:
            BadDataset: it is of another form, or there is no such fold.
        """
        source, _, place = text.rpartition(":")
        number, _, of = place.partition("/")
        try:
            return cls.model_validate({"source": source, "number": number, "of": of})
        except ValueError as problem:
            raise BadDataset(
                f"{text!r} is no fold: write collection:number/folds, ciplab:0/5 to ciplab:4/5 for five; "
                f"there may be {LEAST} to {MOST} folds."
            ) from problem

    def __str__(self) -> str:
        """Return what `parse` reads."""
        return f"{self.source}:{self.number}/{self.of}"


def with_fold(table: pd.DataFrame, fold: Fold | None) -> pd.DataFrame:
    """Return a store's table with the splits of a fold; as it is where there is none.

    What shares a group with the collection's photos goes with them, forged edits too. A forged edit with a part of a
    photo that is in another split now is marked as not usable.

    Args:
        table: of a store.
        fold: of one of its collections.

    Raises:
        BadDataset: the store has no such collection, or fewer groups of real or of edited photos than folds.
    """
    if fold is None:
        return table
    mine = photos_of(table, fold.source)
    mine = mine[mine.split != UNSEEN]
    if mine.empty:
        known = ", ".join(sorted(set(table.source[table.recipe == ""])))
        raise BadDataset(f"There is no collection {fold.source!r} to put in folds: there are {known}.")
    fewest = min(mine.group[(mine.label == "real") == real].nunique() for real in (True, False))
    if fewest < fold.of:
        raise BadDataset(
            f"{fold.source} cannot be put in {fold.of} folds: each needs real and edited photos, and of one of the two "
            f"it has {fewest} groups."
        )
    dealt = with_splits(mine.assign(held_out=False, split=""), SEED, fold.of)
    numbers = dict(zip(mine.group, dealt.str.removeprefix("fold").astype(int), strict=True))
    named = {fold.number: "test", (fold.number + 1) % fold.of: "val"}
    moved = table.group.isin(numbers)
    split = table.split.where(~moved, table.group.map(numbers).map(named).fillna("train"))
    lent = lent_from_elsewhere(table.assign(split=split, donor=table.recipe.map(_donor).str[:PREFIX]))
    return table.assign(split=split, error=table.error.mask(lent, DONOR_ELSEWHERE))


def photos_of(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the photos of a collection and of the one that it belongs beside, without what was forged from them."""
    return table[(table.recipe == "") & (table.source.map(home) == home(source))]


def _donor(recipe: str) -> str:
    """Return the hash of the photo of which an edit has a part; "" where it has none."""
    if not recipe:
        return ""
    read = json.loads(recipe)
    return str(read["donor"]) if any(operation(name).needs_donor for name in read.get("operations", ())) else ""
