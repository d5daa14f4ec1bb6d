"""What is to be made of one original: `Original`, the `Wish`es for pictures of it, and the `Order` that joins them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.forge.encoding import Container
from pipeline.forge.operation import operation

VERSION = 1
"""Raised when the same recipe would give other pixels by intention; old edits are then made anew."""


@dataclass(frozen=True)
class Original:
    """A photo that edits are made of.

    Attributes:
        path: where it lies.
        file: how it is named in the tables.
        sha256: of its bytes.
        group, split, source: as in a manifest.
    """

    path: Path
    file: str
    sha256: str
    group: str
    split: str
    source: str

    def facts(self) -> dict[str, str]:
        """Return what a manifest says of it, by column."""
        known = {"original": self.file, "original_sha256": self.sha256}
        return known | {"group": self.group, "split": self.split, "source": self.source}


@dataclass(frozen=True)
class Donor:
    """A photo that lends a face, and the hash that it must have."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Try:
    """One way to carry out a wish; the first that is not refused is taken."""

    seed: int
    donor: Donor | None = None

    @property
    def donor_sha256(self) -> str:
        """The hash of the photo that lends a face; "" without one."""
        return self.donor.sha256 if self.donor else ""


@dataclass(frozen=True)
class Wish:
    """One picture to be made: operations in order, all of one strength. None at all: the original itself."""

    operations: tuple[str, ...] = ()
    strength: float = 0.0
    tries: tuple[Try, ...] = ()

    @property
    def label(self) -> str:
        """The class that the picture belongs to."""
        labels = {operation(name).label for name in self.operations}
        return "deepfake" if "deepfake" in labels else "facetune" if labels else "real"

    @property
    def kind(self) -> str:
        """The families of editing, in words."""
        return " + ".join(dict.fromkeys(operation(name).kind for name in self.operations)) or "camera"

    @property
    def name(self) -> str:
        """What it is called in file names: only known words and digits, never a user's text."""
        if not self.operations:
            return "real"
        return f"{'+'.join(self.operations)}-{round(1000 * self.strength):04d}"

    def stem(self, sha256: str) -> str:
        """Return how the files of the picture are named that is made of an original, by its hash."""
        return f"{sha256[:16]}-{self.name}"

    def file(self, sha256: str, container: Container) -> str:
        """Return where that picture lies, below the folder of the run."""
        return f"{self.label}/{self.stem(sha256)}{container.suffix}"


@dataclass(frozen=True)
class Order:
    """All that is to be made of one original, and the one encoder of it."""

    original: Original
    wishes: tuple[Wish, ...]
    container: Container

    def request(self, wish: Wish) -> dict[str, Any]:
        """Return all that decides what a picture looks like: with the same request, a whole one is not made again."""
        tries = [[attempt.seed, attempt.donor_sha256] for attempt in wish.tries]
        wanted = {"operations": list(wish.operations), "strength": wish.strength, "tries": tries}
        return {"version": VERSION, "original": self.original.sha256, **wanted, "container": str(self.container)}
