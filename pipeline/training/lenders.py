"""Who may lend a face to whom: people of the same collection, the most alike first."""

from functools import cached_property

import numpy as np
import pandas as pd

from pipeline.crops.build import DONOR_POOL
from pipeline.crops.crops import Crops
from pipeline.forge import Subject
from pipeline.forge.geometry.donors import Look, look_of, unlike


class Lenders:
    """The real photos of a store that may be edited, or lend: of one split only."""

    def __init__(self, crops: Crops, rows: pd.DataFrame) -> None:
        """Learn who stands beside whom.

        Args:
            crops: the store.
            rows: some of its rows; those of real photos count.
        """
        self._crops, self._points = crops.stored, crops.landmarks
        self.real = rows[(rows.label == "real") & (rows.recipe == "")]
        people = zip(self.real.source, self.real.group, strict=True)
        self._person = dict(zip(self.real.index.tolist(), people, strict=True))
        self._of = {source: part.index.to_numpy() for source, part in self.real.groupby("source")}

    @cached_property
    def looks(self) -> dict[int, Look]:
        """What of each face decides whom it may lend to, by row."""
        return {index: look_of(self.subject(index)) for index in self.real.index.tolist()}

    def subject(self, row: int) -> Subject:
        """Return a row's stored crop and its landmarks."""
        return Subject(np.array(self._crops[row]), np.array(self._points[row]))

    def donors(self, original: int, rng: np.random.Generator, tries: int) -> list[int]:
        """Return at most so many rows of a draw of other people of the source who look most like the original."""
        source, group = self._person[original]
        pool = rng.choice(self._of[source], DONOR_POOL)
        others = sorted({int(one) for one in pool if self._person[int(one)][1] != group})
        return sorted(others, key=lambda other: unlike(self.looks[original], self.looks[other]))[:tries]
