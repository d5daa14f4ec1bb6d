"""`replay`: what a case is, read from its log alone."""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any

from pipeline.casebook.case_record import CasePhoto, CaseRecord, Examined, Match, Opinion, Timestamp
from pipeline.casebook.log import QUIET, Entry


def replay(entries: Iterable[Entry]) -> CaseRecord:
    """Return a case as its log tells it.

    `entries`, `head`, `at` and `acts` are those of the last entry that changed what is told: that somebody looked at
    the case, or exported it, makes no other record of it. A time stamp is told of, and is no new head.

    Args:
        entries: from the first on, in order.
    """
    state: dict[str, Any] = {"photos": {}, "members": {}, "timestamps": ()}
    acts = Counter[str]()
    for entry in entries:
        acts[entry.act] += 1
        if step := _STEPS.get(entry.act):
            step(state, entry)
        if entry.act not in QUIET:
            state |= {"entries": entry.number, "head": entry.sha256, "at": entry.at, "acts": dict(acts)}
    return CaseRecord(**{**state, "photos": tuple(state["photos"].values())})


def _create(state: dict[str, Any], entry: Entry) -> None:
    facts = entry.facts
    state |= {"id": entry.case, "created": entry.at, "created_by": entry.who, "blind": facts["blind"]}
    state |= {"name": facts["name"], "description": facts["description"], "tags": tuple(facts["tags"])}


def _describe(state: dict[str, Any], entry: Entry) -> None:
    state |= {name: entry.facts[name] for name in ("name", "description") if name in entry.facts}
    state |= {"tags": tuple(entry.facts["tags"])} if "tags" in entry.facts else {}


def _archive(state: dict[str, Any], entry: Entry) -> None:
    state["archived"] = entry.facts["archived"]


def _share(state: dict[str, Any], entry: Entry) -> None:
    members = {**state["members"], entry.facts["person"]: entry.facts["role"]}
    state["members"] = {person: role for person, role in members.items() if role}


def _add(state: dict[str, Any], entry: Entry) -> None:
    facts = entry.facts
    kept = {name: facts[name] for name in ("name", "sha256", "bytes", "source")}
    photo = CasePhoto(number=facts["photo"], at=entry.at, who=entry.who, **kept)
    state["photos"][photo.number] = photo


def _examine(state: dict[str, Any], entry: Entry) -> None:
    names = ("release", "release_sha256", "verdict", "p_edited", "p_deepfake", "dossier", "arrays", "thumbnail")
    kept = {name: entry.facts[name] for name in (*names, "overlay")}
    examined = Examined(entry.number, entry.at, entry.who, **kept)
    photo = state["photos"][entry.facts["photo"]]
    _change(state, entry, examinations=(*photo.examinations, examined), error=None)


def _refuse(state: dict[str, Any], entry: Entry) -> None:
    _change(state, entry, error=entry.facts["error"])


def _hold(state: dict[str, Any], entry: Entry) -> None:
    facts = entry.facts
    region = tuple(facts["region"]) if facts["region"] else None
    opinion = Opinion(entry.number, entry.at, entry.who, facts["label"], facts["words"], region, facts["blind"])
    _change(state, entry, opinions=(*state["photos"][facts["photo"]].opinions, opinion))


def _tag(state: dict[str, Any], entry: Entry) -> None:
    _change(state, entry, tags=tuple(entry.facts["tags"]))


def _match(state: dict[str, Any], entry: Entry) -> None:
    matches = tuple(Match(**match) for match in entry.facts["matches"])
    _change(state, entry, matches=(*state["photos"][entry.facts["photo"]].matches, *matches))


def _delete(state: dict[str, Any], entry: Entry) -> None:
    _change(state, entry, deleted=entry.facts["reason"])


def _stamp(state: dict[str, Any], entry: Entry) -> None:
    facts = entry.facts
    with suppress(KeyError, TypeError, ValueError):  # a damaged one hides no photo; a verification names it
        token = sha256(b64decode(facts["token"])).hexdigest()
        state["timestamps"] += (Timestamp(facts["entry"], facts["head"], facts["time"], facts["server"], token),)


def _change(state: dict[str, Any], entry: Entry, **values: Any) -> None:
    number = entry.facts["photo"]
    state["photos"][number] = replace(state["photos"][number], **values)


_STEPS: dict[str, Callable[[dict[str, Any], Entry], None]] = {
    "created": _create,
    "described": _describe,
    "archived": _archive,
    "shared": _share,
    "added": _add,
    "examined": _examine,
    "refused": _refuse,
    "opinion": _hold,
    "tagged": _tag,
    "matched": _match,
    "deleted": _delete,
    "timestamped": _stamp,
}
