"""Measure a release's heatmaps, by every method, against where photos were truly edited; a killed call goes on.

Written to models/evaluations/<release>/maps@<revision>/: run.json (conditions, thresholds, what a map costs, the method
chosen), metrics.json (split → measure → method) and maps.csv (one row a picture and method). The first stage is asked
for "edited". Three sets of pictures, a few hundred each: experts' part composites with region bits, forged edits with
exact masks, and face swaps that are pixel-aligned with their real photo. Thresholds and the choice of the method are
validation's, which is therefore always measured.
"""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from models.detector import Detector
from models.files import ROOT, write_json
from models.regions import REGION_NAMES
from models.release import StageName
from models.serving import Answers
from pipeline.crops import masks
from pipeline.crops.crops import Crops
from pipeline.crops.identity import id_of
from pipeline.crops.journal import kept_until_done
from pipeline.crops.sampling import in_drawn_order
from pipeline.datasets.sources import original_prefixes
from pipeline.errors import BadDataset, BadEvaluation, UnknownName, WouldOverwrite
from pipeline.evaluation.conditions import OF_MAPS, served_by, surroundings
from pipeline.evaluation.contamination import refuse_contaminated
from pipeline.evaluation.maps import truth
from pipeline.evaluation.maps.choice import best_method, map_figures, thresholds_of, with_overlap
from pipeline.evaluation.maps.kept import Costs, KeptBatches, Rows
from pipeline.evaluation.maps.scores import Case, blind_map, falls_when_undone, perturb_maps, score_map
from pipeline.evaluation.parts import hash_rows
from pipeline.evaluation.targets import SPLITS
from pipeline.examining.edit_map import where_edited
from pipeline.examining.explain import SignedLogit, methods_of, raw_maps
from pipeline.examining.lanes import cores
from pipeline.examining.loaded import PREPROCESSING, Cascade, detector_of, load_cascade
from pipeline.examining.networks import answers_of, outputs_of
from pipeline.heatmap import WHERE_EDITED
from pipeline.results.evaluation import METRICS, RUN
from pipeline.results.maps import BASELINES, MAPS, OUTPUTS, MapFolder
from pipeline.storage.read_json import read_json
from pipeline.storage.whole import whole_folder

MOST = 300
"""Pictures of each set."""
PERTURBED = 8
"""One in so many of `MOST` is also blurred cell by cell, which costs a hundred times as much."""
BATCH = 16
SEED = 1
STAGE: StageName = "edited"
FACTS = ("set", "sha256", "source", "kind", "group", "regions")

Grids = dict[str, np.ndarray]


def measure_maps(name: str, store: Path, split: str = "test", most: int = MOST, root: Path = ROOT) -> Path:
    """Measure all methods on validation and on a split; return the folder written.

    Args:
        name: a release.
        store: a folder with crops and masks.
        split: "test", "unseen" or "val".
        most: pictures of each set.
        root: where `evaluations` lies.

    Raises:
        UnknownName: no such release or split.
        BadDataset: the store has no edited picture of validation whose place is known.
        Contaminated: the release was trained on photos of this split.
        WouldOverwrite: another split was measured on this revision; validation's figures are in every measurement.
    """
    since = time.monotonic()
    if split not in SPLITS:
        raise UnknownName.among("split", split, SPLITS)
    cascade, crops = load_cascade(name), Crops.read(store)
    folder = root / "evaluations" / cascade.release.name / f"maps@{crops.revision}"
    _refuse_other_split(folder, split)
    rows = crops.table[(crops.table.error == "") & (crops.table.split == split)]
    compared = refuse_contaminated(rows.assign(original=original_prefixes(rows)), cascade.cards.values(), split)
    if not crops.has_masks:
        masks.build_masks(crops)
    detector_of(cascade.cards[STAGE].weights)  # which sets torch to one thread
    torch.set_num_threads(cores())  # nothing else runs beside it
    splits = list(dict.fromkeys(("val", split)))
    head = served_by(cascade, OF_MAPS) | {"revision": crops.revision, "most": most, "rows": _hash(crops, splits, most)}
    with kept_until_done(crops.folder / f"maps-{cascade.release.name}-{split}.journal", head) as journal:
        kept = KeptBatches(journal)
        parts = {each: measure_split(cascade, crops, each, most, kept) for each in splits}
        thresholds = thresholds_of(parts["val"])
        parts = {each: with_overlap(part, thresholds) for each, part in parts.items()}
        metrics = {each: map_figures(part) for each, part in parts.items()}
        run = picture_facts(cascade, parts[split], split, most) | surroundings(OF_MAPS, since, SEED)
        run |= {"training_photos": compared, "thresholds": thresholds, "best": best_method(metrics)}
        run |= {"cost of a map over a forward pass": kept.costs.ratios()}
        run |= {"batches of an earlier, killed call": journal.found} if journal.found else {}
        return write_maps(folder, pd.concat([part.assign(split=each) for each, part in parts.items()]), metrics, run)


def _refuse_other_split(folder: Path, split: str) -> None:
    try:
        there = read_json(folder / RUN, BadEvaluation, "measurement of maps").get("split")
    except BadEvaluation:  # none, or one that nobody can read
        return
    if there not in (None, "val", split):
        raise WouldOverwrite(
            f"{folder} holds the maps measured on split {there!r}, which those of {split!r} would replace: move it "
            f"away first, or ask for --split {there}."
        )


def _hash(crops: Crops, splits: list[str], most: int) -> str:
    """Return a hash of what is known of the pictures that are measured, and of the real photos of pairs among them."""
    rows = pd.concat([choose_pictures(crops.table, split, most) for split in splits])
    reals = (crops.table.label == "real") & (crops.table.pair != "") & crops.table.pair.isin(rows.pair)
    return hash_rows(pd.concat([rows, crops.table[reals]]))


def write_maps(folder: Path, pictures: pd.DataFrame, metrics: dict[str, Any], run: dict[str, Any]) -> Path:
    """Write a measurement of maps whole, in place of an older one; return its folder.

    Args:
        folder: its place.
        pictures: one row a picture and method, with the maps themselves, which are not kept.
        metrics: metrics.json.
        run: run.json.

    Raises:
        DiskFull: there is no room; the older measurement stays.
    """
    with whole_folder(folder) as part:
        pictures.drop(columns=["heatmap", "mask"]).to_csv(part / MAPS, index=False, float_format="%.5f")
        write_json(part / METRICS, metrics)
        write_json(part / RUN, run)
        MapFolder.read(part)  # what is kept must be readable
    return folder


def choose_pictures(table: pd.DataFrame, split: str, most: int) -> pd.DataFrame:
    """Return edited rows of a split whose place may be known, with their `set` and `turn`: `most` of each set.

    Each set is dealt evenly over its sources and kinds, in a seeded order; `turn` counts from 0 within a set.
    """
    rows = table[(table.error == "") & (table.split == split) & (table.label != "real")]
    known = (rows.kind == "part composite") & rows.regions.str.fullmatch("[01]{4}") & rows.regions.str.contains("1")
    sets = np.select([rows.recipe != "", known, rows["mask"] == "pair"], ["forged", "composites", "pairs"], default="")
    rows = in_drawn_order(rows.assign(set=sets)[sets != ""], SEED)
    rows = rows.assign(deal=rows.groupby(["set", "source", "kind"]).cumcount()).sort_values("deal", kind="stable")
    rows = rows.assign(turn=rows.groupby("set").cumcount())
    return rows[rows.turn < most].sort_values(["set", "turn"])


def cases(crops: Crops, rows: pd.DataFrame) -> Iterator[tuple[Case, int]]:
    """Yield each row's crop with what is known of its edit, and its turn; a row with nothing known is left out."""
    table = crops.table
    reals = table[(table.label == "real") & (table.pair != "")].set_index("pair").path.to_dict()
    files = table[(table.recipe == "") & (table.error == "")]
    originals = dict(zip(files.sha256, files.index, strict=True))
    for index, row in zip(rows.index.tolist(), rows.to_dict("records"), strict=True):
        points = crops.landmarks[index]
        mask = np.asarray(crops.masks[index]) if row["set"] == "forged" else None
        if row["set"] == "pairs" and row["pair"] in reals:
            mask = truth.pair_mask_of(Path(row["path"]), Path(reals[row["pair"]]), points)
        if row["set"] != "composites" and (mask is None or not (truth.in_window(mask) == masks.EDITED).any()):
            continue
        facts = {key: row[key] for key in FACTS} | {"row": index}
        source = originals.get(row["sha256"]) if row["set"] == "forged" else None
        original = None if source is None else crops.pixels([source])[0]
        yield Case(facts, crops.pixels([index])[0], points, mask, original), row["turn"]


def measure_split(cascade: Cascade, crops: Crops, split: str, most: int, kept: KeptBatches) -> pd.DataFrame:
    """Return one row a picture and method: see `score_map` and `perturb_maps`.

    Raises:
        BadDataset: the split has no such picture.
    """
    rows, lines = choose_pictures(crops.table, split, most), Rows()
    with tqdm(total=len(rows), desc=f"maps of {split}", unit="photo", disable=None) as bar:
        for first in range(0, len(rows), BATCH):
            part = rows.iloc[first : first + BATCH]
            ids = map(id_of, part.sha256, part.recipe)
            lines += kept.get(split, ids, partial(_of_batch, cascade, crops, part, most))
            bar.update(len(part))
    if not lines:
        raise BadDataset(f"The store has no edited picture in {split} of which is known where it was edited.")
    return pd.DataFrame(lines)


def grids_of(detector: Detector, part: list[Case], pixels: np.ndarray, costs: Costs, answers: Answers | None) -> Grids:
    """Return the maps of a batch by method, (B, h, w) float32 each, those of `BASELINES` among them.

    Args:
        detector: in torch, which accounts of the score look into.
        part: the pictures.
        pixels: (B, 3, S, S).
        costs: takes what each method costs.
        answers: what the served network says of them, where it tells its masks: those are the maps that are shown.
    """
    points = np.stack([case.landmarks for case in part]) - truth.LOW
    inputs, asked = torch.from_numpy(pixels), [SignedLogit(1)] * len(pixels)

    def forward() -> np.ndarray:
        with torch.inference_mode():
            return detector(inputs.contiguous(memory_format=torch.channels_last)).logit.numpy()

    costs.spend("forward", forward)

    def draw(method: str) -> np.ndarray:
        if answers is not None and answers.masks is not None and method in WHERE_EDITED:
            return where_edited(answers.masks, answers.scores[:, 1:], method, points, pixels.shape[-1])
        return raw_maps(detector, inputs, asked, method, points)

    grids = {method: costs.spend(method, partial(draw, method)) for method in methods_of(detector)}
    return grids | {name: np.stack([blind_map(name, case.facts["sha256"]) for case in part]) for name in BASELINES}


def _of_batch(cascade: Cascade, crops: Crops, pictures: pd.DataFrame, most: int, costs: Costs) -> Rows:
    batch = list(cases(crops, pictures))
    if not batch:
        return []
    pixels = np.stack([case.pixels for case, _ in batch])
    detector = detector_of(cascade.cards[STAGE].weights)
    answers = answers_of(cascade, STAGE, pixels)
    outputs = answers.scores
    grids = grids_of(detector, [case for case, _ in batch], pixels, costs, answers)
    done = Rows()
    for number, (case, turn) in enumerate(batch):
        rows = [score_map(case, method, grids[method][number]) for method in grids]
        if case.original is not None:
            falls = falls_when_undone([row["heatmap"] for row in rows], case, partial(_logits, cascade))
            rows = [row | {"restored": fall} for row, fall in zip(rows, falls, strict=True)]
        done += _with_perturbed(cascade, case, rows) if turn < most / PERTURBED else rows
        if case.facts["set"] == "composites" and outputs.shape[1] > 1:
            done.append(_by_outputs(case, outputs[number, 1:]))
    return [dict.fromkeys(("restored", "faithfulness", "deletion", "insertion"), np.nan) | row for row in done]


def _logits(cascade: Cascade, batch: np.ndarray) -> np.ndarray:
    return outputs_of(cascade, STAGE, batch)[:, 0]


def _with_perturbed(cascade: Cascade, case: Case, rows: Rows) -> Rows:
    maps, logits = [row["heatmap"] for row in rows], partial(_logits, cascade)
    curves = perturb_maps(maps, case.pixels, logits, cascade.release.edited.probability)
    return [row | more for row, more in zip(rows, curves, strict=True)]


def _by_outputs(case: Case, regions: np.ndarray) -> dict[str, Any]:
    """Return a row for the part that the region outputs, (4,) logits, hold likeliest edited."""
    place = int(regions.argmax())
    parts = "".join("1" if number == place else "0" for number in range(len(REGION_NAMES)))
    answer = {"method": OUTPUTS, "state": "", "parts": parts, "hit": case.facts["regions"][place] == "1"}
    return case.facts | answer | {"names": True, "area": case.area, "mask": None, "heatmap": None}


def picture_facts(cascade: Cascade, part: pd.DataFrame, split: str, most: int) -> dict[str, Any]:
    """Return whose maps were measured, on which pictures.

    Args:
        cascade: the loaded release.
        part: one row a picture and method.
        split: of these pictures.
        most: pictures of each set.
    """
    pictures = part.drop_duplicates("row")
    return {
        "release": cascade.release.name,
        "release_sha256": cascade.release.sha256,
        "stage": STAGE,
        "weights": cascade.cards[STAGE].weights,
        "split": split,
        "n": len(pictures),
        "pictures": {str(name): int(count) for name, count in pictures["set"].value_counts().items()},
        "most": most,
        "preprocessing": PREPROCESSING,
    }
