"""What maps of a batch of pictures gave and cost, in a journal, so that a killed call goes on where it was."""

import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

from pipeline.crops.journal import Journal
from pipeline.evaluation.maps.truth import WINDOW
from pipeline.evaluation.parts import part_name
from pipeline.heatmap import Heatmap

Rows = list[dict[str, Any]]
"""One row a picture and method, as `pipeline.evaluation.maps.scores.score_map` gives them."""


class Costs:
    """What maps cost: seconds of each batch by what was done; a ratio needs no faster machine to be the same.

    Attributes:
        spent: what was done → seconds of each batch.
    """

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def spend(self, what: str, work: Callable[[], np.ndarray]) -> np.ndarray:
        """Do a batch's work and note its time."""
        since = time.perf_counter()
        result = work()
        self.spent.setdefault(what, []).append(time.perf_counter() - since)
        return result

    def add(self, spent: Mapping[str, Sequence[float]]) -> None:
        """Add what other batches cost."""
        for what, seconds in spent.items():
            self.spent.setdefault(what, []).extend(seconds)

    def ratios(self) -> dict[str, float]:
        """Return each method's time over a forward pass of the same network in torch, the median of the batches."""
        spent = {name: seconds[1:] or seconds for name, seconds in self.spent.items()}  # the first one warms up
        whole = spent.pop("forward", [])
        return {name: round(median(seconds) / median(whole), 2) for name, seconds in spent.items()}


class KeptBatches:
    """Batches of pictures that were measured, by their pictures.

    Attributes:
        costs: of all of them.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal, self.costs = journal, Costs()

    def get(self, what: str, pictures: Iterable[str], measure: Callable[[Costs], Rows]) -> Rows:
        """Return a batch's rows: as an earlier call kept them, or measured now and kept.

        Args:
            what: they are of.
            pictures: their ids.
            measure: does it.
        """
        costs, name = Costs(), part_name(what, pictures)
        done = self._journal.once(name, lambda: {"rows": [*map(_packed, measure(costs))], "spent": costs.spent})
        self.costs.add(done["spent"])
        return [_unpacked(row) for row in done["rows"]]


def _packed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON can hold it, every bit of its numbers kept."""
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
    grid = None if row["heatmap"] is None else _text_of(row["heatmap"].grid)
    return plain | {"heatmap": grid, "mask": None if row["mask"] is None else _text_of(row["mask"])}


def _unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    grid, mask = (None if row[name] is None else _array_of(row[name]) for name in ("heatmap", "mask"))
    drawn = None if grid is None else Heatmap(grid, WINDOW, "edited", "edited", row["method"])
    return {**row, "heatmap": drawn, "mask": mask}


def _text_of(array: np.ndarray) -> dict[str, Any]:
    text = b64encode(zlib.compress(np.ascontiguousarray(array).tobytes())).decode()
    return {"shape": array.shape, "type": array.dtype.str, "data": text}


def _array_of(kept: Mapping[str, Any]) -> np.ndarray:
    return np.frombuffer(zlib.decompress(b64decode(kept["data"])), kept["type"]).reshape(kept["shape"])
