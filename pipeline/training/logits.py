"""Validation logits of a served network, written as they come: a killed call goes on where it was."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from pipeline.crops.crops import centre
from pipeline.crops.identity import id_of
from pipeline.crops.journal import Journal
from pipeline.examining.container import pixels_of
from pipeline.examining.loaded import PREPROCESSING, cores
from pipeline.examining.stability import VARIANTS, logits_under

PACKAGES = ("onnxruntime", "numpy", "opencv-python-headless", "pillow")
"""What a logit owes its last digits to: another version starts a journal anew."""


def head_of(files: list[str]) -> dict[str, Any]:
    """Return what logits depend on; `files` are the hashes of weights and graph."""
    told = {"files": files, "preprocessing": PREPROCESSING, "variants": list(VARIANTS)}
    return told | {name: version(name) for name in PACKAGES}


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
    name_of = sha256("".join(files).encode()).hexdigest()[:12]
    journal = Journal(store / f"logits-{name_of}.journal", head_of(files))
    names = [id_of(*row) for row in zip(rows.sha256, rows.recipe, strict=True)]
    missing = [
        (name, row, bool(whole))
        for name, row, whole in zip(names, rows.index.tolist(), wanted, strict=True)
        if len(journal.known.get(name, {"logits": ()})["logits"]) < (1 + len(VARIANTS) if whole else 1)
    ]

    def asked(task: tuple[str, int, bool]) -> dict[str, Any]:
        name, row, whole = task
        crop = centre(crops[row])
        said = next(logits_under(network, [crop])) if whole else network(pixels_of([crop]))[:, 0]
        return {"index": name, "logits": [float(value) for value in said]}

    with ThreadPoolExecutor(threads or cores()) as lanes:
        for done in tqdm(lanes.map(asked, missing), total=len(missing), desc=what, unit="photo", disable=None):
            journal.add(done)
    empty = [float("nan")] * len(VARIANTS)
    return np.array([(journal.known[name]["logits"] + empty)[: 1 + len(VARIANTS)] for name in names], np.float64)
