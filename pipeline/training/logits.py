"""Validation logits of a served network, written as they come: a killed call goes on where it was."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.card import Card
from models.serving import serve
from pipeline.crops.crops import Crops
from pipeline.crops.identity import id_of
from pipeline.crops.journal import Journal
from pipeline.examining.container import pixels_of
from pipeline.examining.lanes import cores
from pipeline.examining.loaded import PREPROCESSING
from pipeline.examining.stability import VARIANTS, logits_under

PACKAGES = ("onnxruntime", "numpy", "opencv-python-headless", "pillow")
"""What a logit owes its last digits to: another version starts a journal anew."""


@dataclass(frozen=True)
class Served:
    """A network as it is served.

    Attributes:
        network: to ask, see `models.serving.Network`.
        files: hashes of its files, on which its answers depend.
    """

    network: Callable[[np.ndarray], np.ndarray]
    files: tuple[str, ...]

    @classmethod
    def read(cls, card: Card, root: Path) -> Self:
        """Open the network of a card."""
        return cls(serve(card.weights, root)[0], (card.sha256, card.graph_sha256, card.ranges_sha256))


def head_of(files: Sequence[str]) -> dict[str, Any]:
    """Return what logits depend on; `files` are the hashes of weights and graph."""
    head = {"files": list(files), "preprocessing": PREPROCESSING, "variants": list(VARIANTS)}
    return head | {name: version(name) for name in PACKAGES}


def score_crops(
    served: Served, crops: Crops, rows: pd.DataFrame, what: str, varied: np.ndarray | None = None
) -> np.ndarray:
    """Return the logits of stored crops and of their harmless variants, (N, 1 + k) float64; all cores share them.

    Args:
        served: the network.
        crops: the store; the journal is kept in its folder.
        rows: of its table.
        what: is scored, for the progress bar.
        varied: (N,) bool, of which photos the variants are scored too; the others' are NaN. None: of all.
    """
    wanted = np.ones(len(rows), bool) if varied is None else varied
    name_of = sha256("".join(served.files).encode()).hexdigest()[:12]
    journal = Journal(crops.folder / f"logits-{name_of}.journal", head_of(served.files))
    names = [id_of(*row) for row in zip(rows.sha256, rows.recipe, strict=True)]
    missing = [
        (name, row, bool(whole))
        for name, row, whole in zip(names, rows.index.tolist(), wanted, strict=True)
        if len(journal.known.get(name, {"logits": ()})["logits"]) < (1 + len(VARIANTS) if whole else 1)
    ]

    def score(task: tuple[str, int, bool]) -> dict[str, Any]:
        name, row, whole = task
        network, crop = served.network, crops.crop(row)
        logits = next(logits_under(network, [crop])) if whole else network(pixels_of([crop]))[:, 0]
        return {"index": name, "logits": [float(value) for value in logits]}

    with ThreadPoolExecutor(cores()) as lanes:
        for entry in tqdm(lanes.map(score, missing), total=len(missing), desc=what, unit="photo", disable=None):
            journal.add(entry)
    empty = [float("nan")] * len(VARIANTS)
    return np.array([(journal.known[name]["logits"] + empty)[: 1 + len(VARIANTS)] for name in names], np.float64)
