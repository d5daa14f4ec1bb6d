"""What is to be made of one original, and carrying it out: files, masks and recipes, each whole or not there."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import NoDonor, NoFace, NothingToEdit, TriageError, UnreadablePhoto
from pipeline.examining.find_faces import faces_in
from pipeline.face import window_of
from pipeline.forge.encoding import Container, digest, mask_bytes, png, write_resumable
from pipeline.forge.geometry.donors import tinted
from pipeline.forge.operation import Edit, Subject, operation
from pipeline.photo import Photo

VERSION = 1
"""Raised when the same recipe would give other pixels by intention; old edits are then made anew."""
COLUMNS = ("file", "mask", "sha256", "label", "kind", "operation", "strength", "seed", "original", "original_sha256",
           "donor_sha256", "group", "split", "source", "regions", "error", "reason")  # fmt: skip
LENT = 2.2
"""Side of the square of a donor's photo that is kept, over the longer side of the landmarks' box."""


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


@dataclass(frozen=True)
class Order:
    """All that is to be made of one original.

    Attributes:
        path: where it lies.
        file: how it is named in the tables.
        sha256: of its bytes.
        group, split, source: as in a manifest.
        wishes: the pictures to be made.
        container: the one encoder.
    """

    path: Path
    file: str
    sha256: str
    group: str
    split: str
    source: str
    wishes: tuple[Wish, ...]
    container: Container


def read_face(path: Path, sha256: str = "") -> Subject:
    """Read a photo and the landmarks of its largest face.

    Raises:
        UnreadablePhoto: it is gone, no photo, or not the one whose hash was given.
        NoFace: there is none.
    """
    rgb = read_photo(path, sha256).rgb
    faces = faces_in(rgb)
    if not faces:
        raise NoFace("no face was found")
    return Subject(rgb, faces[0].landmarks)


def read_photo(path: Path, sha256: str = "") -> Photo:
    """Read a photo; see `read_face`."""
    try:
        photo = Photo.read(path.read_bytes())
    except OSError as problem:
        raise UnreadablePhoto(f"the file could not be read: {problem.strerror}") from problem
    if sha256 and photo.sha256 != sha256:
        raise UnreadablePhoto("the file was changed since it was first looked at")
    return photo


@lru_cache(maxsize=4)
def _lender(donor: Donor) -> Subject:
    """Return the square around a donor's face: all that operations need, and small enough to keep."""
    whole = read_face(donor.path, donor.sha256)
    height, width = whole.rgb.shape[:2]
    x0, y0, x1, y1 = np.rint(window_of(whole.landmarks, LENT)).astype(int)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    rgb = np.ascontiguousarray(whole.rgb[y0:y1, x0:x1])
    return Subject(rgb, whole.landmarks - np.array([x0, y0], np.float32))


def edited(subject: Subject, wish: Wish, attempt: Try) -> Edit:
    """Carry out a wish in one way.

    Raises:
        NothingToEdit: an operation refused; the message says which and why.
        NoDonor: an operation needs a donor and the try has none.
    """
    rng, now = np.random.default_rng(attempt.seed), subject
    clean, bits, steps = np.ones(subject.rgb.shape[:2], np.float32), np.zeros(4, bool), []
    for name in wish.operations:
        edit = operation(name).run(now, _lent(name, now, attempt.donor), rng, wish.strength)
        if not edit.changed:
            raise NothingToEdit(f"{name}: {edit.steps[0]['refused']}")
        now, clean, bits = Subject(edit.rgb, subject.landmarks), clean * (1 - edit.mask), bits | edit.region_bits
        steps += [{"operation": name, **step} for step in edit.steps]
    return Edit(now.rgb, 1 - clean, (bool(bits[0]), bool(bits[1]), bool(bits[2]), bool(bits[3])), tuple(steps))


def _lent(name: str, subject: Subject, donor: Donor | None) -> Subject | None:
    """Return the donor's face in the subject's light, where an operation needs one."""
    if not operation(name).needs_donor:
        return None
    if donor is None:
        raise NoDonor(f"{name}: there is no other person in this split")
    return tinted(_lender(donor), subject)


def request_of(order: Order, wish: Wish) -> dict[str, Any]:
    """Return all that decides what a picture looks like: with the same request, a finished one is not made again."""
    tries = [[attempt.seed, attempt.donor.sha256 if attempt.donor else ""] for attempt in wish.tries]
    wanted = {"operations": list(wish.operations), "strength": wish.strength, "tries": tries}
    return {"version": VERSION, "original": order.sha256, **wanted, "container": str(order.container)}


def fulfil(out: Path, order: Order) -> list[dict[str, str]]:
    """Make what an order wishes, except what is there already; return the lines of the manifest.

    Args:
        out: the folder of the run: pictures by label, `masks`, and in `recipes` one JSON file a picture, written last.
        order: of one original.

    Raises:
        DiskFull: there is no space left.
    """
    known = {wish.name: _finished(out, order, wish) for wish in order.wishes}
    subject: Subject | None = None
    rows = []
    for wish in order.wishes:
        made = known[wish.name]
        if made is None:
            try:
                subject = subject or read_face(order.path, order.sha256)
            except TriageError as problem:
                there = [(one, known[one.name]) for one in order.wishes]
                return [_row(order, one, recipe) for one, recipe in there if recipe] + [failed(order, problem)]
            made = _made(out, order, wish, subject)
        rows.append(_row(order, wish, made))
    return rows


def failed(order: Order, problem: TriageError) -> dict[str, str]:
    """Return the line of the manifest of an original of which nothing can be made."""
    return dict.fromkeys(COLUMNS, "") | _facts(order) | {"error": problem.code, "reason": str(problem)}


def _finished(out: Path, order: Order, wish: Wish) -> dict[str, Any] | None:
    """Return the recipe of a picture that is there, whole and as wished."""
    try:
        made = json.loads(_recipe(out, order, wish).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(made, dict) or made.get("request") != request_of(order, wish):
        return None
    files = [(made["file"], made["sha256"]), (made["mask"], made["mask_sha256"])]
    return made if all(_whole(out / file, sha256) for file, sha256 in files if file) else None


def _whole(path: Path, sha256: str) -> bool:
    return path.is_file() and digest(path.read_bytes()) == sha256


def _recipe(out: Path, order: Order, wish: Wish) -> Path:
    return out / "recipes" / f"{order.sha256[:16]}-{wish.name}.json"


def _made(out: Path, order: Order, wish: Wish, subject: Subject) -> dict[str, Any]:
    """Make one picture and its mask, then its recipe; return the recipe, also of a refusal."""
    done, refusals = _attempted(subject, wish)
    made: dict[str, Any] = dict.fromkeys(("file", "sha256", "mask", "mask_sha256", "error", "reason"), "")
    if isinstance(done, TriageError):
        made |= {"error": done.code, "reason": str(done), "regions": ""}
    else:
        edit, attempt = done
        made |= _written(out, order, wish, edit)
        made |= {"seed": attempt.seed, "donor": _donor_facts(attempt.donor), "steps": list(edit.steps)}
    original = {"file": order.file, "sha256": order.sha256}
    original |= {"group": order.group, "split": order.split, "source": order.source}
    size = {"width": subject.rgb.shape[1], "height": subject.rgb.shape[0]}
    known = {"label": wish.label, "kind": wish.kind, "original": original, **size, "refusals": refusals}
    made |= known | {"request": request_of(order, wish)}
    write_resumable(_recipe(out, order, wish), json.dumps(made, indent=1, allow_nan=False).encode())
    return made


def _attempted(subject: Subject, wish: Wish) -> tuple[tuple[Edit, Try] | TriageError, list[dict[str, Any]]]:
    """Carry out the first try that is not refused; return it, or the first refusal, and all refusals."""
    if not wish.operations:
        mask = np.zeros(subject.rgb.shape[:2], np.float32)
        return (Edit(subject.rgb, mask, (False, False, False, False), ()), Try(0)), []
    problems: list[TriageError] = []
    refusals: list[dict[str, Any]] = []
    for attempt in wish.tries:
        try:
            return (edited(subject, wish, attempt), attempt), refusals
        except TriageError as problem:
            problems.append(problem.bare())
            donor = attempt.donor.sha256 if attempt.donor else ""
            refusals.append({"seed": attempt.seed, "donor": donor, "error": problem.code, "reason": str(problem)})
    return problems[0], refusals


def _written(out: Path, order: Order, wish: Wish, edit: Edit) -> dict[str, Any]:
    """Write an edit's picture and mask; return their facts."""
    stem = f"{order.sha256[:16]}-{wish.name}"
    data, file = order.container.encode(edit.rgb), f"{wish.label}/{stem}{order.container.suffix}"
    write_resumable(out / file, data)
    made = {"file": file, "sha256": digest(data), "regions": "".join(str(int(bit)) for bit in edit.region_bits)}
    if wish.operations:
        data, mask = png(mask_bytes(edit.mask)), f"masks/{stem}.png"
        write_resumable(out / mask, data)
        made |= {"mask": mask, "mask_sha256": digest(data)}
    return made | {"mask_peak": round(float(edit.mask.max()), 4), "mask_share": round(float(edit.mask.mean()), 6)}


def _donor_facts(donor: Donor | None) -> dict[str, str] | None:
    return {"sha256": donor.sha256, "file": donor.path.name} if donor else None


def _facts(order: Order) -> dict[str, str]:
    """Return what a manifest says of an original."""
    known = {"original": order.file, "original_sha256": order.sha256}
    return known | {"group": order.group, "split": order.split, "source": order.source}


def _row(order: Order, wish: Wish, made: dict[str, Any]) -> dict[str, str]:
    """Return the line of the manifest of a picture, or of a refusal."""
    row = dict.fromkeys(COLUMNS, "") | _facts(order)
    row |= {name: str(made[name]) for name in ("file", "mask", "sha256", "label", "kind", "regions", "error", "reason")}
    if wish.operations:
        donor = made.get("donor") or {"sha256": ""}
        row |= {"operation": "+".join(wish.operations), "strength": str(wish.strength)}
        row |= {"seed": str(made.get("seed", "")), "donor_sha256": donor["sha256"]}
    return row
