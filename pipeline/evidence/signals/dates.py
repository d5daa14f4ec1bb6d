"""All dates in a photo's file, and whether they agree (Exif 3.0, XMP, IPTC-IIM 4.2, PNG)."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.evidence.file_parts.exif_tags import EXIF, GPS, IMAGE
from pipeline.evidence.file_parts.metadata import Metadata, metadata_of
from pipeline.evidence.file_parts.moments import DAY, MINUTE, Moment, moment, say_span
from pipeline.evidence.file_parts.png_texts import TIME
from pipeline.evidence.finding import Evidence, Fact, Finding, Weight

TITLE = "Dates"
ORDER = 11
HOW_TO_READ = (
    "A camera writes the same date for taken, digitised and changed. A later date of change means that the file was "
    "written again: by an editor, but also by turning, tagging or exporting it. A date of change that lies before the "
    "photo was taken, or dates of one event that differ, come from programs that changed one and not the other, from "
    "wrong clocks, from scans of older pictures, or from somebody who set them. Dates without an offset are those of "
    "a clock on a wall somewhere: whole hours between them may be time zones."
)
TAKEN, CHANGED = "taken", "changed"
OFFSET, OFFSET_TAKEN, OFFSET_DIGITISED = 0x9010, 0x9011, 0x9012
GPS_NAME = "GPS date, UTC"
LATER = MINUTE
"""By how much later a change may be that a camera still makes itself."""
EVENT_OF = {
    "xmp:ModifyDate": CHANGED,
    "xmp:MetadataDate": CHANGED,
    "xmp:CreateDate": TAKEN,
    "exif:DateTimeOriginal": TAKEN,
    "exif:DateTimeDigitized": TAKEN,
    "photoshop:DateCreated": TAKEN,
}
"""XMP properties that are dates, and of what."""


def look(evidence: Evidence) -> Finding:
    """Show the dates that the file gives, and which of them cannot both be right."""
    data = metadata_of(evidence.photo)
    taken, changed = list(_taken(data)), list(_changed(data))
    every = [*taken, *changed]
    facts = [Fact(one.name, one.written if one.at else f"{one.written} (no date)") for one in every]
    problems = [*_of_one_event(taken, TAKEN), *_of_one_event(changed, CHANGED), *_before(taken, changed)]
    again = _saved_again(taken, changed)
    zones = list(_zones(taken)) if not problems else []
    facts += [Fact("Do not agree", problem) for problem in problems]
    facts += [Fact("Saved again", again)] if again else []
    facts += [Fact("Time zones", one) for one in zones]
    weight: Weight = "look" if problems or again else "ordinary" if every else "nothing"
    return Finding("dates", TITLE, weight, _sentence(every, problems, again), HOW_TO_READ, tuple(facts))


def _taken(data: Metadata) -> Iterator[Moment]:
    """Yield the dates of when the photo was taken or digitised; a scan's two may differ, and that is worth a look."""
    exif = data.exif
    yield from _moment("EXIF DateTimeOriginal", exif.text(EXIF, 0x9003), exif.text(EXIF, OFFSET_TAKEN))
    yield from _moment("EXIF DateTimeDigitized", exif.text(EXIF, 0x9004), exif.text(EXIF, OFFSET_DIGITISED))
    yield from _of_xmp(data, TAKEN)
    yield from _moment("IPTC date created", data.entry(55), data.entry(60))
    yield from _moment("IPTC digital creation", data.entry(62), data.entry(63))
    clock = exif.numbers(GPS, 0x0007)
    at = "{:02.0f}:{:02.0f}:{:02.0f}".format(*clock[:3]) if len(clock) >= 3 else ""
    yield from _moment(GPS_NAME, exif.text(GPS, 0x001D), f"{at} Z" if at else "")
    yield from (_moment_of(text.name, text.value) for text in data.texts if text.name == "Creation Time")


def _changed(data: Metadata) -> Iterator[Moment]:
    """Yield the dates of when the file was changed."""
    yield from _moment("EXIF DateTime", data.exif.text(IMAGE, 0x0132), data.exif.text(EXIF, OFFSET))
    yield from _of_xmp(data, CHANGED)
    yield from (moment("PNG time, UTC", text.value, "Z") for text in data.texts if text.name == TIME)


def _of_xmp(data: Metadata, event: str) -> Iterator[Moment]:
    for path, of in EVENT_OF.items():
        if of == event:
            yield from (moment(f"XMP {one.path}", one.value[:60]) for one in data.properties(path))


def _moment(name: str, text: str, offset: str) -> Iterator[Moment]:
    if text:
        yield moment(name, text[:60], offset[:20])


def _moment_of(name: str, text: str) -> Moment:
    return moment(f"Text {name}", text[:60])


def _of_one_event(moments: list[Moment], event: str) -> Iterator[str]:
    """Yield, against the first date of an event, those others that differ by more than zones or doubt explain."""
    dated = [one for one in moments if one.at]
    for other in dated[1:]:
        apart = other.later_than(dated[0])
        loose = GPS_NAME in (other.name, dated[0].name)  # a place may be a day old, and its clock is UTC
        note = event == CHANGED and other.name == "XMP xmp:MetadataDate"  # is written after the picture, by design
        if not apart or note or other.may_differ_by_zone(dated[0]) or (loose and abs(apart) <= 2 * DAY):
            continue
        yield f"{other.name} is {say_span(apart)} {'later' if apart > 0 * DAY else 'earlier'} than {dated[0].name}."


def _before(taken: list[Moment], changed: list[Moment]) -> Iterator[str]:
    """Yield what was changed before it was taken."""
    for first, last, apart in _spans(taken, changed):
        if apart < -LATER:
            yield f"{last.name} lies {say_span(apart)} before {first.name}: changed before it was taken."


def _saved_again(taken: list[Moment], changed: list[Moment]) -> str:
    """Say how much later the file was written again; "" where it was not, or no date tells."""
    later = [(apart, first, last) for first, last, apart in _spans(taken, changed) if apart > LATER]
    if not later:
        return ""
    apart, first, last = max(later, key=lambda one: one[0])
    return f"{last.name} is {say_span(apart)} later than {first.name}."


def _spans(taken: list[Moment], changed: list[Moment]) -> Iterator[tuple[Moment, Moment, timedelta]]:
    """Yield the first date of taking with each date of change, and how much later that is, zones aside."""
    first = next((one for one in taken if one.at and one.name != GPS_NAME), None)
    for last in changed:
        apart = last.later_than(first) if first else None
        if first and apart and not last.may_differ_by_zone(first):
            yield first, last, apart


def _zones(taken: list[Moment]) -> Iterator[str]:
    dated = [one for one in taken if one.at]
    for other in dated[1:]:
        apart = other.later_than(dated[0])
        if apart and other.may_differ_by_zone(dated[0]):
            yield f"{other.name} and {dated[0].name} are {say_span(apart)} apart, which time zones may explain."


def _sentence(every: list[Moment], problems: list[str], again: str) -> str:
    if not every:
        return "The file gives no date."
    if problems:
        rest = f" {len(problems) - 1} more do not agree." if len(problems) > 1 else ""
        return f"{problems[0]}{rest}"
    if again:
        return f"The file was written again after the photo was taken: {again}"
    dated = [one for one in every if one.at]
    if not dated:
        return "The fields for dates hold none that can be read."
    return "The one date in the file stands alone." if len(dated) == 1 else f"The {len(dated)} dates in the file agree."
