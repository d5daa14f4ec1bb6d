"""`python -m pipeline forge`: edits of both kinds, at three strengths, from a folder of originals.

A folder is written:

- `real`, `facetune` and `deepfake`: the pictures, all through one encoder,
- `masks`: where each was edited,
- `recipes`: how each was made, step by step,
- `manifest.csv`: one line a picture, refusal or unusable original.

A run that was killed goes on where it stopped; a run with the same seed gives the same files on any number of cores.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tqdm import tqdm

from pipeline.datasets.forged import MANIFEST
from pipeline.errors import OtherRun, UnknownName
from pipeline.forge.casting import Casting, draw_number
from pipeline.forge.encoding import Container, write_csv, write_resumable
from pipeline.forge.fulfil import COLUMNS, failure_row, fulfil
from pipeline.forge.operation import drawn_operations, operation
from pipeline.forge.orders import VERSION, Order, Wish
from pipeline.forge.originals import Portrait, look_at, places_in
from pipeline.processes import in_order
from pipeline.storage.read_json import read_json

STRENGTHS = {"light": 0.35, "medium": 0.65, "strong": 1.0}
USUAL_CONTAINER = Container("JPEG", 95, "4:4:4")
SETTINGS = "run.json"


@dataclass
class ForgeSummary:
    """What a run came to.

    Attributes:
        out: its folder.
        originals: photos looked at.
        made: pictures that are there now, by "label: operation".
        refused: edits that were not made, by "operation: code".
        unusable: originals of which nothing could be made, by code.
    """

    out: Path
    originals: int = 0
    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unusable: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """Originals that are damaged or have no face; a duplicate is no failure."""
        return self.unusable.total() - self.unusable["duplicate"]

    def add(self, rows: Iterable[dict[str, str]]) -> None:
        """Count lines of the manifest."""
        for row in rows:
            if not row["error"]:
                self.made[f"{row['label']}: {row['operation'] or 'as it was'}"] += 1
            elif row["operation"]:
                self.refused[f"{row['operation']}: {row['error']}"] += 1
            else:
                self.unusable[row["error"]] += 1

    def text(self) -> str:
        """Return it in words, to be printed."""
        lines = [f"{self.made.total()} pictures from {self.originals} originals in {self.out}"]
        for title, counts in (("made", self.made), ("refused", self.refused), ("unusable", self.unusable)):
            lines += [title] * bool(counts) + [f"  {count:>7}  {what}" for what, count in sorted(counts.items())]
        return "\n".join(lines)


@dataclass(frozen=True)
class Assortment:
    """Which edits are made of each photo, and how all is kept.

    Attributes:
        names: operations; none means all of the generation.
        strengths: names of `STRENGTHS`.
        per_photo: edits of each photo, of both kinds in turn, drawn by its hash; 0 means all.
        seed: of all choices.
        container: the one encoder of originals and edits.
        generation: of the forge: which operations there are where none is named.
    """

    names: Sequence[str] = ()
    strengths: Sequence[str] = tuple(STRENGTHS)
    per_photo: int = 0
    seed: int = 1
    container: Container = USUAL_CONTAINER
    generation: int = 1

    def settings(self) -> dict[str, object]:
        """Return what all edits of one folder share; the first generation is not written, as it was not before."""
        known: dict[str, object] = {"version": VERSION, "seed": self.seed, "container": str(self.container)}
        return known | ({"generation": self.generation} if self.generation > 1 else {})

    def edits(self) -> list[tuple[str, float]]:
        """Return each operation with each strength.

        Raises:
            UnknownName: of an operation, a strength or a generation.
        """
        drawn = drawn_operations(self.generation)
        names = [operation(name).name for name in self.names or sorted(drawn)]
        return [(name, strength_of(word)) for name in names for word in self.strengths]

    def draw(self, portrait: Portrait) -> list[tuple[str, float]]:
        """Draw the edits of one photo by its hash, of both labels in turn; all of them where `per_photo` is 0."""
        if not self.per_photo:
            return self.edits()
        piles: dict[str, list[tuple[str, float]]] = {}
        for one in sorted(self.edits(), key=lambda one: draw_number(self.seed, "chosen", portrait.sha256, *one)):
            piles.setdefault(operation(one[0]).label, []).append(one)
        ranked = [(place, label, one) for label, pile in piles.items() for place, one in enumerate(pile)]
        return [one for _, _, one in sorted(ranked, key=lambda entry: entry[:2])[: self.per_photo]]


def forge(originals: Path, out: Path, assortment: Assortment | None = None, workers: int = 0) -> ForgeSummary:
    """Make edits of a folder's photos.

    Args:
        originals: a folder of photos, searched to its depth, or one that `prepare` wrote.
        out: folder to write to; a run that stands there goes on.
        assortment: which edits, and how they are kept; all of them if none is given.
        workers: processes; 0 means one a core.

    Raises:
        BadDataset: there are no photos.
        UnknownName: of an operation, a strength or a generation.
        OtherRun: `out` holds a run with another seed, container or generation.
        DiskFull: no space is left; what was written stays valid.
    """
    assortment = assortment or Assortment()
    assortment.edits()  # unknown names are said before anything is read
    places = places_in(originals, out)
    claim(out, assortment.settings())
    portraits = look_at(places, out, assortment.seed, workers)
    casting = Casting(portraits, assortment.seed)
    orders = (_order(portrait, casting, assortment) for portrait in portraits)
    return carry_out(out, orders, portraits, workers)


def strength_of(word: str) -> float:
    """Return the strength of that name."""
    if word not in STRENGTHS:
        raise UnknownName.among("strength", word, STRENGTHS)
    return STRENGTHS[word]


def claim(out: Path, run: dict[str, object]) -> None:
    """Note what a folder is for, or see that the run which stands there is the same; sweep out half files of a kill.

    Raises:
        OtherRun: it is another: two encoders in one folder could tell the class.
    """
    path = out / SETTINGS
    if not path.is_file():
        write_resumable(path, json.dumps(run).encode())
    elif (stands := read_json(path, OtherRun, "run of the forge")) != run:
        raise OtherRun(f"{out} holds another run: {stands} stands there, {run} was asked for. Choose another folder.")
    for half in (*out.glob(".*.part"), *out.glob("*/.*.part")):
        half.unlink()


def _order(portrait: Portrait, casting: Casting, assortment: Assortment) -> Order:
    donors = casting.donors(portrait)
    edits = assortment.draw(portrait)
    wishes = [Wish((name,), strength, casting.tries(portrait, name, donors)) for name, strength in edits]
    return Order(portrait, (Wish(), *wishes), assortment.container)


def carry_out(out: Path, orders: Iterable[Order], portraits: Sequence[Portrait], workers: int) -> ForgeSummary:
    """Carry out the orders of the portraits that can be used, and write the manifest."""
    summary = ForgeSummary(out, len(portraits))
    usable = (order for order, portrait in zip(orders, portraits, strict=True) if not portrait.error)
    work = in_order(partial(fulfil, out), usable, workers)
    with write_csv(out / MANIFEST, COLUMNS) as table, tqdm(total=len(portraits), unit="photo", disable=None) as bar:
        for rows in _rows(portraits, work):
            table.add(rows)
            summary.add(rows)
            bar.update()
            bar.set_postfix(pictures=summary.made.total())
    return summary


def _rows(portraits: Sequence[Portrait], work: Iterator[list[dict[str, str]]]) -> Iterator[list[dict[str, str]]]:
    """Yield each portrait's lines in order; one that cannot be used has one line that says why."""
    for portrait in portraits:
        if not portrait.error:
            yield next(work)
            continue
        yield [failure_row(portrait, portrait.error, portrait.reason)]
