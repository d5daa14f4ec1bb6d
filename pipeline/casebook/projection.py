"""The tables that are made from a log: what each act changes in them, so that cases can be searched."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from pipeline.casebook.log import Entry
from pipeline.casebook.schema import CASES, MATCHES, MEMBERS, OPINIONS, PHOTO_TAGS, PHOTOS


def project(connection: Connection, entry: Entry) -> None:
    """Change the tables as an entry tells; the log itself is written by `pipeline.casebook.case`."""
    if step := _STEPS.get(entry.act):
        step(connection, entry)
    values = {"entries": entry.number, "head": entry.sha256, "changed": entry.at}
    connection.execute(update(CASES).where(CASES.c.id == entry.case).values(values))


def _create(connection: Connection, entry: Entry) -> None:
    facts = entry.facts
    connection.execute(
        insert(CASES).values(
            id=entry.case,
            name=facts["name"],
            description=facts["description"],
            tags=tags_text(facts["tags"]),
            created=entry.at,
            created_by=entry.who,
            blind=facts["blind"],
        )
    )


def _describe(connection: Connection, entry: Entry) -> None:
    values: dict[str, Any] = {name: entry.facts[name] for name in ("name", "description") if name in entry.facts}
    values |= {"tags": tags_text(entry.facts["tags"])} if "tags" in entry.facts else {}
    connection.execute(update(CASES).where(CASES.c.id == entry.case).values(values))


def _archive(connection: Connection, entry: Entry) -> None:
    connection.execute(update(CASES).where(CASES.c.id == entry.case).values(archived=entry.facts["archived"]))


def _share(connection: Connection, entry: Entry) -> None:
    person, role = entry.facts["person"], entry.facts["role"]
    connection.execute(delete(MEMBERS).where(MEMBERS.c.case_id == entry.case, MEMBERS.c.person == person))
    if role:
        connection.execute(insert(MEMBERS).values(case_id=entry.case, person=person, role=role))


def _add(connection: Connection, entry: Entry) -> None:
    facts = entry.facts
    connection.execute(
        insert(PHOTOS).values(
            case_id=entry.case,
            number=facts["photo"],
            name=facts["name"],
            sha256=facts["sha256"],
            bytes=facts["bytes"],
            source=facts["source"],
            at=entry.at,
            who=entry.who,
        )
    )


def _examine(connection: Connection, entry: Entry) -> None:
    facts = entry.facts
    values = {
        name: facts[name]
        for name in ("verdict", "p_edited", "p_deepfake", "release", "dossier", "thumbnail", "overlay", "format")
    }
    values |= {name: facts[name] for name in ("width", "height", "notable")}
    values |= {"phash": signed(facts["phash"]), "thumb": bytes.fromhex(facts["thumb"]), "error": "", "error_code": ""}
    _change_photo(connection, entry, values)


def _refuse(connection: Connection, entry: Entry) -> None:
    error = entry.facts["error"]
    _change_photo(connection, entry, {"error_code": error["code"], "error": error["message"]})


def _delete(connection: Connection, entry: Entry) -> None:
    _change_photo(connection, entry, {"deleted": True, "thumb": None, "phash": None})


def _change_photo(connection: Connection, entry: Entry, values: dict[str, Any]) -> None:
    where = (PHOTOS.c.case_id == entry.case, PHOTOS.c.number == entry.facts["photo"])
    connection.execute(update(PHOTOS).where(*where).values(values))


def _hold(connection: Connection, entry: Entry) -> None:
    facts = entry.facts
    connection.execute(
        insert(OPINIONS).values(
            case_id=entry.case,
            entry=entry.number,
            number=facts["photo"],
            at=entry.at,
            who=entry.who,
            label=facts["label"],
            words=facts["words"],
            region=json.dumps(facts["region"]) if facts["region"] else "",
            blind=facts["blind"],
        )
    )


def _tag(connection: Connection, entry: Entry) -> None:
    number = entry.facts["photo"]
    where = (PHOTO_TAGS.c.case_id == entry.case, PHOTO_TAGS.c.number == number)
    connection.execute(delete(PHOTO_TAGS).where(*where))
    for tag in entry.facts["tags"]:
        connection.execute(insert(PHOTO_TAGS).values(case_id=entry.case, number=number, tag=tag))


def _match(connection: Connection, entry: Entry) -> None:
    for match in entry.facts["matches"]:
        connection.execute(insert(MATCHES).values(case_id=entry.case, number=entry.facts["photo"], **match))


_STEPS: dict[str, Callable[[Connection, Entry], None]] = {
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
}


def tags_text(tags: list[str]) -> str:
    """Return tags as they stand in a case's row: a JSON list, so that no tag's letters part it."""
    return json.dumps(sorted(set(tags)), ensure_ascii=False)


def signed(phash: str) -> int:
    """Return 64 bits in hex digits as the signed number that databases keep."""
    return int.from_bytes(bytes.fromhex(phash), "big", signed=True)
