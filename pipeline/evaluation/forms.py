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
from models.files import ROOT
from models.release import STAGES, StageName, read_release
from models.serving import Network
from pipeline.crops.crops import Crops, usable_rows
from pipeline.crops.journal import Journal
from pipeline.crops.sampling import in_drawn_order
from pipeline.datasets.sources import home
from pipeline.evaluation.conditions import OF_RELEASE, surroundings
from pipeline.evaluation.whole_json import write_json_whole
from pipeline.examining.lanes import cores
from pipeline.training.selection import targets_of

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
    since, release, crops = time.monotonic(), read_release(name, root), Crops.read(store)
    stages: dict[str, Any] = {}
    usable = usable_rows(crops.table, "edited", "val")
    rows = in_drawn_order(usable, 1).groupby(["source", "label"]).head(each).sort_index()
    for stage in STAGES:
        card = read_card(release.stage(stage).weights, root)
        if not card.base:
            raise UnknownName(f"{card.weights} adapts no base: there is one form of it.")
        mine = rows if stage == "edited" else rows[rows.label != "real"]
        stages[stage] = _measure_stage(stage, card, crops, mine, root)
    facts = {"release": release.name, "release_sha256": release.sha256, "split": "val", "n": len(rows)}
    facts |= {"data": crops.revision, "photos of a source and label at most": each, "cores": cores()}
    facts |= {"8-bit products are added": "with saturation" if eight_bit.saturates() else "exactly"}
    facts |= {"rule": f"the fastest that loses at most {LOST} AUC on every set and correlates at {ALIKE}"}
    path = root / "evaluations" / "serving" / f"{release.name}.json"
    return write_json_whole(path, facts | surroundings(OF_RELEASE, since, 1) | {"stages": stages})


def _measure_stage(stage: StageName, card: Card, crops: Crops, rows: pd.DataFrame, root: Path) -> dict[str, Any]:
    """Return what every form of a stage's network costs and loses; a killed call goes on after the last form."""
    own = load_file(root / "weights" / f"{card.weights}.safetensors")
    ranges = load_file(root / "weights" / f"{card.weights}.ranges.safetensors")
    base = read_base(card.base, card.base_sha256, root)
    pixels = [crops.pixels([row]) for row in rows.index.tolist()]
    head = {"files": [card.sha256, card.ranges_sha256], "rows": [*map(int, rows.index)]}
    kept = Journal(crops.folder / f"forms-{card.weights}.journal", head)
    for form in (form for form in FORMS if form not in kept.known):
        merged = numbers(base, own, card.input_size, form, ranges)
        tensors = dict(eight_bit.move_by_128(merged) if eight_bit.saturates() else merged)
        network = Network(graph(card.input_size, card.outputs, form, eight_bit.saturates()), tensors, wide=2)
        scored = pixels[:: max(1, len(pixels) // FEW)] if form in SLOW else pixels
        cost, logits = _measure_form(network, scored, pixels[:TIMED], f"{stage}, {form}")
        kept.add({"index": form, "told": cost, "logits": logits.tolist()})
    logits_by_form = {form: np.array(kept.known[form]["logits"]) for form in FORMS}
    plain = logits_by_form[PLAIN]
    forms = {form: kept.known[form]["told"] | _compare_logits(logits_by_form[form], plain) for form in FORMS}
    for form in (form for form in FORMS if form not in SLOW):
        forms[form]["AUC"] = aucs(rows, stage, logits_by_form[form])
    return {"weights": card.weights, "shipped": card.form, "chosen": best_form(forms), "forms": forms}


def _measure_form(
    network: Network, scored: list[np.ndarray], timed: list[np.ndarray], what: str
) -> tuple[dict[str, Any], np.ndarray]:
    """Return what a form costs, and its logits of crops."""
    logits, seconds = _logits_of(network, scored, what)
    cost = {
        "seconds a crop, one thread": _seconds(network, [np.concatenate([one, one]) for one in timed], 2),
        "seconds a crop, two threads": _seconds(network, timed, 1),
        "crops a second, all cores": round(len(scored) / seconds, 2),
        "n": len(scored),
    }
    return cost, logits


def _compare_logits(logits: np.ndarray, plain: np.ndarray) -> dict[str, float]:
    """Return how far logits are from those in float32; where there are fewer, of every so manieth photo."""
    beside = plain[:: max(1, len(plain) // FEW)] if len(logits) < len(plain) else plain
    return {
        "correlation with float32": round(float(np.corrcoef(logits, beside)[0, 1]), 5),
        "mean difference, logits": round(float(np.abs(logits - beside).mean()), 4),
        "largest difference, logits": round(float(np.abs(logits - beside).max()), 3),
    }


def _logits_of(network: Network, pixels: list[np.ndarray], what: str) -> tuple[np.ndarray, float]:
    """Return the logits of crops, one thread each on all cores, and the seconds that they took."""
    pairs = [np.concatenate(pixels[first : first + 2]) for first in range(0, len(pixels), 2)]
    since = time.perf_counter()
    with ThreadPoolExecutor(cores()) as lanes:
        outputs = list(tqdm(lanes.map(network, pairs), total=len(pairs), desc=what, unit="pair", disable=None))
    return np.concatenate(outputs)[:, 0].astype(np.float64), time.perf_counter() - since


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
    truth, areas = targets_of(rows, stage) > 0, {}
    homes, real = rows.source.map(home), (rows.label == "real").to_numpy()
    for source in sorted(rows.source[~real].unique()):
        mine = (rows.source == source).to_numpy()
        if stage == "edited":
            beside = real & (homes == home(source)).to_numpy()
            mine = mine | (beside if beside.any() else real)
        if min(truth[mine].sum(), (~truth[mine]).sum()) >= LEAST:
            areas[str(source)] = round(float(roc_auc_score(truth[mine], logits[mine])), 5)
    return areas | {"all": round(float(roc_auc_score(truth, logits)), 5)}


def best_form(forms: dict[str, dict[str, Any]]) -> str:
    """Return the form to ship, see the module; float32 where none keeps the rule."""
    plain = forms[PLAIN]["AUC"]
    held = [
        form
        for form, measured in forms.items()
        if "AUC" in measured
        and measured["correlation with float32"] >= ALIKE
        and all(measured["AUC"][source] >= plain[source] - LOST for source in plain)
    ]
    return max(held, key=lambda form: forms[form]["crops a second, all cores"], default=PLAIN)
