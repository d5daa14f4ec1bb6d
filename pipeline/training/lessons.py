"""`Lessons`: crops and edits that a teacher was asked about once, for a student that learns from its answers.

On a processor a large network costs more than all else, so it is asked about a fixed set of items, made as
`pipeline.training.batches.TrainingCrops` makes them; a student sees these again and again, mirrored and moved a little.
(A teacher that sees every new window with its student does better where there is a GPU: Beyer et al., "Knowledge
distillation: A good teacher is patient and consistent", CVPR 2022. See `Feed.teacher`.)

A folder holds `lessons.json`, what they are of and how many are done, and one array each of the pixels, the targets,
the masks, and the teacher's scores and masks. A killed call goes on where it was.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Subset
from tqdm import tqdm

from models.card import Card
from models.serving import Network, serve
from pipeline.crops.crops import Crops
from pipeline.errors import TrainingFailed
from pipeline.examining.lanes import cores
from pipeline.storage.read_json import read_json
from pipeline.storage.whole import write_whole
from pipeline.training.batches import MASK_STRIDE, MIRRORED_BITS, Epoch, TrainingCrops
from pipeline.training.config import TrainConfig
from pipeline.training.fresh_edits import Forger
from pipeline.training.losses import Batch, Taught
from pipeline.training.pairs import epoch_pairs
from pipeline.training.parallel import Place
from pipeline.training.selection import Selection

FACTS = "lessons.json"
AT_ONCE = 64
"""Items that are asked about, and kept, together."""
MOVED = 8
"""Pixels by which a lesson is moved at most: less than its mask's cells."""
MIRRORED = (0, *(1 + place for place in MIRRORED_BITS))
"""Outputs of a mirrored face: the logit, then its parts."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """N items, in pairs of both labels, and what the teacher says of them.

    Attributes:
        pixels: (N, S, S, 3) uint8 RGB.
        targets: (N, 5) float32, see `pipeline.training.losses.Batch`.
        masks: (N, S / 16, S / 16) float32, likewise.
        scores: (N, outputs) float32, the teacher's logit and its region logits.
        told: (N, S / 16, S / 16) float32, the teacher's mask.
    """

    pixels: np.ndarray
    targets: np.ndarray
    masks: np.ndarray
    scores: np.ndarray
    told: np.ndarray

    def __len__(self) -> int:
        return len(self.pixels)

    @classmethod
    def open(cls, folder: Path, mode: Literal["r", "r+"] = "r") -> "Lessons":
        """Open the arrays of a folder."""
        return cls(*(np.load(folder / f"{part.name}.npy", mmap_mode=mode) for part in fields(cls)))

    def batch(self, places: np.ndarray, rng: np.random.Generator) -> Batch:
        """Return some items, pairs mirrored and moved alike.

        Args:
            places: (B,) of the items, pairs one after the other.
            rng: of the draw.
        """
        count = len(places) // 2
        mirrored = torch.from_numpy(np.repeat(rng.random(count) < 0.5, 2))
        moves = np.repeat(rng.integers(-MOVED, MOVED + 1, (count, 2)), 2, axis=0)
        pixels = torch.from_numpy(
            np.stack([_moved(self.pixels[n], *move) for n, move in zip(places, moves, strict=True)])
        )
        pixels = pixels.permute(0, 3, 1, 2)
        targets, masks, scores, told = (
            torch.from_numpy(np.array(part[places])) for part in (self.targets, self.masks, self.scores, self.told)
        )
        order = list(MIRRORED)
        sides = scores[:, order] if scores.shape[1] == len(order) else scores
        return Batch(
            torch.where(mirrored.view(-1, 1, 1, 1), pixels.flip(3), pixels),
            torch.where(mirrored[:, None], targets[:, order], targets),
            torch.where(mirrored.view(-1, 1, 1), masks.flip(2), masks),
            None,
            Taught(
                torch.where(mirrored[:, None], sides, scores), torch.where(mirrored.view(-1, 1, 1), told.flip(2), told)
            ),
        )


def _moved(picture: np.ndarray, down: int, across: int) -> np.ndarray:
    """Return (S, S, 3) moved by some pixels, the border mirrored."""
    rows, columns = (np.arange(side) + by for side, by in zip(picture.shape[:2], (down, across), strict=True))
    last = picture.shape[0] - 1
    rows, columns = (last - np.abs(last - np.abs(places)) for places in (rows, columns))
    return picture[rows][:, columns]


def refuse_teacher(config: TrainConfig, card: Card, tells_masks: bool) -> None:
    """Refuse a teacher that cannot teach what a student is asked.

    Raises:
        TrainingFailed: it is of the other stage, says less than the student is asked, or sees another size.
    """
    if card.positive != config.stage:
        raise TrainingFailed(
            f"{card.weights} is for the stage {card.positive} and cannot teach the stage {config.stage}."
        )
    if config.outputs > card.outputs:
        raise TrainingFailed(
            f"The student is asked for {config.outputs} outputs, and its teacher {card.weights} has {card.outputs}: "
            f'say "outputs": {card.outputs}, or choose another teacher.'
        )
    if config.train_size != card.input_size:
        raise TrainingFailed(
            f"{card.weights} sees {card.input_size} px: a student learns from its answers at that train_size only."
        )
    if not tells_masks:
        raise TrainingFailed(f"{card.weights} tells no mask: choose a teacher that tells one.")


def make_lessons(config: TrainConfig, crops: Crops, selection: Selection, teacher: str, folder: Path) -> Lessons:
    """Make a run's lessons, or go on with them.

    Args:
        config: of the run; its `lessons` say how many.
        crops: the store.
        selection: of its rows.
        teacher: id of released weights.
        folder: where they are kept.

    Raises:
        TrainingFailed: the folder holds others, or see `refuse_teacher`.
        WeightsMissing, WeightsMismatch: see `models.serving.serve`.
    """
    network, card = serve(teacher)
    refuse_teacher(config, card, network.tells_masks)
    made_of = config.model_dump(mode="json", include=set(SHAPING))
    facts = {"teacher": teacher, "data": crops.revision, "count": config.lessons, "config": made_of}
    facts["rows"] = hashlib.sha256("".join(selection.train.sha256).encode()).hexdigest()[:16]
    done = _begin(folder, facts, config, card)
    lessons = Lessons.open(folder, "r+")
    if done < len(lessons):
        forger = Forger(crops, selection.originals, config.part_blends) if config.fresh else None
        items = _items(config, crops, selection, forger)
        _ask(
            lessons,
            DataLoader(Subset(items, range(done, len(lessons))), AT_ONCE, num_workers=1),
            network,
            (folder, facts),
        )
    return Lessons.open(folder)


SHAPING = (
    "stage", "fresh", "part_blends", "diluted", "turned", "stretched", "gentle", "colours", "leave_out", "fold",
    "train_size", "seed", "pools",
)  # fmt: skip
"""What of a configuration shapes the items."""


def _begin(folder: Path, facts: dict[str, Any], config: TrainConfig, card: Card) -> int:
    """Make the arrays where there are none; return how many items are done."""
    if (folder / FACTS).is_file():
        known = read_json(folder / FACTS, TrainingFailed, "lessons")
        if {name: known.get(name) for name in facts} != facts:
            raise TrainingFailed(
                f"{folder} holds lessons of another configuration, store or teacher: choose another --out."
            )
        return int(known["done"])
    folder.mkdir(parents=True, exist_ok=True)
    count, side, cells = config.lessons, config.train_size, config.train_size // MASK_STRIDE
    shapes: dict[str, tuple[tuple[int, ...], type]] = {
        "pixels": ((count, side, side, 3), np.uint8),
        "targets": ((count, 5), np.float32),
        "masks": ((count, cells, cells), np.float32),
        "scores": ((count, card.outputs), np.float32),
        "told": ((count, cells, cells), np.float32),
    }
    for name, (shape, kind) in shapes.items():
        np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=kind, shape=shape).flush()
    _say_done(folder, facts, 0)
    return 0


def _say_done(folder: Path, facts: dict[str, Any], done: int) -> None:
    write_whole(folder / FACTS, json.dumps(facts | {"done": done}, indent=1).encode())


def _items(
    config: TrainConfig, crops: Crops, selection: Selection, forger: Forger | None
) -> ConcatDataset[tuple[torch.Tensor, ...]]:
    """Return items of as many epochs as are needed; all chance is that of the configuration's seed."""
    rows, length = selection.train, 0
    epochs: list[TrainingCrops] = []
    truth, alone = selection.targets_of(rows) > 0, Place(0, 1, torch.device("cpu"))
    while length < config.lessons:
        number = len(epochs)
        pairs = epoch_pairs(rows, truth, config.pools, np.random.default_rng((config.seed, number)))
        epoch = Epoch(pairs, config.seed * 1000 + number, alone)
        epochs.append(TrainingCrops(crops, selection, config, epoch, forger))
        length += len(epochs[-1])
    return ConcatDataset(epochs)


def _ask(lessons: Lessons, items: "DataLoader[Any]", network: Network, where: tuple[Path, dict[str, Any]]) -> None:
    """Ask the teacher about items and keep what it says, after those that are done."""
    folder, facts = where
    last = len(lessons)
    place = last - len(items.dataset)  # type: ignore[arg-type]
    bar = tqdm(total=last, initial=place, desc=f"lessons of {facts['teacher']}", unit="crop", disable=None)
    with bar, ThreadPoolExecutor(cores()) as pool:
        for pixels, targets, masks in items:
            pictures = np.split(np.ascontiguousarray(pixels.numpy(), np.float32) / 255, len(pixels))
            answers = list(pool.map(network.answers, pictures))
            scores, told = (np.concatenate([getattr(one, name) for one in answers]) for name in ("scores", "masks"))
            mine = slice(place, place + len(pixels))
            lessons.pixels[mine] = pixels.permute(0, 2, 3, 1).numpy()
            lessons.targets[mine], lessons.masks[mine] = targets.numpy(), masks.numpy()
            lessons.scores[mine], lessons.told[mine] = scores, told
            for part in (lessons.pixels, lessons.targets, lessons.masks, lessons.scores, lessons.told):
                part.flush()  # type: ignore[attr-defined]
            place = mine.stop
            _say_done(folder, facts, place)
            bar.update(len(pixels))


def epoch_of(lessons: Lessons, size: int, rng: np.random.Generator, place: Place) -> Iterator[Batch]:
    """Yield an epoch's batches: all pairs once, shuffled; this process's share of each."""
    pairs = place.share(rng.permutation(len(lessons) // 2)[:, None])[:, 0]
    for first in range(0, len(pairs) - size // 2 + 1, size // 2):
        mine = pairs[first : first + size // 2]
        yield lessons.batch(np.stack([2 * mine, 2 * mine + 1], axis=1).ravel(), rng)
