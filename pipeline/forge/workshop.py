"""`python -m pipeline forge`: edits of both kinds, at three strengths, from a folder of originals.

Written to a folder: the pictures in `real`, `facetune` and `deepfake`, all through one encoder; `masks`; `recipes`,
how each was made, step by step; and `manifest.csv`, one line a picture, refusal or unusable original.
A run that was killed goes on where it stopped; a run with the same seed gives the same files on any number of cores.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tqdm import tqdm

from pipeline.errors import OtherRun, UnknownName
from pipeline.forge.casting import Casting, drawn
from pipeline.forge.encoding import Container, Table, write_resumable
from pipeline.forge.operation import operation, operations
from pipeline.forge.orders import COLUMNS, VERSION, Order, Wish, fulfil
from pipeline.forge.originals import Portrait, look_at, places_in
from pipeline.processes import in_order

STRENGTHS = {"light": 0.35, "medium": 0.65, "strong": 1.0}
SETTINGS = "run.json"
MANIFEST = "manifest.csv"


@dataclass
class Summary:
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


def forge(
    originals: Path,
    out: Path,
    *,
    names: Sequence[str] = (),
    strengths: Sequence[str] = tuple(STRENGTHS),
    per_photo: int = 0,
    seed: int = 1,
    workers: int = 0,
    container: Container | None = None,
) -> Summary:
    """Make edits of a folder's photos.

    Args:
        originals: a folder of photos, searched to its depth, or one that `prepare` wrote.
        out: folder to write to; a run that stands there goes on.
        names: operations; none means all.
        strengths: names of `STRENGTHS`.
        per_photo: edits of each photo, of both kinds in turn, drawn by its hash; 0 means all.
        seed: of all choices.
        workers: processes; 0 means one a core.
        container: the one encoder of originals and edits; JPEG q95 4:4:4 if none is given.

    Raises:
        BadDataset: there are no photos.
        UnknownName: of an operation or a strength.
        OtherRun: `out` holds a run with another seed or container.
        DiskFull: no space is left; what was written stays valid.
    """
    container = container or Container()
    asked = [(name, strength_of(word)) for name in names or sorted(operations()) for word in strengths]
    for name, _ in asked:
        operation(name)
    places = places_in(originals, out)
    claim(out, {"version": VERSION, "seed": seed, "container": str(container)})
    portraits = look_at(places, out, seed, workers)
    casting = Casting(portraits, seed)
    orders = (_order(portrait, casting, _chosen(portrait, asked, per_photo, seed), container) for portrait in portraits)
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
    elif (stands := json.loads(path.read_bytes())) != run:
        raise OtherRun(f"{out} holds another run: {stands} stands there, {run} was asked for. Choose another folder.")
    for half in (*out.glob(".*.part"), *out.glob("*/.*.part")):
        half.unlink()


def _chosen(portrait: Portrait, asked: list[tuple[str, float]], count: int, seed: int) -> list[tuple[str, float]]:
    """Draw `count` edits for a photo by its hash, of both labels in turn; all of them where it is 0."""
    if not count:
        return asked
    piles: dict[str, list[tuple[str, float]]] = {}
    for one in sorted(asked, key=lambda one: drawn(seed, "chosen", portrait.sha256, *one)):
        piles.setdefault(operation(one[0]).label, []).append(one)
    ranked = [(place, label, one) for label, pile in piles.items() for place, one in enumerate(pile)]
    return [one for _, _, one in sorted(ranked, key=lambda entry: entry[:2])[:count]]


def _order(portrait: Portrait, casting: Casting, edits: list[tuple[str, float]], container: Container) -> Order:
    donors = casting.donors(portrait)
    wishes = [Wish()] + [Wish((name,), strength, casting.tries(portrait, name, donors)) for name, strength in edits]
    known = (portrait.path, portrait.file, portrait.sha256, portrait.group, portrait.split, portrait.source)
    return Order(*known, tuple(wishes), container)


def carry_out(out: Path, orders: Iterable[Order], portraits: Sequence[Portrait], workers: int) -> Summary:
    """Carry out the orders of the portraits that can be used, and write the manifest."""
    summary = Summary(out, len(portraits))
    usable = (order for order, portrait in zip(orders, portraits, strict=True) if not portrait.error)
    work = in_order(partial(fulfil, out), usable, workers)
    with Table(out / MANIFEST, COLUMNS) as table, tqdm(total=len(portraits), unit="photo", disable=None) as bar:
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
        known = {"original": portrait.file, "original_sha256": portrait.sha256, "group": portrait.group}
        known |= {"split": portrait.split, "source": portrait.source}
        yield [dict.fromkeys(COLUMNS, "") | known | {"error": portrait.error, "reason": portrait.reason}]
