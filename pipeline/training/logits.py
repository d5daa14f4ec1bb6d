"""Validation logits of a served network, written as they come: a killed call goes on where it was."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.evaluation.targets import id_of
from pipeline.loaded import PREPROCESSING, cores
from pipeline.stability import VARIANTS, logits_under, pixels_of
from pipeline.training.samples import centre

PACKAGES = ("onnxruntime", "numpy", "opencv-python-headless", "pillow")
"""What a logit owes its last digits to: another version starts a journal anew."""


def head_of(files: list[str]) -> str:
    """Return a journal's first line: what its logits depend on; `files` are the hashes of weights and graph."""
    told = {"files": files, "preprocessing": PREPROCESSING, "variants": list(VARIANTS)}
    return json.dumps(told | {name: version(name) for name in PACKAGES}, sort_keys=True)


class Logits:
    """A journal of logits: a line a photo, its id and its numbers."""

    def __init__(self, path: Path, head: str) -> None:
        self._path, self.known = path, dict[str, list[float]]()
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if lines[:1] == [head]:
            whole = [line.split(",") for line in lines[1:] if line.endswith(",.")]  # the last one may be cut off
            self.known = {name: [float(value) for value in values] for name, *values, _ in whole}
        kept = [head, *(self._line(name, values) for name, values in self.known.items())]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")

    @staticmethod
    def _line(name: str, values: list[float]) -> str:
        return ",".join([name, *map(repr, values), "."])

    def fill(self, work: Iterator[tuple[str, list[float]]], total: int, what: str) -> None:
        """Add what is made, and show how far it is."""
        with self._path.open("a", encoding="utf-8") as file:
            for name, values in tqdm(work, total=total, desc=what, unit="photo", disable=None):
                self.known[name] = values
                print(self._line(name, values), file=file, flush=True)


def scored(
    network: Callable[[np.ndarray], np.ndarray],
    store: Path,
    rows: pd.DataFrame,
    what: str,
    files: list[str],
    varied: np.ndarray | None = None,
    threads: int = 0,
) -> np.ndarray:
    """Return the logits of stored crops and of their harmless variants, (N, 1 + k) float64; all cores share them.

    Args:
        network: to ask, see `models.serving.Network`.
        store: folder of the crops, where the journal is kept.
        rows: of the store's table.
        what: said on the progress bar.
        files: hashes of the network's files.
        varied: (N,) bool, of which photos the variants are scored too; the others' are NaN. None: of all.
        threads: photos at once; 0 for one a core.
    """
    crops = np.load(store / "crops.npy", mmap_mode="r")
    wanted = np.ones(len(rows), bool) if varied is None else varied
    journal = Logits(store / f"logits-{sha256(''.join(files).encode()).hexdigest()[:12]}.csv", head_of(files))
    names = [id_of(*row) for row in zip(rows.sha256, rows.recipe, strict=True)]
    missing = [
        (name, row, bool(whole))
        for name, row, whole in zip(names, rows.index.tolist(), wanted, strict=True)
        if len(journal.known.get(name, ())) < (1 + len(VARIANTS) if whole else 1)
    ]

    def asked(task: tuple[str, int, bool]) -> tuple[str, list[float]]:
        name, row, whole = task
        crop = centre(crops[row])
        said = next(logits_under(network, [crop])) if whole else network(pixels_of([crop]))[:, 0]
        return name, [float(value) for value in said]

    with ThreadPoolExecutor(threads or cores()) as lanes:
        journal.fill(lanes.map(asked, missing), len(missing), what)
    empty = [float("nan")] * len(VARIANTS)
    return np.array([(journal.known[name] + empty)[: 1 + len(VARIANTS)] for name in names], np.float64)
