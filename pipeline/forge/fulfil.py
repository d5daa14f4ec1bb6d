"""Carrying an order out: pictures, masks and recipes, each whole or not there, and their lines of the manifest."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.datasets.forged import MANIFEST
from pipeline.errors import BadRecipe, NothingToEdit, TriageError
from pipeline.forge.encoding import digest, mask_bytes, png, write_resumable
from pipeline.forge.faces import lend_face, read_face
from pipeline.forge.operation import NO_BITS, Edit, Subject, operation
from pipeline.forge.orders import Donor, Order, Original, Try, Wish
from pipeline.storage.read_json import read_json

COLUMNS = ("file", "mask", "sha256", "label", "kind", "operation", "strength", "seed", "original", "original_sha256",
           "donor_sha256", "group", "split", "source", "regions", "error", "reason")  # fmt: skip

PictureRecipe = dict[str, Any]
"""How a picture was made, or why it was refused, as it is written."""


def fulfil(out: Path, order: Order) -> list[dict[str, str]]:
    """Make what an order wishes, except what is there already; return the lines of the manifest.

    Args:
        out: the folder of the run: pictures by label, `masks`, and in `recipes` one JSON file a picture, written last.
            Its manifest goes before anything in it is overwritten.
        order: of one original.

    Raises:
        DiskFull: there is no space left.
    """
    recipes = {wish.name: _read_finished(out, order, wish) for wish in order.wishes}
    subject: Subject | None = None
    rows = []
    for wish in order.wishes:
        recipe = recipes[wish.name]
        if recipe is None:
            try:
                subject = subject or read_face(order.original.path, order.original.sha256)
            except TriageError as problem:
                there = [(one, recipes[one.name]) for one in order.wishes]
                finished = [_picture_row(order, one, recipe) for one, recipe in there if recipe]
                return [*finished, failure_row(order.original, problem.code, str(problem))]
            recipe = _make_picture(out, order, wish, subject)
        rows.append(_picture_row(order, wish, recipe))
    return rows


def make_edit(subject: Subject, wish: Wish, attempt: Try) -> Edit:
    """Carry out a wish in one way.

    Raises:
        NothingToEdit: an operation refused; the message says which and why.
        NoDonor: an operation needs a donor and the try has none.
    """
    rng, now = np.random.default_rng(attempt.seed), subject
    clean, bits, steps = np.ones(subject.rgb.shape[:2], np.float32), np.zeros(4, bool), []
    for name in wish.operations:
        edit = operation(name).run(now, lend_face(name, now, attempt.donor), rng, wish.strength)
        if not edit.changed:
            raise NothingToEdit(f"{name}: {edit.steps[0].get('refused', 'nothing was changed')}")
        now, clean, bits = Subject(edit.rgb, subject.landmarks), clean * (1 - edit.mask), bits | edit.region_bits
        steps += [{"operation": name, **step} for step in edit.steps]
    return Edit(now.rgb, 1 - clean, (bool(bits[0]), bool(bits[1]), bool(bits[2]), bool(bits[3])), tuple(steps))


def _read_finished(out: Path, order: Order, wish: Wish) -> PictureRecipe | None:
    """Return the recipe of a picture that is there, whole and as wished."""
    try:
        recipe = read_json(_recipe_file(out, order, wish), BadRecipe, "recipe")
    except BadRecipe:
        return None
    if recipe.get("request") != order.request(wish):
        return None
    files = [(recipe["file"], recipe["sha256"]), (recipe["mask"], recipe["mask_sha256"])]
    return recipe if all(_is_whole(out / file, sha256) for file, sha256 in files if file) else None


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and digest(path.read_bytes()) == sha256


def _recipe_file(out: Path, order: Order, wish: Wish) -> Path:
    return out / "recipes" / f"{wish.stem(order.original.sha256)}.json"


def _make_picture(out: Path, order: Order, wish: Wish, subject: Subject) -> PictureRecipe:
    """Make one picture and its mask, then its recipe; return the recipe, also of a refusal."""
    outcome, refusals = _attempt(subject, wish)
    recipe: PictureRecipe = dict.fromkeys(("file", "sha256", "mask", "mask_sha256", "error", "reason"), "")
    if isinstance(outcome, TriageError):
        recipe |= {"error": outcome.code, "reason": str(outcome), "regions": ""}
    else:
        edit, attempt = outcome
        recipe |= _write_picture(out, order, wish, edit)
        recipe |= {"seed": attempt.seed, "donor": _donor_facts(attempt.donor), "steps": list(edit.steps)}
    one = order.original
    original = {"file": one.file, "sha256": one.sha256, "group": one.group, "split": one.split, "source": one.source}
    size = {"width": subject.rgb.shape[1], "height": subject.rgb.shape[0]}
    known = {"label": wish.label, "kind": wish.kind, "original": original, **size, "refusals": refusals}
    recipe |= known | {"request": order.request(wish)}
    write_resumable(_recipe_file(out, order, wish), json.dumps(recipe, indent=1, allow_nan=False).encode())
    return recipe


def _attempt(subject: Subject, wish: Wish) -> tuple[tuple[Edit, Try] | TriageError, list[dict[str, Any]]]:
    """Carry out the first try that is not refused; return it, or the first refusal, and all refusals."""
    if not wish.operations:
        mask = np.zeros(subject.rgb.shape[:2], np.float32)
        return (Edit(subject.rgb, mask, NO_BITS, ()), Try(0)), []
    problems: list[TriageError] = []
    refusals: list[dict[str, Any]] = []
    for attempt in wish.tries:
        try:
            return (make_edit(subject, wish, attempt), attempt), refusals
        except TriageError as problem:
            problems.append(problem.bare())
            known = {"seed": attempt.seed, "donor": attempt.donor_sha256}
            refusals.append(known | {"error": problem.code, "reason": str(problem)})
    return problems[0], refusals


def _write_picture(out: Path, order: Order, wish: Wish, edit: Edit) -> dict[str, Any]:
    """Write an edit's picture and mask; return their facts."""
    sha256 = order.original.sha256
    data, file = order.container.encode(edit.rgb), wish.file(sha256, order.container)
    mask = f"masks/{wish.stem(sha256)}.png"
    if (out / file).exists() or (out / mask).exists():
        (out / MANIFEST).unlink(missing_ok=True)  # it tells of other bytes from now on, should this run be killed
    write_resumable(out / file, data)
    facts = {"file": file, "sha256": digest(data), "regions": "".join(str(int(bit)) for bit in edit.region_bits)}
    if wish.operations:
        data = png(mask_bytes(edit.mask))
        write_resumable(out / mask, data)
        facts |= {"mask": mask, "mask_sha256": digest(data)}
    return facts | {"mask_peak": round(float(edit.mask.max()), 4), "mask_share": round(float(edit.mask.mean()), 6)}


def _donor_facts(donor: Donor | None) -> dict[str, str] | None:
    return {"sha256": donor.sha256, "file": donor.path.name} if donor else None


def failure_row(original: Original, code: str, reason: str) -> dict[str, str]:
    """Return the line of the manifest of an original of which nothing can be made."""
    return dict.fromkeys(COLUMNS, "") | original.facts() | {"error": code, "reason": reason}


def _picture_row(order: Order, wish: Wish, recipe: PictureRecipe) -> dict[str, str]:
    """Return the line of the manifest of a picture, or of a refusal."""
    copied = ("file", "mask", "sha256", "label", "kind", "regions", "error", "reason")
    row = dict.fromkeys(COLUMNS, "") | order.original.facts() | {name: str(recipe[name]) for name in copied}
    if wish.operations:
        donor = recipe.get("donor") or {"sha256": ""}
        row |= {"operation": "+".join(wish.operations), "strength": str(wish.strength)}
        row |= {"seed": str(recipe.get("seed", "")), "donor_sha256": donor["sha256"]}
    return row
