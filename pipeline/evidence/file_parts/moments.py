"""`Moment`: a date as a file writes it, of EXIF, ISO 8601, IPTC or PNG, and how far two of them lie apart."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

CLOCK = r"(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?\s*(Z|[+-]\d\d:?\d\d)?"
WRITTEN = re.compile(rf"(\d{{4}})[:\-/.]?(\d\d)(?:[:\-/.]?(\d\d)(?:[T ]+{CLOCK})?)?")
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
QUARTER = timedelta(minutes=15)
FURTHEST_ZONES = timedelta(hours=26)
"""How far two clocks of this world stand apart."""
SAME = timedelta(seconds=2)


@dataclass(frozen=True)
class Moment:
    """A date that a file gives.

    Attributes:
        name: of the field.
        written: as it stands there, with its offset.
        at: as a clock on the wall showed it; None where it is no date.
        offset: of that clock from UTC; None where it is not given.
        exact: how exactly it is given: to a second, a minute or a day.
    """

    name: str
    written: str
    at: datetime | None
    offset: timedelta | None
    exact: timedelta

    def later_than(self, other: "Moment") -> timedelta | None:
        """Return by how much it lies behind another, as exactly as both are given; None where one is no date."""
        if self.at is None or other.at is None:
            return None
        exact = max(self.exact, other.exact)
        both = exact < DAY and self.offset is not None and other.offset is not None
        ours = self.at - self.offset if both and self.offset is not None else self.at
        theirs = other.at - other.offset if both and other.offset is not None else other.at
        apart = ours.date() - theirs.date() if exact >= DAY else ours - theirs
        return timedelta(0) if abs(apart) <= SAME or abs(apart) < exact else apart

    def may_differ_by_zone(self, other: "Moment") -> bool:
        """Tell whether two may be the same moment on clocks of two time zones."""
        apart = self.later_than(other)
        if apart is None or (self.offset is not None and other.offset is not None) or abs(apart) > FURTHEST_ZONES:
            return False
        rest = abs(apart) % QUARTER
        return max(self.exact, other.exact) >= DAY or min(rest, QUARTER - rest) <= SAME


def moment(name: str, text: str, offset: str = "") -> Moment:
    """Return the moment that a field gives, with an offset that stands in a field of its own."""
    written = f"{text} {offset}".strip()
    match = WRITTEN.match(written)
    if match is None:
        return Moment(name, written, None, None, SECOND)
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    assert year is not None and month is not None
    try:
        at = datetime(year, month, day or 1, hour or 0, minute or 0, min(second or 0, 59))
    except ValueError:  # no such day, or zeros where a clock was never set
        return Moment(name, written, None, None, SECOND)
    exact = 31 * DAY if day is None else DAY if hour is None else MINUTE if second is None else SECOND
    return Moment(name, written, at, _offset(match[7]), exact)


def _offset(text: str | None) -> timedelta | None:
    """Return an offset from UTC as it is written, as in "+02:00"; None where there is none, or one of no clock."""
    if not text:
        return None
    if text == "Z":
        return timedelta(0)
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return (-size if text[0] == "-" else size) if size < DAY else None


def say_span(span: timedelta) -> str:
    """Say a length of time in its two largest units."""
    seconds = round(abs(span).total_seconds())
    parts = []
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:,} {name}{'s' if count > 1 else ''}")
    return " ".join(parts[:2]) or "no time"
