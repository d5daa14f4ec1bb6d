"""How cases and their photos are said on the command line."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.casebook.case_record import CasePhoto, CaseRecord
from pipeline.casebook.casebook import CaseFacts
from pipeline.words.numbers import two_digits
from pipeline.words.readable import plain
from pipeline.words.verdicts import CHIPS

NO_VERDICT = "not examined"


def say_counts(photos: dict[str, int]) -> str:
    """Say how many photos have which verdict: "12 photos: 3 Deepfake, 9 No indication"."""
    total = sum(photos.values())
    if not total:
        return "no photos"
    parts = [f"{photos[label]} {chip}" for label, chip in CHIPS.items() if photos.get(label)]
    parts += [f"{photos['']} {NO_VERDICT}"] if photos.get("") else []
    return f"{total} photo{'' if total == 1 else 's'}: {', '.join(parts)}"


def say_arrival(name: str, number: int, is_new: bool, error: dict[str, Any] | None) -> str:
    """Say what became of a thing that was to be added to a case."""
    if not is_new:
        return f"{number}\t{plain(name)}\tis in the case already"
    return f"{number}\t{plain(name)}\t" + (f"could not be examined: {plain(error['message'])}" if error else "added")


def case_json(case: CaseFacts) -> str:
    """Return a case of the list as one JSON object."""
    names = ("id", "name", "description", "created", "created_by", "blind", "archived", "entries", "head", "changed")
    facts = {name: getattr(case, name) for name in names} | {"tags": list(case.tags), "photos": case.photos}
    return json.dumps(facts | {"deleted": case.deleted}, ensure_ascii=False)


def case_lines(cases: Iterable[CaseFacts]) -> Iterator[str]:
    """Yield the list of cases, a line a case."""
    for case in cases:
        tags = f"  [{', '.join(map(plain, case.tags))}]" if case.tags else ""
        yield f"{case.id[:8]}  {case.changed}  {plain(case.name)}{tags}  {say_counts(case.photos)}"


def photo_json(photo: CasePhoto) -> str:
    """Return a photo of a case as one JSON object; its verdict is that of the last examination."""
    facts: dict[str, Any] = {name: getattr(photo, name) for name in ("number", "name", "sha256", "bytes", "at", "who")}
    facts |= {"source": photo.source, "tags": list(photo.tags), "deleted": photo.deleted}
    if photo.error:
        facts["error"] = photo.error
    if photo.examined:
        names = ("verdict", "p_edited", "p_deepfake", "release", "release_sha256", "entry", "dossier")
        facts |= {name: getattr(photo.examined, name) for name in names}
    facts["opinions"] = [{name: getattr(each, name) for name in ("at", "who", "label", "words", "region", "blind")}
                         for each in photo.opinions]  # fmt: skip
    facts["matches"] = [{"known": each.known, "how": each.how, "note": each.note} for each in photo.matches]
    return json.dumps(facts, ensure_ascii=False)


def record_lines(record: CaseRecord) -> Iterator[str]:
    """Yield what `case show` prints."""
    yield f"{plain(record.name)}  ({record.id})"
    if record.description:
        yield plain(record.description)
    if record.tags:
        yield f"tags: {', '.join(map(plain, record.tags))}"
    yield f"made {record.created} by {plain(record.created_by)}" + ("; blind first" if record.blind else "")
    kept = [photo for photo in record.photos if photo.deleted is None]
    counts: dict[str, int] = {}
    for photo in kept:
        label = photo.examined.verdict if photo.examined else ""
        counts[label] = counts.get(label, 0) + 1
    gone = len(record.photos) - len(kept)
    yield say_counts(counts) + (f"; {gone} deleted" if gone else "")
    for photo in record.photos:
        yield _photo_line(photo)
    yield f"log: {record.entries} entries that tell of it, the last {record.head} at {record.at}"


def _photo_line(photo: CasePhoto) -> str:
    if photo.deleted is not None:
        verdict = f"deleted: {plain(photo.deleted)}"
    elif photo.examined:
        verdict = f"{CHIPS[photo.examined.verdict]}  p(edited) {two_digits(photo.examined.p_edited)}"
    else:
        verdict = f"{NO_VERDICT}: {plain((photo.error or {}).get('message', ''))}"
    opinions = "".join(
        f"  {plain(each.who)}: {each.label}{' (blind)' if each.blind else ''}" for each in photo.opinions
    )
    return f"{photo.number:>5}  {photo.sha256[:12]}  {plain(photo.name)}  {verdict}{opinions}"
