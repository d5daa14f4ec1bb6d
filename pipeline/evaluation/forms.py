"""How an adapted network is served best: every form of `models.clip_numbers.FORMS` beside float32, in one run.

Written to models/evaluations/serving/<release>.json: for each stage and form, the time of a crop on one thread and on
two, crops a second on all cores, how far its logits are from float32's, and AUC on every validation set. The form to
ship is the fastest that loses at most `LOST` on every set and correlates at `ALIKE`; the test split is not touched.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from models import eight_bit
from models.base import read_base
from models.card import Card, read_card
from models.clip_graph import graph
from models.clip_numbers import FORMS, PLAIN, numbers
from models.errors import UnknownName
from models.files import ROOT, write_json
from models.release import StageName, read_release
from models.serving import Network
from pipeline.crops.crops import centre, read_store
from pipeline.crops.identity import revision
from pipeline.crops.journal import Journal
from pipeline.datasets.sources import home
from pipeline.evaluation.conditions import surroundings
from pipeline.examining.container import pixels_of
from pipeline.examining.loaded import cores
from pipeline.training.selection import target_of, usable

LOST, ALIKE = 0.003, 0.998
EACH = 30
"""Validation photos of a source and label."""
SLOW = ("weights8",)
"""Forms slower than float32, which nobody would ship: only their time and logits of `FEW` photos are measured."""
FEW, TIMED = 60, 12
LEAST = 10
"""Photos of either class from which a set has an AUC."""


def measure_forms(name: str, store: Path, each: int = EACH, root: Path = ROOT) -> Path:
    """Measure all forms of both stages of a release; return the file written.

    Args:
        name: of a release whose weights adapt a base.
        store: folder that `prepare --crops` wrote.
        each: validation photos of a source and label.
        root: where weights and `evaluations` lie.

    Raises:
        UnknownName: no such release, or its weights adapt no base.
    """
    since, release, table = time.monotonic(), read_release(name, root), read_store(store)
    told: dict[str, Any] = {}
    strata = usable(table, "edited", "val").groupby(["source", "label"])
    rows = strata.sample(frac=1, random_state=1).groupby(["source", "label"]).head(each).sort_index()
    for stage in ("edited", "deepfake"):
        card = read_card(release.stage(stage).weights, root)
        if not card.base:
            raise UnknownName(f"{card.weights} adapts no base: there is one form of it.")
        mine = rows if stage == "edited" else rows[rows.label != "real"]
        told[stage] = _of_stage(stage, card, store, mine, root)
    path = root / "evaluations" / "serving" / f"{release.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"release": release.name, "release_sha256": release.sha256, "split": "val", "n": len(rows)}
    facts |= {"data": revision(table), "photos of a source and label at most": each, "cores": cores()}
    facts |= {"8-bit products are added": "with saturation" if eight_bit.saturates() else "exactly"}
    facts |= {"rule": f"the fastest that loses at most {LOST} AUC on every set and correlates at {ALIKE}"}
    write_json(path, facts | surroundings(1, time.monotonic() - since) | {"stages": told})
    return path


def _of_stage(stage: StageName, card: Card, store: Path, rows: pd.DataFrame, root: Path) -> dict[str, Any]:
    own = load_file(root / "weights" / f"{card.weights}.safetensors")
    ranges = load_file(root / "weights" / f"{card.weights}.ranges.safetensors")
    base = read_base(card.base, card.base_sha256, root)
    crops = np.load(store / "crops.npy", mmap_mode="r")
    pixels = [pixels_of([centre(crops[row])]) for row in rows.index.tolist()]
    head = {"files": [card.sha256, card.ranges_sha256], "rows": [*map(int, rows.index)]}
    kept = Journal(store / f"forms-{card.weights}.journal", head)
    for form in (form for form in FORMS if form not in kept.known):
        merged = numbers(base, own, card.input_size, form, ranges)
        tensors = dict(eight_bit.moved(merged) if eight_bit.saturates() else merged)
        written = graph(card.input_size, card.outputs, form, eight_bit.saturates())
        network = Network(written, tensors, wide=2)
        asked = pixels[:: max(1, len(pixels) // FEW)] if form in SLOW else pixels
        told, said = _measured(network, asked, pixels[:TIMED], f"{stage}, {form}")
        kept.add({"index": form, "told": told, "logits": said.tolist()})
    logits = {form: np.array(kept.known[form]["logits"]) for form in FORMS}
    found = {form: kept.known[form]["told"] | _beside(logits[form], logits[PLAIN]) for form in FORMS}
    for form in FORMS:
        if form not in SLOW:
            found[form]["AUC"] = aucs(rows, stage, logits[form])
    return {"weights": card.weights, "shipped": card.form, "chosen": chosen(found), "forms": found}


def _measured(
    network: Network, asked: list[np.ndarray], timed: list[np.ndarray], what: str
) -> tuple[dict[str, Any], np.ndarray]:
    """Return what a form costs, and its logits of crops."""
    logits, seconds = _asked(network, asked, what)
    told = {
        "seconds a crop, one thread": _seconds(network, [np.concatenate([one, one]) for one in timed], 2),
        "seconds a crop, two threads": _seconds(network, timed, 1),
        "crops a second, all cores": round(len(asked) / seconds, 2),
        "n": len(asked),
    }
    return told, logits


def _beside(logits: np.ndarray, plain: np.ndarray) -> dict[str, float]:
    """Return how far logits are from those in float32; where there are fewer, of every so manieth photo."""
    beside = plain[:: max(1, len(plain) // FEW)] if len(logits) < len(plain) else plain
    return {
        "correlation with float32": round(float(np.corrcoef(logits, beside)[0, 1]), 5),
        "mean difference, logits": round(float(np.abs(logits - beside).mean()), 4),
        "largest difference, logits": round(float(np.abs(logits - beside).max()), 3),
    }


def _asked(network: Network, pixels: list[np.ndarray], what: str) -> tuple[np.ndarray, float]:
    """Return the logits of crops, one thread each on all cores, and the seconds that they took."""
    pairs = [np.concatenate(pixels[first : first + 2]) for first in range(0, len(pixels), 2)]
    since = time.perf_counter()
    with ThreadPoolExecutor(cores()) as lanes:
        said = list(tqdm(lanes.map(network, pairs), total=len(pairs), desc=what, unit="pair", disable=None))
    return np.concatenate(said)[:, 0].astype(np.float64), time.perf_counter() - since


def _seconds(call: Callable[[np.ndarray], Any], pixels: list[np.ndarray], count: int) -> float:
    """Return the median time of a call over how many crops it scores."""
    spent = []
    for one in pixels[:TIMED]:
        since = time.perf_counter()
        call(one)
        spent.append((time.perf_counter() - since) / count)
    return round(median(spent[1:]), 4)


def aucs(rows: pd.DataFrame, stage: StageName, logits: np.ndarray) -> dict[str, float]:
    """Return AUC by set: edits of a source beside the real photos of where it belongs, or all where it has none.

    In the second stage the two kinds of edits of one source's originals.

    Args:
        rows: of a store's table, (N,).
        stage: whose logits these are.
        logits: (N,).
    """
    truth, found = target_of(rows, stage) > 0, {}
    homes, real = rows.source.map(home), (rows.label == "real").to_numpy()
    for source in sorted(rows.source[~real].unique()):
        mine = (rows.source == source).to_numpy()
        if stage == "edited":
            beside = real & (homes == home(source)).to_numpy()
            mine = mine | (beside if beside.any() else real)
        if min(truth[mine].sum(), (~truth[mine]).sum()) >= LEAST:
            found[str(source)] = round(float(roc_auc_score(truth[mine], logits[mine])), 5)
    return found | {"all": round(float(roc_auc_score(truth, logits)), 5)}


def chosen(found: dict[str, dict[str, Any]]) -> str:
    """Return the form to ship, see the module; float32 where none keeps the rule."""
    plain = found[PLAIN]["AUC"]
    held = [
        form
        for form, told in found.items()
        if "AUC" in told
        and told["correlation with float32"] >= ALIKE
        and all(told["AUC"][source] >= plain[source] - LOST for source in plain)
    ]
    return max(held, key=lambda form: found[form]["crops a second, all cores"], default=PLAIN)
