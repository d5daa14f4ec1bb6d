"""How far beyond its landmarks is a part of a face edited? Outlines of several sizes against where photos changed.

Two truths are asked, both of validation and training photos:

- forged: part composites of this forge beside their originals, known to the pixel;
- experts: composites of CIPLAB whose own real photo is in the collection too. It is found by its likeness, the tones
  are matched outside the parts, and what then differs strongly counts as changed.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from models.files import ROOT
from models.regions import REGION_NAMES
from pipeline.crops.build import main_face
from pipeline.crops.crops import Crops
from pipeline.crops.masks import LEAST_CHANGE
from pipeline.crops.sampling import in_drawn_order
from pipeline.errors import BadDataset
from pipeline.evaluation.conditions import OF_MAPS, surroundings
from pipeline.evaluation.whole_json import write_json_whole
from pipeline.figures import bootstrap
from pipeline.photo import Photo
from pipeline.regions import GROWTH, part_hull, parts_of, region_bits
from pipeline.words.figures import say

SIZES = tuple(round(0.9 + 0.05 * step, 2) for step in range(23))
"""Factors by which a part's hull is grown about its centre."""
OTHERS = 1.6
"""Factor within which another edited part may have changed the pixels: they are not judged."""
NEAR = 2.6
"""Factor within which changes are put down to a part."""
THUMB, SAME, LIKE, AHEAD = 48, 6, 0.2, 0.1
"""A composite's real photo: of its thumb's cells more than LIKE lie within SAME levels, and AHEAD more than of any
other."""
STRONG, RESTLESS = 5.0, 0.12
"""A pixel is changed by STRONG times the median difference outside the parts. A pair is left out where more than
RESTLESS of what lies outside the parts is."""
FEW = 0.3
"""Share of a part's own hull that must have changed, or the part is not judged."""


def measure_part_sizes(store: Path, most: int = 500, root: Path = ROOT) -> Path:
    """Measure outlines of all `SIZES`; write and return models/evaluations/parts/<revision>.json.

    Args:
        store: folder that `prepare --crops` wrote.
        most: forged composites at most.
        root: where `evaluations` lies.

    Raises:
        BadDataset: the store holds no part composite.
    """
    since, crops = time.monotonic(), Crops.read(store)
    rows = pd.DataFrame([*_forged(crops, most), *_of_experts(crops.table)])
    if rows.empty:
        raise BadDataset(f"{store} holds no part composite whose original is known.")
    overlap = {name: _figures(part) for name, part in rows.groupby("truth")}
    path = root / "evaluations" / "parts" / f"{crops.revision}.json"
    measured = {"in use": GROWTH, "mean IoU": overlap, "most": most}
    return write_json_whole(path, measured | surroundings(OF_MAPS, since, 1))


def _figures(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return part → size → mean IoU with its interval, and the sizes of all parts together."""
    parts = {str(name): part for name, part in rows.groupby("part")} | {"all": rows}
    return {
        name: {str(size): bootstrap.interval(part, bootstrap.mean_of(str(size))) for size in SIZES}
        for name, part in parts.items()
    }


def _drawable(landmarks: np.ndarray, part: str, size: float) -> np.ndarray:
    return np.rint(part_hull(landmarks, part, size)).astype(np.int32)


def overlaps(changed: np.ndarray, landmarks: np.ndarray, parts: Sequence[str]) -> Iterator[tuple[str, list[float]]]:
    """Yield each edited part with the intersection over union of its hull, at all `SIZES`, with what was changed.

    Args:
        changed: (H, W) bool.
        landmarks: (468, 2) in its pixels.
        parts: names of those that were edited.
    """

    def inside(part: str, size: float) -> np.ndarray:
        drawn = np.zeros(changed.shape, np.uint8)
        cv2.fillConvexPoly(drawn, _drawable(landmarks, part, size), 1)
        return drawn.astype(bool)

    for part in parts:
        own, judged = inside(part, 1.0), inside(part, NEAR)
        for other in parts:
            if other != part:
                judged &= ~inside(other, OTHERS) | own
        here = changed & judged
        if here.sum() >= FEW * own.sum():
            grown = [inside(part, size) & judged for size in SIZES]
            yield part, [float((one & here).sum() / max(1, (one | here).sum())) for one in grown]


def _forged(crops: Crops, most: int) -> Iterator[dict[str, Any]]:
    table = crops.table
    mine = table[
        (table.recipe != "") & (table.kind == "part composite") & (table.error == "") & (table.split != "test")
    ]
    originals = dict(zip(table.sha256[table.recipe == ""], table.index[table.recipe == ""], strict=True))
    mine = in_drawn_order(mine, 1).head(most)
    for row, sha256, regions, group in zip(mine.index, mine.sha256, mine.regions, mine.group, strict=True):
        change = cv2.absdiff(np.array(crops.stored[row]), np.array(crops.stored[originals[sha256]])).max(axis=2)
        whole = cv2.morphologyEx((change >= LEAST_CHANGE).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        for part, values in overlaps(whole.astype(bool), np.array(crops.landmarks[row]), parts_of(regions)):
            yield {"truth": "forged", "group": group, "part": part} | dict(zip(map(str, SIZES), values, strict=True))


def _of_experts(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    mine = table[(table.recipe == "") & (table.error == "") & (table.split != "test")]
    real = mine[(mine.source == "ciplab") & (mine.label == "real")].path.tolist()
    known = np.array([region_bits(text) is not None for text in mine.regions], bool)
    edits = mine[(mine.kind == "part composite") & known]
    thumbs = np.stack([_thumb(path) for path in real]) if real else np.empty((0, THUMB, THUMB, 3), np.int16)
    rows = zip(edits.path, edits.regions, edits.group, strict=True)
    for path, regions, group in tqdm(rows, total=len(edits), desc="composites of experts", unit="photo", disable=None):
        same = (np.abs(thumbs - _thumb(path)).max(axis=3) < SAME).mean(axis=(1, 2))
        order = np.argsort(same)
        if len(order) < 2 or same[order[-1]] <= LIKE or same[order[-1]] - same[order[-2]] <= AHEAD:
            continue
        for part, values in _beside(Path(path), Path(real[order[-1]]), parts_of(regions)):
            yield {"truth": "experts", "group": group, "part": part} | dict(zip(map(str, SIZES), values, strict=True))


def _thumb(path: str) -> np.ndarray:
    rgb = Photo.read(Path(path).read_bytes()).rgb
    return cv2.resize(rgb, (THUMB, THUMB), interpolation=cv2.INTER_AREA).astype(np.int16)


def _beside(path: Path, real: Path, parts: Sequence[str]) -> Iterator[tuple[str, list[float]]]:
    """Compare a composite with its real photo: nothing where the two differ all over, or in size."""
    photo, other = (Photo.read(one.read_bytes()) for one in (path, real))
    if photo.rgb.shape != other.rgb.shape:
        return
    landmarks = main_face(photo).landmarks
    smooth, before = (cv2.GaussianBlur(one.rgb.astype(np.float32), (0, 0), 2) for one in (photo, other))
    outside = np.zeros(photo.rgb.shape[:2], np.uint8)
    cv2.fillConvexPoly(outside, cv2.convexHull(np.rint(landmarks).astype(np.int32)), 1)
    for part in REGION_NAMES:
        cv2.fillConvexPoly(outside, _drawable(landmarks, part, OTHERS + 0.2), 0)
    calm = outside.astype(bool)
    strength = np.zeros(calm.shape, np.float32)
    for colour in range(3):
        line = np.polyfit(before[..., colour][calm], smooth[..., colour][calm], 1)
        off = np.abs(smooth[..., colour] - np.polyval(line, before[..., colour]))
        strength = np.maximum(strength, off / max(float(np.median(off[calm])), 0.7))
    changed = strength > STRONG
    if changed[calm].mean() <= RESTLESS:
        yield from overlaps(changed, landmarks, parts)


def as_text(path: Path, measurement: dict[str, Any]) -> str:
    """Return, by truth and part, the best size, and the overlap at it and at the size in use, as lines of text."""
    lines = [f"{path.stem}: mean IoU of a part's outline with where it was edited (95 % bootstrap intervals by group)"]
    for truth, parts in measurement["mean IoU"].items():
        for part, sizes in parts.items():
            best = max(sizes, key=lambda size: sizes[size]["value"])
            line = f"  {truth + ', ' + part:<20} {best}: {say(sizes[best], '')}"
            if used := measurement["in use"].get(part):
                line += f"; in use {used}: {say(sizes[str(used)], '')}"
            lines.append(line)
    return "\n".join(lines)
