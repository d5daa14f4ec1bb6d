"""The part of a verification that runs networks: are the releases what they were, and do they say the same again?"""

from collections.abc import Iterator, Sequence
from typing import Any

from models.card import read_card
from models.files import checked_path
from models.release import STAGES, read_release
from models.released_files import card_file, files_of
from pipeline.attempt import attempt
from pipeline.casebook.case_record import CasePhoto, CaseRecord
from pipeline.casebook.checks.check import Check, Kept
from pipeline.casebook.log import Entry
from pipeline.errors import TriageError, Unexpected

OTHER_PROCESSOR = 0.04
"""Largest difference of a probability that was measured between kinds of processor (DECISIONS 56)."""
EDGE = 2.0
"""Pixels by which a face's box may lie elsewhere on another kind of processor."""


def check_releases(entries: Sequence[Entry]) -> Iterator[Check]:
    """Look whether each release that the log names is here, with the very files that it had."""
    asked: dict[tuple[str, str], dict[str, str]] = {}
    for entry in entries:
        if entry.act == "examined":
            asked[entry.facts["release"], entry.facts["release_sha256"]] = entry.facts["weights"]
    for (name, digest), weights in asked.items():
        try:
            release = read_release(name)
        except TriageError as problem:
            yield Check(f"release {name}", None, f"It is not here: {problem}")
            continue
        same = release.sha256 == digest
        words = "Its file has the hash that the log names." if same else "Its file is not the one that examined."
        yield Check(f"release {name}", same, words)
        for stage in STAGES:
            yield from _check_weights(release.stage(stage).weights, weights[stage])


def _check_weights(weights: str, digest: str) -> Iterator[Check]:
    """Look at the card of weights, whose hash the log names, and at all files that the card names."""
    what = f"weights {weights}"
    try:
        checked_path(card_file(weights), digest)
        for path, expected in files_of(read_card(weights)):
            try:
                checked_path(path, expected)
            except TriageError as problem:
                yield Check(f"{what}: {path.name}", False, str(problem))
            else:
                yield Check(f"{what}: {path.name}", True, "It has the hash that its card names.")
    except TriageError as problem:
        yield Check(f"{what}: card", False, str(problem))
    else:
        yield Check(f"{what}: card", True, "It has the hash that the log names.")


def check_verdicts(record: CaseRecord, kept: Kept) -> Iterator[Check]:
    """Examine every photo anew, by the release that examined it, and compare."""
    for photo in record.photos:
        if photo.deleted is None and photo.examined is not None:
            what = f"photo {photo.number} ({photo.name}): verdict"
            try:
                outcome = attempt(photo.name, _examine_again, photo, kept)
            except TriageError as problem:
                yield Check(what, None, f"It could not be examined anew: {problem}")
                continue
            yield Check(what, None, str(outcome)) if isinstance(outcome, Unexpected) else Check(what, *outcome)


def _examine_again(photo: CasePhoto, kept: Kept) -> tuple[bool | None, str]:
    from pipeline.casebook import dossier
    from pipeline.casebook.again import examine_as_before
    from pipeline.examining.loaded import load_cascade

    assert photo.examined is not None  # asked by the caller
    before = dossier.parse(kept.object(photo.examined.dossier))["record"]
    cascade = load_cascade(before["release"])
    if cascade.release.sha256 != before["release_sha256"]:
        return None, f"Release {before['release']} is another one here: nothing can be compared."
    again = examine_as_before(kept.original(photo.sha256), before, cascade, heatmaps=False)
    return compare(before, again.as_dict())


def compare(before: dict[str, Any], after: dict[str, Any]) -> tuple[bool, str]:
    """Hold two records of one photo against each other; return whether they say the same, and how near they are.

    Between kinds of processor probabilities may differ by `OTHER_PROCESSOR`; on the same one they have the same digits.
    """
    if before["verdict"] != after["verdict"]:
        return False, f"It was {before['verdict']!r} and is {after['verdict']!r} when examined anew."
    if len(before["faces"]) != len(after["faces"]):
        return False, f"{len(before['faces'])} faces were examined, and {len(after['faces'])} are when examined anew."
    worst, shift = 0.0, 0.0
    for one, other in zip(before["faces"], after["faces"], strict=True):
        if one["verdict"] != other["verdict"]:
            return False, f"A face that was {one['verdict']!r} is {other['verdict']!r} when examined anew."
        for name in ("p_edited", "p_deepfake"):
            if (one[name] is None) != (other[name] is None):
                return False, f"{name} of a face is there only once."
            worst = max(worst, abs((one[name] or 0.0) - (other[name] or 0.0)))
        shift = max(shift, *(abs(a - b) for a, b in zip(one["box"], other["box"], strict=True)))
    if worst == 0 and shift == 0:
        return True, "The same again, to the last digit."
    near = worst <= OTHER_PROCESSOR and shift <= EDGE
    words = f"Probabilities differ by up to {worst:.4f}, boxes by {shift:.1f} pixels"
    if near:
        return True, f"{words}: the same verdict, as on another kind of processor."
    return False, f"{words}: more than between kinds of processor ({OTHER_PROCESSOR}; {EDGE:.0f} pixels)."
