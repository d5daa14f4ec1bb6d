"""What a cell of engagement figures says: a count however people write it, or a time."""

import re
from datetime import UTC, datetime, timedelta

from pipeline.storage.foreign_tables import readable

MOST = 10**11
"""Largest count that is believed: twelve views of one photo for everybody on earth."""
EARLIEST = datetime(1990, 1, 1)
NOTHING = frozenset(("", "-", "--", "–", "—", "n/a", "na", "null", "none", "nil", "nan", "<na>", "#n/a", "hidden", "."))
"""Cells that hold no figure, in small letters."""

_SCALES = {
    **dict.fromkeys(("k", "tsd", "tsd.", "tys", "tys.", "thousand", "mil", "тыс", "тыс."), 10**3),
    **dict.fromkeys(("m", "mio", "mio.", "mln", "mln.", "mn", "million", "millions", "millionen", "млн"), 10**6),
    **dict.fromkeys(("b", "bn", "mrd", "mrd.", "md", "billion", "billions", "milliarden", "млрд"), 10**9),
    **dict.fromkeys(("万", "萬"), 10**4),
    **dict.fromkeys(("億", "亿"), 10**8),
    **dict.fromkeys(("lakh", "lac"), 10**5),
    **dict.fromkeys(("crore", "cr"), 10**7),
}
"""What stands behind a number, in small letters → by how much it grows."""
_COUNT = re.compile(r"([+-]?)\s*([\d][\d.,'’\s]*|[.,]\d+)\s*([^\d\s].*)?")
_GROUPED = re.compile(r"\d{1,3}(?P<mark>[.,'’ ])\d{3}(?:(?P=mark)\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}")
_FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%b %d %Y",
    "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z", "%b %d, %Y %H:%M", "%Y%m%d",
)  # fmt: skip
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?")
_ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "PST": -8, "PDT": -7, "CET": 1,
          "CEST": 2}  # fmt: skip
"""Names of zones behind a time → hours from UTC."""


class BadCell(ValueError):
    """A cell that says nothing that can be read; its text says why, as the end of "views: …"."""


def read_count(cell: str) -> int | None:
    """Return the count that a cell holds; None where it holds none.

    "1,234", "1.234", "1 234" and "1'234" are 1234: views are whole, so one mark before three digits parts thousands.
    "1.2K", "3,4 Mio" and "1.2万" are read, too. "12.0" is 12; "1.5" is refused, as nobody can tell what it means.

    Raises:
        BadCell: it is negative, not finite, no number, not whole, or above `MOST`.
    """
    text = _plain(cell).replace("\u2212", "-")
    if text.casefold() in NOTHING:
        return None
    if text.casefold().lstrip("+-") in ("inf", "infinity", "∞"):
        raise BadCell(f"“{text}” is not finite")
    match = _COUNT.fullmatch(text)
    if not match:
        return _read_power(text)
    sign, digits, behind = match[1], match[2].strip(), (match[3] or "").casefold().strip()
    if behind and behind not in _SCALES:
        return _read_power(text)
    value = _number(digits, text, bool(behind)) * _SCALES.get(behind, 1)
    return _plausible(-value if sign == "-" else value, text)


def _plain(cell: str) -> str:
    """Return a cell on one line, its letters read, without quotes about it."""
    return " ".join(readable(cell, 80).split()).strip("\"'")


def _read_power(text: str) -> int:
    """Return a count that is written with a power of ten, as spreadsheets write large ones."""
    if not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?[eE][+]?\d{1,3}", text):
        raise BadCell(f"“{readable(text, 40)}” is no number")
    return _plausible(float(text.replace(",", ".")), text)


def _number(digits: str, text: str, scaled: bool) -> float:
    """Return a number however its digits are grouped; what is scaled ("1.234K") has no groups with a single mark."""
    marks = [letter for letter in digits if not letter.isdigit()]
    kinds = set(marks)
    if not marks:
        return float(digits)
    if _GROUPED.fullmatch(digits) and not (scaled and len(marks) == 1 and marks[0] in ".,"):
        return float("".join(filter(str.isdigit, digits)))
    last = marks[-1]
    whole, _, part = digits.rpartition(last)
    if last not in ".," or last in whole or (len(kinds) > 1 and not _GROUPED.fullmatch(whole)):
        raise BadCell(f"“{readable(text, 40)}” is no number")
    return float(f"{''.join(filter(str.isdigit, whole)) or '0'}.{part or '0'}")


def _plausible(value: float, text: str) -> int:
    if value < 0:
        raise BadCell(f"“{readable(text, 40)}” is negative")
    if value > MOST:
        raise BadCell(f"“{readable(text, 40)}” is more than anything was ever seen")
    if abs(value - round(value)) > 1e-6:
        raise BadCell(f"“{readable(text, 40)}” is not whole")
    return round(value)


def read_time(cell: str, now: datetime) -> datetime | None:
    """Return the time that a cell holds, UTC without a zone; None where it holds none.

    Read are ISO 8601, the forms of the platforms' exports, and seconds or milliseconds since 1970. Of 03/04/2026 the
    month comes first, as the platforms write it, unless that is none. A time without a zone is taken for UTC.

    Args:
        cell: the cell.
        now: UTC without a zone; a day later is the future.

    Raises:
        BadCell: it is no time, lies before 1990 or in the future.
    """
    text = _plain(cell)
    if text.casefold() in NOTHING:
        return None
    try:
        at = _time(text)
    except (ValueError, OverflowError) as problem:
        raise BadCell(f"“{readable(text, 40)}” is no date that can be read") from problem
    if at < EARLIEST:
        raise BadCell(f"“{readable(text, 40)}” lies before 1990")
    if at > now + timedelta(days=1):
        raise BadCell(f"“{readable(text, 40)}” lies in the future")
    return at


def _time(text: str) -> datetime:
    if re.fullmatch(r"\d{9,10}(?:\.\d+)?|\d{12,13}", text):
        seconds = float(text)
        return _utc(datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC))
    behind, hours = text.rpartition(" ")[2].upper(), 0
    if " " in text and behind in _ZONES:
        text, hours = text.rpartition(" ")[0], _ZONES[behind]
    if slashed := _SLASHED.fullmatch(text):
        at = _slashed(slashed)
    else:
        try:
            at = _utc(datetime.fromisoformat(text))
        except ValueError:
            at = next(filter(None, (_in_form(text, form) for form in _FORMS)), None) or _fail(text)
    return at - timedelta(hours=hours)


def _fail(text: str) -> datetime:
    raise ValueError(text)


def _in_form(text: str, form: str) -> datetime | None:
    try:
        return _utc(datetime.strptime(text, form))
    except ValueError:
        return None


def _slashed(match: "re.Match[str]") -> datetime:
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    month, day = (first, second) if first <= 12 else (second, first)
    hour = int(match[4] or 0)
    if match[7]:
        hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
    return datetime(year, month, day, hour, int(match[5] or 0), int(match[6] or 0))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
