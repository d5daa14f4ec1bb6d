"""What the sieve keeps: both releases in use on the same validation photos, whole, as a batch sees them.

Written to models/evaluations/sieves/<quick>-<thorough>.json, with its conditions; `--sieve` reads it.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from models.card import Card
from models.files import sha256_of
from pipeline.bulk.sieve import place_of, suspicion
from pipeline.cascade import examine_many
from pipeline.crops.sampling import count_names, sample_evenly
from pipeline.errors import BadDataset, TriageError
from pipeline.evaluation.conditions import OF_RELEASE, surroundings
from pipeline.evaluation.contamination import refuse_contaminated
from pipeline.evaluation.targets import read_photo
from pipeline.evaluation.whole_json import write_json_whole
from pipeline.examining.lanes import cores
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.figures.bootstrap import Weighted, interval
from pipeline.manifest.table import NAME as MANIFEST
from pipeline.manifest.table import read_manifest
from pipeline.results.figure import Figure
from pipeline.words.figures import say

SPLIT, TOGETHER = "val", 16
CURVE = (0.9, 0.95, 0.98, 0.99, 0.995, 1.0)
FEWEST = 50
"""Photos that the thorough release calls edited, at least: of fewer no threshold is taken."""

NOTES = {
    "what": "a photo is passed where p(edited) by the quick release is under the threshold for all its faces; recall "
    "is the share of the photos that the thorough release calls edited (any face at its threshold) that is sent on",
    "sample": "evenly of every source and label of the split, not as photos come; forged edits are not among them",
    "interval": "95 % percentile bootstrap; whole groups are drawn: photos of one person, or near duplicates",
    "held out": "the threshold of each half of the groups, measured on the other half",
}


@dataclass(frozen=True)
class SieveOrder:
    """What is to be measured.

    Attributes:
        store: a folder that `prepare` wrote; crops are not needed.
        most: validation photos at most.
        recall: share of what the thorough release calls edited that must be sent on.
        seed: of the sample and the halves.
        home: where evaluations are kept; None for the settings' own.
    """

    store: Path
    most: int = 1000
    recall: float = 0.98
    seed: int = 1
    home: Path | None = None


def measure_sieve(order: SieveOrder) -> Path:
    """Score validation photos by both releases in use, choose the threshold, and write what it keeps.

    Raises:
        BadDataset: the store has no validation photos, or too few that the thorough release calls edited.
        Contaminated: a release was trained on some of them.
        DiskFull: there is no room.
    """
    since, (quick, thorough) = time.monotonic(), (load_cascade("quick"), load_cascade("thorough"))
    rows = _validation(order, (*quick.cards.values(), *thorough.cards.values()))
    scores = pd.DataFrame(_score(rows, quick, thorough))
    flagged = scores[scores.thorough >= thorough.release.edited.threshold]
    if len(flagged) < FEWEST:
        raise BadDataset(
            f"Of {len(scores)} validation photos {len(flagged)} are called edited: at least {FEWEST} are needed."
        )
    threshold = threshold_of(flagged.quick.to_numpy(), order.recall)
    path = order.store / MANIFEST
    facts = {
        "releases": {cascade.release.name: cascade.release.sha256 for cascade in (quick, thorough)},
        "threshold": threshold,
        "wanted": order.recall,
        "figures": _figures(scores, flagged, threshold, order),
        "curve": [_point(scores, flagged, recall) for recall in CURVE],
        "by source": _by_source(scores, flagged, threshold),
        "split": SPLIT,
        "revision": sha256_of(path)[:10],
        "manifest": path.name,
        "n": len(scores),
        "unreadable": len(rows) - len(scores),
        "cores": cores(),
        **surroundings(OF_RELEASE, since, order.seed),
        "notes": NOTES,
    }
    return write_json_whole(place_of(quick.release, thorough.release, order.home), facts)


def _validation(order: SieveOrder, cards: tuple[Card, ...]) -> pd.DataFrame:
    """Return the validation photos that are scored, none of which any of the networks was trained on."""
    table = read_manifest(order.store)
    mine = table[(table.split == SPLIT) & (table.quarantine == "")].drop_duplicates("sha256")
    if mine.empty:
        raise BadDataset(f"There are no photos of the split {SPLIT} in {order.store}.")
    refuse_contaminated(mine.assign(original=mine.sha256), cards, SPLIT)
    return sample_evenly(mine, order.most, order.seed)


def _score(rows: pd.DataFrame, quick: Cascade, thorough: Cascade) -> list[dict[str, Any]]:
    """Return for each photo that can be read the largest p(edited) of its faces, by both releases."""
    found = []
    with tqdm(total=len(rows), unit="photo", file=sys.stderr, disable=None) as bar:
        for first in range(0, len(rows), TOGETHER):
            part, photos = rows.iloc[first : first + TOGETHER], []
            for row in part.to_dict("records"):
                try:
                    photos.append((row, read_photo(row["path"])))
                except TriageError:  # it is counted: rows less scores
                    continue
            each = [
                [suspicion(one.as_dict()) for one in examine_many([photo for _, photo in photos], cascade, False)]
                for cascade in (quick, thorough)
            ]
            for (row, _), one, other in zip(photos, *each, strict=True):
                known = {name: row[name] for name in ("sha256", "source", "label", "group")}
                found.append({**known, "quick": one, "thorough": other})
            bar.update(len(part))
    return found


def threshold_of(flagged: np.ndarray, recall: float) -> float:
    """Return the largest threshold under which no more photos are passed than the recall allows.

    Args:
        flagged: (N,) p(edited) by the quick release, of the photos that the thorough one calls edited.
        recall: share of them that must reach it, in (0, 1].
    """
    allowed = int(np.floor(len(flagged) * (1 - recall) + 1e-9))
    return float(np.sort(flagged)[allowed])


def _figures(scores: pd.DataFrame, flagged: pd.DataFrame, threshold: float, order: SieveOrder) -> dict[str, Any]:
    edited = flagged[flagged.label != "real"]
    own = {
        "recall": flagged.assign(sent=flagged.quick >= threshold),
        "recall held out": _halves(flagged, order),
        "recall of edits": edited.assign(sent=edited.quick >= threshold),
        "untouched_sent_on": _sent(scores[scores.label == "real"], threshold),
        "edited_sent_on": _sent(scores[scores.label != "real"], threshold),
        "sent on": _sent(scores, threshold),
    }
    return {name: interval(table, Weighted(_shares)) for name, table in own.items()}


def _shares(table: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Return of each of D draws, weights (D, N), the share that is sent on, (D,)."""
    return weights @ table.sent.to_numpy(float) / weights.sum(axis=1)


def _share(table: pd.DataFrame) -> float:
    return float(table.sent.mean()) if len(table) else float("nan")


def _sent(scores: pd.DataFrame, threshold: float) -> pd.DataFrame:
    return scores.assign(sent=scores.quick >= threshold)


def _halves(flagged: pd.DataFrame, order: SieveOrder) -> pd.DataFrame:
    """Return each half of the groups with what the other half's threshold sends on."""
    groups = np.random.default_rng(order.seed).permutation(np.sort(flagged.group.unique()))
    first = flagged.group.isin(set(groups[: len(groups) // 2]))
    halves = flagged[first], flagged[~first]
    chosen = [threshold_of(half.quick.to_numpy(), order.recall) for half in halves]
    return pd.concat([_sent(halves[0], chosen[1]), _sent(halves[1], chosen[0])])


def _point(scores: pd.DataFrame, flagged: pd.DataFrame, recall: float) -> dict[str, float]:
    threshold = threshold_of(flagged.quick.to_numpy(), recall)
    shares = {
        "recall": _share(_sent(flagged, threshold)),
        "untouched_sent_on": _share(_sent(scores[scores.label == "real"], threshold)),
        "sent on": _share(_sent(scores, threshold)),
    }
    return {"threshold": threshold} | {name: round(share, 4) for name, share in shares.items()}


def _by_source(scores: pd.DataFrame, flagged: pd.DataFrame, threshold: float) -> dict[str, dict[str, int]]:
    """Return source and label → photos, those called edited by thorough, of these those sent on, and all sent on."""
    counts = {
        "photos": scores,
        "called edited": flagged,
        "called edited, sent on": flagged[flagged.quick >= threshold],
        "sent on": scores[scores.quick >= threshold],
    }
    named = {what: count_names(table.source + " " + table.label) for what, table in counts.items()}
    return {name: {what: counted.get(name, 0) for what, counted in named.items()} for name in named["photos"]}


def as_text(path: Path, kept: Mapping[str, Any]) -> str:
    """Return what was measured, to be printed."""
    lines = [f"{path}", f"quick passes a photo whose faces all have p(edited) under {kept['threshold']:.4f}"]
    figures = {name: Figure.read(figure, name) for name, figure in kept["figures"].items()}
    lines += [f"  {name.replace('_', ' '):<20} {say(figure, '%')}" for name, figure in figures.items()]
    return "\n".join(lines)
