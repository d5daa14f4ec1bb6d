"""`Source`: where a run's batches come from. Crops that are read and shaken one by one, or forged on the device."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader

from models import registry
from models.detector import Detector
from pipeline.crops.crops import Crops
from pipeline.training.batches import Epoch, TrainingCrops
from pipeline.training.checkpoint import TrainingRun
from pipeline.training.fresh_edits import Forger
from pipeline.training.lenders import Lenders
from pipeline.training.lessons import Lessons, epoch_of, make_lessons, refuse_teacher
from pipeline.training.losses import Batch
from pipeline.training.on_device.feed import Feed
from pipeline.training.on_device.plan import Pairs, borrows, epoch_plan
from pipeline.training.on_device.resident import Resident
from pipeline.training.pairs import epoch_pairs
from pipeline.training.selection import Selection

LESSONS = "lessons"
LOOKED_AT = 9
"""Items of a batch to each real photo that the autoencoder learns from at a step."""


class Source(Protocol):
    """Gives what the steps of an epoch see, and makes batches of it."""

    def epoch(self, run: TrainingRun) -> Iterator[Any]:
        """Yield what each step of the run's next epoch sees; this process's share."""

    def make(self, run: TrainingRun) -> Callable[[Any], Batch]:
        """Return what makes a batch of it."""


class ReadSource:
    """Crops that a worker reads, forges and encodes one by one."""

    def __init__(self, crops: Crops, selection: Selection, forger: Forger | None) -> None:
        """Take the store, what of it is used, and who makes fresh edits."""
        self._crops, self._selection, self._forger = crops, selection, forger

    def epoch(self, run: TrainingRun) -> Iterator[Batch]:
        """Yield batches, whole ones."""
        config, place, selection = run.config, run.place, self._selection
        rng = np.random.default_rng((config.seed, run.epoch))
        rows = selection.train
        pairs = epoch_pairs(rows, selection.targets_of(rows) > 0, config.pools, rng)
        epoch = Epoch(place.share(pairs), config.seed * 1000 + run.epoch, place)
        crops = TrainingCrops(self._crops, selection, config, epoch, self._forger)
        size = config.batch_size // place.world
        for items in DataLoader(crops, size, num_workers=place.workers, drop_last=True, prefetch_factor=4):
            yield Batch(*items)

    def make(self, run: TrainingRun) -> Callable[[Batch], Batch]:
        """Batches are made by then."""
        return lambda batch: batch


class LessonSource:
    """Items that a teacher was asked about once."""

    def __init__(self, lessons: Lessons) -> None:
        """Take them."""
        self._lessons = lessons

    def epoch(self, run: TrainingRun) -> Iterator[Batch]:
        """Yield batches, whole ones."""
        rng = np.random.default_rng((run.config.seed, run.epoch))
        return epoch_of(self._lessons, run.config.batch_size // run.place.world, rng, run.place)

    def make(self, run: TrainingRun) -> Callable[[Batch], Batch]:
        """Batches are made by then."""
        return lambda batch: batch


class ForgedSource:
    """Crops that lie on the device, and are edited there."""

    def __init__(self, crops: Crops, selection: Selection, run: TrainingRun) -> None:
        """Bring the crops to the device."""
        self._selection = selection
        self._lenders = Lenders(crops, selection.originals)
        if borrows(run.config):
            self._lenders.looks  # noqa: B018 - looked at here once, before a budget of seconds begins
        self._resident = Resident.of(crops, selection, run.place.device)
        self._feed = Feed(run.config, self._resident, run.beside, self._teacher(run))

    @staticmethod
    def _teacher(run: TrainingRun) -> Detector | None:
        if not run.teacher:
            return None
        detector, card = registry.load(run.teacher)
        with torch.inference_mode():
            says_masks = detector(torch.zeros(1, 3, card.input_size, card.input_size)).mask is not None
        refuse_teacher(run.config, card, says_masks)
        return detector.merge().to(run.place.device)

    def epoch(self, run: TrainingRun) -> Iterator[Pairs]:
        """Yield the pairs of each batch; after each step the autoencoder learns from some real photos."""
        config, place = run.config, run.place
        rng = np.random.default_rng((config.seed, run.epoch))
        pairs = epoch_plan(config, self._selection, self._lenders, rng)
        mine = pairs.at(place.share(np.arange(len(pairs))))
        size = config.batch_size // place.world // 2
        for first in range(0, len(mine) - size + 1, size):
            yield mine.at(np.arange(first, first + size))
            if run.beside is not None:
                rows = rng.choice(self._lenders.real.index.to_numpy(), max(size * 2 // LOOKED_AT, 1))
                run.beside.learn(self._resident.pictures(rows).to(place.device))

    def make(self, run: TrainingRun) -> Callable[[Pairs], Batch]:
        """Return what forges, cuts and encodes the pairs of a batch."""
        seed = run.config.seed * 1000 + run.epoch
        return lambda pairs: self._feed.make(pairs, seed)


def source_of(run: TrainingRun, crops: Crops, selection: Selection, out: Path) -> Source:
    """Return where a run's batches come from; lessons are made here, in the run's folder `out`."""
    config = run.config
    if config.lessons:
        if run.place.leads:
            make_lessons(config, crops, selection, run.teacher, out / LESSONS)
        run.place.wait()
        return LessonSource(Lessons.open(out / LESSONS))
    if config.edits:
        return ForgedSource(crops, selection, run)
    forger = Forger(crops, selection.originals, config.part_blends) if config.fresh else None
    return ReadSource(crops, selection, forger)
