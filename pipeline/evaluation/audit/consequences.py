"""What the audit means for each stage's figures, in sentences."""

from typing import Any

from pipeline.evaluation.audit.tasks import NAMES
from pipeline.evaluation.audit.wording import ABOVE, UNMEASURED
from pipeline.words.figures import percent, say

STAGES = {"edited": "stage 1", "deepfake": "stage 2"}


def consequences(entries: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return, for each stage, what its figures may owe to shortcuts that are left in the fixed container."""
    after = [entry for entry in entries if entry["condition"] == "after" and entry["standing"] != UNMEASURED]
    return {
        stage: [*_metadata(after, stage), *_around(after, stage), *_source(after), *_source_known(entries, stage)]
        for stage in STAGES
    }


def _list_scopes(entries: list[dict[str, Any]]) -> str:
    return ", ".join(f"{entry['scope']} {say(entry['balanced accuracy'], '%', n=False)}" for entry in entries)


def _of(entries: list[dict[str, Any]], audit: str, stage: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the entries of an audit and stage that are above chance, and the others."""
    mine = [entry for entry in entries if entry["audit"] == audit and entry["stage"] == stage]
    return [e for e in mine if e["standing"] == ABOVE], [e for e in mine if e["standing"] != ABOVE]


def _metadata(after: list[dict[str, Any]], stage: str) -> list[str]:
    telling, _ = _of([entry for entry in after if entry["by"] == "all facts"], "metadata", stage)
    if not telling:
        return []
    scopes = _list_scopes(telling)
    return [
        f"In the fixed container size in bytes, sharpness and brightness of the crop still tell {NAMES[stage]}: "
        f"{scopes}. A collection's look does that, and so does an edit that smooths or sharpens; where both "
        "classes come from the same originals it can only be the edit. "
        f"{STAGES[stage].capitalize()} has to beat these figures."
    ]


def _around(after: list[dict[str, Any]], stage: str) -> list[str]:
    telling, silent = _of(after, "around the face", stage)
    sentences = []
    if telling:
        sentences.append(
            f"With the face blanked {NAMES[stage]} is still told: {_list_scopes(telling)}. So much of "
            f"{STAGES[stage]}'s balanced accuracy there needs no look at the face: it is the collection, or what an "
            "edit leaves around it."
        )
    if silent:
        sentences.append(
            f"With the face blanked {NAMES[stage]} is not told: {_list_scopes(silent)}. {STAGES[stage].capitalize()}'s "
            "figures there owe nothing to the surroundings that this network can see."
        )
    return sentences


def _source(after: list[dict[str, Any]]) -> list[str]:
    probes = [entry for entry in after if entry["audit"] == "source"]
    if not probes:
        return []
    best = max(probes, key=lambda entry: entry["balanced accuracy"]["value"])
    seen = f"{say(best['balanced accuracy'], '%', n=False)}, chance {percent(best['chance'])}"
    if best["standing"] == ABOVE:
        return [f"Equalising hides the container, not the collection: a real photo's source is told in {seen}."]
    return [f"In the fixed container a real photo's source is not told: {seen}."]


def _source_known(entries: list[dict[str, Any]], stage: str) -> list[str]:
    known = [entry for entry in entries if entry["audit"] == "source known" and entry["stage"] == stage]
    telling = [entry for entry in known if entry["standing"] == ABOVE]
    read = "by source" if stage == "edited" else "on edits made from the same originals"
    if not telling:
        return []
    scopes = _list_scopes(telling)
    return [f"Who knows the source alone tells {NAMES[stage]} in {scopes}: read {STAGES[stage]}'s figures {read}."]
