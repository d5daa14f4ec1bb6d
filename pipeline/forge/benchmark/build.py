"""`python -m pipeline benchmark`: the same originals as real, facetune and deepfake, rebuilt from a recipe and checked.

Each original is there once in every class, at the same size and through the same encoder, so that nothing but the edit
tells the class. Every picture is compared with the fingerprint in the recipe: "same" to the last decoded pixel,
"near" where another build of a library rounds otherwise (see `fingerprint`), or "different".
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from pipeline.errors import MissingOriginals, UnreadablePhoto
from pipeline.forge.benchmark.fingerprint import Fingerprint, fingerprint
from pipeline.forge.benchmark.recipe import PlannedEdit, PlannedOriginal, Recipe, libraries
from pipeline.forge.encoding import digest, write_resumable
from pipeline.forge.faces import read_photo
from pipeline.forge.orders import Donor, Order, Try, Wish
from pipeline.forge.originals import Portrait, places_in
from pipeline.forge.workshop import VERSION, carry_out, claim
from pipeline.processes import in_order

SHOWN = 10
VERIFICATION = "verification.json"


@dataclass
class Verification:
    """How the rebuilt pictures compare with their recipe.

    Attributes:
        out: where they are.
        counts: pictures that are "same", "near", "different" or "not made".
        wrong: the files that are different or not made.
        recorded, here: versions of the libraries then and now.
    """

    out: Path
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    recorded: dict[str, str] = field(default_factory=dict)
    here: dict[str, str] = field(default_factory=libraries)

    @property
    def passed(self) -> bool:
        """Whether every picture is the same or near."""
        return not self.wrong

    def text(self) -> str:
        """Return it in words, to be printed."""
        counts = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        lines = [f"{self.counts.total()} pictures in {self.out}: {counts}"]
        others = [
            f"{name} {version} (here {self.here.get(name)})"
            for name, version in self.recorded.items()
            if version != self.here.get(name)
        ]
        if self.counts["same"] < self.counts.total():
            lines.append(f"recorded with other versions: {', '.join(others)}" if others else "versions are as recorded")
        lines += [f"  {file}" for file in self.wrong[:SHOWN]]
        return "\n".join(lines + [f"  … and {len(self.wrong) - SHOWN} more"] * (len(self.wrong) > SHOWN))


def benchmark(recipe: Path, folders: Sequence[Path], out: Path, workers: int = 0) -> Verification:
    """Rebuild a benchmark and check each of its pictures.

    Args:
        recipe: a recipe's file.
        folders: where its originals lie, under any name and in any order; or folders that `prepare` wrote.
        out: folder to write to, as `forge` does, and `verification.json`; a rebuild that was killed goes on.
        workers: processes; 0 means one a core.

    Raises:
        BadRecipe: the recipe cannot be read.
        MissingOriginals: some of its originals are in none of the folders.
        DiskFull: no space is left.
    """
    known = Recipe.read(recipe)
    places = find_originals(known, folders)
    claim(out, {"version": VERSION, "recipe": digest(recipe.read_bytes()), "container": str(known.container)})
    orders = (_order(one, known, places) for one in known.originals)
    carry_out(out, orders, [_portrait(one, places) for one in known.originals], workers)
    verification = _verify(known, out, workers)
    facts = {"recipe": known.name, "counts": verification.counts, "wrong": verification.wrong}
    facts |= {"recorded": verification.recorded, "here": verification.here}
    write_resumable(out / VERIFICATION, json.dumps(facts, indent=1).encode())
    return verification


def find_originals(recipe: Recipe, folders: Sequence[Path]) -> dict[str, Path]:
    """Find a recipe's photos by their hashes.

    Raises:
        MissingOriginals: with the hashes that are in none of the folders.
    """
    wanted, places = recipe.hashes(), dict[str, Path]()
    paths = sorted({place.path for folder in folders for place in places_in(folder)})
    for path in tqdm(paths, desc="looked for", unit="photo", disable=None):
        if len(places) == len(wanted):
            break
        if path.is_file() and (sha256 := digest(path.read_bytes())) in wanted:
            places.setdefault(sha256, path)
    if missing := sorted(set(wanted) - set(places)):
        listing = "".join(f"\n  {sha256}  {wanted[sha256]}" for sha256 in missing)
        raise MissingOriginals(
            f"{len(missing)} of {len(wanted)} originals of {recipe.name} are in none of the folders; obtain them and "
            f"name their folder with --from. SHA-256 and source of each:{listing}"
        )
    return places


def _portrait(one: PlannedOriginal, places: dict[str, Path]) -> Portrait:
    return Portrait(places[one.sha256], one.sha256[:16], one.sha256, one.group, one.split, one.source)


def _order(one: PlannedOriginal, recipe: Recipe, places: dict[str, Path]) -> Order:
    wishes = (Wish(), *(_wish(edit, places) for edit in one.edits))
    return Order(_portrait(one, places), wishes, recipe.container)


def _wish(edit: PlannedEdit, places: dict[str, Path]) -> Wish:
    donor = Donor(places[edit.donor], edit.donor) if edit.donor else None
    return Wish(edit.operations, edit.strength, (Try(edit.seed, donor),))


def _expected_pictures(recipe: Recipe) -> Iterator[tuple[str, Fingerprint]]:
    """Yield every picture's file, below the folder that is written, and its fingerprint."""
    for one in recipe.originals:
        pictures = [(Wish(), one.pixels)]
        pictures += [(Wish(edit.operations, edit.strength), edit.pixels) for edit in one.edits]
        for wish, pixels in pictures:
            yield wish.file(one.sha256, recipe.container), pixels


def _verify(recipe: Recipe, out: Path, workers: int) -> Verification:
    verification = Verification(out, recorded=recipe.libraries)
    expected = list(_expected_pictures(recipe))
    work = in_order(_compare, ((out / file, pixels) for file, pixels in expected), workers)
    for (file, _), outcome in tqdm(zip(expected, work, strict=True), total=len(expected), desc="checked", disable=None):
        verification.counts[outcome] += 1
        if outcome not in ("same", "near"):
            verification.wrong.append(f"{file}: {outcome}")
    return verification


def _compare(task: tuple[Path, Fingerprint]) -> str:
    """Compare a picture with what it should be; "not made" where it is not there, as after a refusal."""
    path, pixels = task
    try:
        return pixels.against(fingerprint(read_photo(path).rgb))
    except UnreadablePhoto:
        return "not made"
