"""A benchmark's recipe: all that is committed of it. Hashes, names and numbers; no picture and no path."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy
import PIL
import scipy
from PIL import features

from pipeline.errors import BadRecipe
from pipeline.forge.benchmark.fingerprint import Fingerprint
from pipeline.forge.encoding import Container, write_resumable
from pipeline.forge.orders import VERSION
from pipeline.storage.read_json import read_json

FORMAT = 1


@dataclass(frozen=True)
class PlannedEdit:
    """One edit: what is done, with which seed and strength, whose face is lent (a hash or ""), what must come out."""

    operations: tuple[str, ...]
    strength: float
    seed: int
    donor: str
    regions: str
    pixels: Fingerprint

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        known = {"operations": list(self.operations), "strength": self.strength, "seed": self.seed}
        return known | {"donor": self.donor, "regions": self.regions, "pixels": self.pixels.as_dict()}


@dataclass(frozen=True)
class PlannedOriginal:
    """One original by its hash, the collection's name, its group and split, and the edits made of it."""

    sha256: str
    source: str
    group: str
    split: str
    pixels: Fingerprint
    edits: tuple[PlannedEdit, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        known = {"sha256": self.sha256, "source": self.source, "group": self.group, "split": self.split}
        return known | {"pixels": self.pixels.as_dict(), "edits": [edit.as_dict() for edit in self.edits]}


@dataclass(frozen=True)
class Recipe:
    """A benchmark.

    Attributes:
        name: what it is called.
        seed: of its choices.
        container: the one encoder of all its pictures.
        libraries: versions with which its fingerprints were taken.
        originals: what it is made of.
        generation: of the forge, from whose operations the edits were drawn; the first one is not written.
    """

    name: str
    seed: int
    container: Container
    libraries: dict[str, str]
    originals: tuple[PlannedOriginal, ...]
    generation: int = 1

    def hashes(self) -> dict[str, str]:
        """Return the hash of every photo that is needed, lenders too, to the name of its collection."""
        lent = {edit.donor: one.source for one in self.originals for edit in one.edits if edit.donor}
        return lent | {one.sha256: one.source for one in self.originals}

    def write(self, path: Path) -> None:
        """Write it as JSON, an original a line."""
        head = {"format": FORMAT, "forge": VERSION, "name": self.name, "seed": self.seed}
        head |= {"container": str(self.container), "libraries": self.libraries}
        head |= {"generation": self.generation} if self.generation > 1 else {}
        head |= {"sources": sorted({one.source for one in self.originals})}
        lines = ",\n  ".join(json.dumps(one.as_dict()) for one in self.originals)
        text = json.dumps(head, indent=1)[:-2] + f',\n "originals": [\n  {lines}\n ]\n}}\n'
        write_resumable(path, text.encode())

    @classmethod
    def read(cls, path: Path) -> "Recipe":
        """Read a recipe.

        Raises:
            BadRecipe: it is none, or of another version of the forge.
        """
        try:
            known = read_json(path, BadRecipe, "recipe of a benchmark")
            versions = (known["format"], known["forge"])
            if versions == (FORMAT, VERSION):
                return _read_recipe(known)
        except (ValueError, KeyError, TypeError) as problem:
            raise BadRecipe(f"{path} is no recipe of a benchmark: {problem!r}.") from problem
        raise BadRecipe(
            f"{path} is of format {versions[0]} and forge {versions[1]}, this is format {FORMAT} and forge {VERSION}: "
            "plan it anew with --plan."
        )


def _read_recipe(known: dict[str, Any]) -> Recipe:
    originals = tuple(_read_original(one) for one in known["originals"])
    container, generation = Container.parse(known["container"]), known.get("generation", 1)
    return Recipe(known["name"], known["seed"], container, known["libraries"], originals, generation)


def _read_original(known: dict[str, Any]) -> PlannedOriginal:
    edits = tuple(_read_edit(one) for one in known["edits"])
    pixels = Fingerprint.from_dict(known["pixels"])
    return PlannedOriginal(known["sha256"], known["source"], known["group"], known["split"], pixels, edits)


def _read_edit(known: dict[str, Any]) -> PlannedEdit:
    pixels, operations = Fingerprint.from_dict(known["pixels"]), tuple(known["operations"])
    return PlannedEdit(operations, known["strength"], known["seed"], known["donor"], known["regions"], pixels)


def libraries() -> dict[str, str]:
    """Return the versions of what decides about single pixels."""
    jpeg = features.version("libjpeg_turbo") or features.version("jpg") or ""
    versions = {"opencv": cv2.__version__, "numpy": numpy.__version__, "pillow": PIL.__version__}
    return versions | {"scipy": scipy.__version__, "libjpeg": jpeg}
