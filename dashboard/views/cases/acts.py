"""What an entry of a case's log is about, in words, plain text."""

from collections.abc import Callable, Mapping
from typing import Any

from dashboard.views.cases import shown
from pipeline.casebook.log import Entry
from pipeline.casebook.report.people_part import say_opinion
from pipeline.words import numbers
from pipeline.words.figures import count

Facts = Mapping[str, Any]


def say_act(entry: Entry) -> str:
    """Say what an entry is about beside its act and its photo; facts of an unknown form as they are."""
    try:
        return _SAYINGS[entry.act](entry.facts)
    except (KeyError, TypeError, ValueError, AttributeError):  # an entry that was changed, or of a newer version
        return ", ".join(f"{name}: {value}" for name, value in entry.facts.items())


def _created(facts: Facts) -> str:
    return f"{facts['name']}{'; blind first' if facts['blind'] else ''}"


def _described(facts: Facts) -> str:
    parts = [f"name: {facts['name']}"] if "name" in facts else []
    parts += [f"tags: {', '.join(facts['tags']) or 'none'}"] if "tags" in facts else []
    parts += [f"description: {facts['description'] or 'none'}"] if "description" in facts else []
    return "; ".join(parts)


def _added(facts: Facts) -> str:
    return f"{facts['name']}, {numbers.size(facts['bytes'])}, from {facts['source']}"


def _examined(facts: Facts) -> str:
    probability = f", p(edited) {numbers.two_digits(facts['p_edited'])}" if facts["p_edited"] is not None else ""
    return f"{shown.say_verdict(facts['verdict'])}{probability}, release {facts['release']}"


def _opinion(facts: Facts) -> str:
    words = f": {facts['words']}" if facts["words"] else ""
    region = ", a region marked" if facts["region"] else ""
    return f"{say_opinion(facts['label'])}{', blind' if facts['blind'] else ''}{region}{words}"


def _matched(facts: Facts) -> str:
    return "; ".join(f"{each['known']} (by {each['how']})" for each in facts["matches"])


def _exported(facts: Facts) -> str:
    private = "; with what tells where or who somebody is" if facts.get("private") else ""
    return f"{facts['what']}, SHA-256 {facts['sha256']}{private}"


def _verified(facts: Facts) -> str:
    rest = "" if facts["rerun"] else "; photos were not examined anew"
    held, failed, unknown = (count(facts[name]) for name in ("held", "failed", "not checked"))
    return f"{held} items held, {failed} did not, {unknown} could not be checked{rest}"


_SAYINGS: dict[str, Callable[[Facts], str]] = {
    "created": _created,
    "described": _described,
    "archived": lambda facts: "put away" if facts["archived"] else "taken out again",
    "shared": lambda facts: f"{facts['person']}: {facts['role'] or 'no role any more'}",
    "added": _added,
    "examined": _examined,
    "refused": lambda facts: str(facts["error"]["message"]),
    "opened": lambda facts: "",
    "opinion": _opinion,
    "tagged": lambda facts: ", ".join(facts["tags"]) or "none",
    "matched": _matched,
    "deleted": lambda facts: f"{facts['reason']}; SHA-256 {facts['sha256']}",
    "exported": _exported,
    "imported": lambda facts: f"{count(facts['entries'])} entries, archive with SHA-256 {facts['sha256']}",
    "verified": _verified,
    "timestamped": lambda facts: f"entry {facts['entry']} at {facts['time']} by {facts['server']}",
}
