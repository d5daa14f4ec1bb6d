"""Planning a benchmark: from each original one edit of each kind, drawn by hash, with what must come out."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tqdm import tqdm

from pipeline.errors import BadDataset, TriageError
from pipeline.forge.benchmark.fingerprint import fingerprint
from pipeline.forge.benchmark.recipe import Planned, PlannedEdit, Recipe, libraries
from pipeline.forge.casting import Casting, drawn
from pipeline.forge.encoding import Container
from pipeline.forge.operation import Subject, operations
from pipeline.forge.orders import Order, Wish, edited, read_face
from pipeline.forge.originals import Place, Portrait, look_at, places_in
from pipeline.forge.workshop import STRENGTHS
from pipeline.photo import Photo
from pipeline.processes import in_order

KINDS = ("facetune", "deepfake")
HELD_OUT = ("test", "unseen")
LEAST_CHANGE = 0.15
"""Root mean square of what an edit changes, in grey levels: with less, the encoder leaves nothing of it."""
CONTAINER = Container("JPEG", 90, "4:2:0")
"""The container in which the app judges every face."""


def plan(
    recipe: Path,
    folders: Sequence[Path],
    *,
    seed: int = 1,
    per_kind: int = 1,
    most: int = 0,
    workers: int = 0,
    container: Container = CONTAINER,
) -> Recipe:
    """Write a recipe from folders of originals.

    Only originals of which both kinds of edit can be made are taken, so that each is there as often in either class of
    edits. Of a prepared folder the held-out photos are taken, of any other all.

    Args:
        recipe: file to write; its name is the benchmark's.
        folders: of photos, or written by `prepare`.
        seed: of all choices.
        per_kind: edits of each kind of an original, each by another operation.
        most: originals at most of each source, drawn by hash; 0 means all.
        workers: processes; 0 means one a core.
        container: the one encoder.

    Raises:
        BadDataset: there is no photo of which both kinds of edit can be made.
    """
    with TemporaryDirectory() as notes:
        portraits = look_at(_held_out(folders), Path(notes), seed, workers)
    usable = [portrait for portrait in portraits if portrait.look]
    orders = list(_orders(_drawn(usable, seed, most), Casting(usable, seed), seed, container))
    bar = tqdm(
        in_order(partial(planned, per_kind), orders, workers),
        total=len(orders),
        desc="planned",
        unit="photo",
        disable=None,
    )
    originals = tuple(one for one in bar if one is not None)
    if not originals:
        raise BadDataset("There is no photo of which both kinds of edit can be made; name other folders.")
    made = Recipe(recipe.stem, seed, container, libraries(), originals)
    made.write(recipe)
    return made


def _held_out(folders: Sequence[Path]) -> list[Place]:
    places = [place for folder in folders for place in places_in(folder)]
    return [place for place in places if not place.split or place.split in HELD_OUT]


def _drawn(portraits: Sequence[Portrait], seed: int, most: int) -> list[Portrait]:
    """Draw at most so many of each source; in the order of their hashes, which tells nothing of the folders."""
    taken: dict[str, int] = {}
    chosen = []
    for portrait in sorted(portraits, key=lambda one: (drawn(seed, "plan", one.sha256), one.sha256)):
        taken[portrait.source] = taken.get(portrait.source, 0) + 1
        if not most or taken[portrait.source] <= most:
            chosen.append(portrait)
    return sorted(chosen, key=lambda one: one.sha256)


def _orders(portraits: Sequence[Portrait], casting: Casting, seed: int, container: Container) -> Iterator[Order]:
    """Yield for each photo all that may be made of it, in an order that its hash draws."""
    for portrait in portraits:
        donors = casting.donors(portrait)
        pairs = [(name, strength) for name in sorted(operations()) for strength in STRENGTHS.values()]
        pairs.sort(key=lambda pair: drawn(seed, "benchmark", portrait.sha256, *pair))
        wishes = tuple(Wish((name,), strength, casting.tries(portrait, name, donors)) for name, strength in pairs)
        known = (portrait.path, portrait.file, portrait.sha256, portrait.group, portrait.split, portrait.source)
        yield Order(*known, wishes, container)


def planned(count: int, order: Order) -> Planned | None:
    """Make `count` edits of each kind that are not refused, in memory; None where that cannot be done."""
    try:
        subject = read_face(order.path, order.sha256)
    except TriageError:
        return None
    real = Photo.read(order.container.encode(subject.rgb)).rgb
    edits = [edit for kind in KINDS for edit in islice(_made(order, kind, subject, real), count)]
    if len(edits) < count * len(KINDS):
        return None
    return Planned(order.sha256, order.source, order.group, order.split, fingerprint(real), tuple(edits))


def _made(order: Order, kind: str, subject: Subject, real: np.ndarray) -> Iterator[PlannedEdit]:
    """Yield edits of one kind, none by an operation that had its turn."""
    done: set[tuple[str, ...]] = set()
    for wish in order.wishes:
        if wish.label == kind and wish.operations not in done and (edit := _first(order, wish, subject, real)):
            done.add(wish.operations)
            yield edit


def _first(order: Order, wish: Wish, subject: Subject, real: np.ndarray) -> PlannedEdit | None:
    """Carry out a wish in the first way that is not refused."""
    for attempt in wish.tries:
        try:
            edit = edited(subject, wish, attempt)
        except TriageError:
            continue
        pixels = fingerprint(Photo.read(order.container.encode(edit.rgb)).rgb, real)
        if pixels.change < LEAST_CHANGE:
            continue
        bits = "".join(str(int(bit)) for bit in edit.region_bits)
        donor = attempt.donor.sha256 if attempt.donor else ""
        return PlannedEdit(wish.operations, wish.strength, attempt.seed, donor, bits, pixels)
    return None
