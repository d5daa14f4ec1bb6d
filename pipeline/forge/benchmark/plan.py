"""Planning a benchmark: from each original one edit of each kind, drawn by hash, with what must come out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tqdm import tqdm

from pipeline.errors import BadDataset, TriageError, UnknownName
from pipeline.forge.benchmark.fingerprint import fingerprint
from pipeline.forge.benchmark.recipe import PlannedEdit, PlannedOriginal, Recipe, libraries
from pipeline.forge.casting import Casting, draw_number
from pipeline.forge.encoding import Container
from pipeline.forge.faces import read_face
from pipeline.forge.fulfil import make_edit
from pipeline.forge.operation import Subject, drawn_operations
from pipeline.forge.orders import Order, Wish
from pipeline.forge.originals import Portrait, UnreadPhoto, look_at, places_in
from pipeline.forge.workshop import STRENGTHS
from pipeline.photo import Photo
from pipeline.processes import in_order

KINDS = ("facetune", "deepfake")
HELD_OUT_SPLITS = ("test", "unseen")
LEAST_CHANGE = 0.15
"""Root mean square of what an edit changes, in grey levels: with less, the encoder leaves nothing of it."""
CONTAINER = Container("JPEG", 90, "4:2:0")
"""The container in which the app judges every face."""


@dataclass(frozen=True)
class PlanRules:
    """How a benchmark is drawn from its originals.

    Attributes:
        seed: of all choices.
        per_kind: edits of each kind of an original, each by another operation.
        most: originals at most of each source, drawn by hash; 0 means all.
        container: the one encoder.
        generation: of the forge: which operations are drawn from.
        operations: of these only; none means all of the generation.
    """

    seed: int = 1
    per_kind: int = 1
    most: int = 0
    container: Container = CONTAINER
    generation: int = 1
    operations: tuple[str, ...] = ()

    def drawn(self) -> list[str]:
        """Return the operations that are drawn from.

        Raises:
            UnknownName: no such operation or generation.
        """
        known = drawn_operations(self.generation)
        for name in self.operations:
            if name not in known:
                raise UnknownName.among("forge operation", name, known)
        return sorted(set(self.operations) or known)


def plan(recipe: Path, folders: Sequence[Path], rules: PlanRules, workers: int = 0) -> Recipe:
    """Write a recipe from folders of originals.

    Only originals of which both kinds of edit can be made are taken, so that each is there as often in either class of
    edits. Of a prepared folder the held-out photos are taken, of any other all.

    Args:
        recipe: file to write; its name is the benchmark's.
        folders: of photos, or written by `prepare`.
        rules: how it is drawn.
        workers: processes; 0 means one a core.

    Raises:
        BadDataset: there is no photo of which both kinds of edit can be made.
        UnknownName: there is no such operation or generation.
    """
    rules.drawn()  # an unknown one is said before anything is read
    with TemporaryDirectory() as notes:
        portraits = look_at(_held_out(folders), Path(notes), rules.seed, workers)
    usable = [portrait for portrait in portraits if portrait.look]
    orders = list(_orders(_draw_portraits(usable, rules), Casting(usable, rules.seed), rules))
    bar = tqdm(
        in_order(partial(plan_original, rules.per_kind), orders, workers),
        total=len(orders),
        desc="planned",
        unit="photo",
        disable=None,
    )
    originals = tuple(one for one in bar if one is not None)
    if not originals:
        raise BadDataset("There is no photo of which both kinds of edit can be made; name other folders.")
    benchmark = Recipe(recipe.stem, rules.seed, rules.container, libraries(), originals, rules.generation)
    benchmark.write(recipe)
    return benchmark


def _held_out(folders: Sequence[Path]) -> list[UnreadPhoto]:
    places = [place for folder in folders for place in places_in(folder)]
    return [place for place in places if not place.split or place.split in HELD_OUT_SPLITS]


def _draw_portraits(portraits: Sequence[Portrait], rules: PlanRules) -> list[Portrait]:
    """Draw at most so many of each source; in the order of their hashes, which tells nothing of the folders."""
    taken: dict[str, int] = {}
    chosen = []
    for portrait in sorted(portraits, key=lambda one: (draw_number(rules.seed, "plan", one.sha256), one.sha256)):
        taken[portrait.source] = taken.get(portrait.source, 0) + 1
        if not rules.most or taken[portrait.source] <= rules.most:
            chosen.append(portrait)
    return sorted(chosen, key=lambda one: one.sha256)


def _orders(portraits: Sequence[Portrait], casting: Casting, rules: PlanRules) -> Iterator[Order]:
    """Yield for each photo all that may be made of it, in an order that its hash draws."""
    names = rules.drawn()
    for portrait in portraits:
        donors = casting.donors(portrait)
        pairs = [(name, strength) for name in names for strength in STRENGTHS.values()]
        pairs.sort(key=lambda pair: draw_number(rules.seed, "benchmark", portrait.sha256, *pair))
        wishes = tuple(Wish((name,), strength, casting.tries(portrait, name, donors)) for name, strength in pairs)
        yield Order(portrait, wishes, rules.container)


def plan_original(count: int, order: Order) -> PlannedOriginal | None:
    """Make `count` edits of each kind, in memory, passing over refusals; None where there are fewer."""
    try:
        subject = read_face(order.original.path, order.original.sha256)
    except TriageError:
        return None
    real = Photo.read(order.container.encode(subject.rgb)).rgb
    edits = [edit for kind in KINDS for edit in islice(_make_edits(order, kind, subject, real), count)]
    if len(edits) < count * len(KINDS):
        return None
    one = order.original
    return PlannedOriginal(one.sha256, one.source, one.group, one.split, fingerprint(real), tuple(edits))


def _make_edits(order: Order, kind: str, subject: Subject, real: np.ndarray) -> Iterator[PlannedEdit]:
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
            edit = make_edit(subject, wish, attempt)
        except TriageError:
            continue
        pixels = fingerprint(Photo.read(order.container.encode(edit.rgb)).rgb, real)
        if pixels.change < LEAST_CHANGE:
            continue
        bits = "".join(str(int(bit)) for bit in edit.region_bits)
        return PlannedEdit(wish.operations, wish.strength, attempt.seed, attempt.donor_sha256, bits, pixels)
    return None
