"""Engagement figures of strangers: read from a CSV, a row at a time; rows that are bad are kept aside with the reason.

Read are CSV, TSV and files parted by semicolons or bars, in UTF-8, UTF-16, UTF-32 or Windows-1252, with a first line
that names the columns (see `columns.SYNONYMS`). Titles and comments before it are passed over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from pipeline.casebook.hash_columns import read_hash
from pipeline.errors import BadEngagement
from pipeline.reach.cells import NOTHING, BadCell, read_count, read_time
from pipeline.reach.columns import COUNTS, NAMING, Field, Header, header_at, mapped
from pipeline.reach.text import open_text
from pipeline.storage.foreign_tables import Lines, Remark, bare, readable, rows_of

MOST_BAD = 1000
"""Bad rows, and remarks, that are kept; further ones are counted alone."""
MOST_BEFORE = 20
"""Lines, titles and comments, among which the columns must be named."""
NAMES: tuple[Field, ...] = ("photo", "url", "platform")
HASH_LENGTHS = (32, 64)
"""Digits of an MD5 and of a SHA-256."""
MOST_NAME = 500
"""Characters of a name or an address that are kept."""


class Row(NamedTuple):
    """One row: what one post of a photo had at one time.

    Attributes:
        line: its number in the file, from 1.
        photo: name or path of the photo's file; "" where the row has none. Text from outside, as all that follow.
        sha256, md5: of its bytes, hexadecimal digits in lower case.
        url: where it was posted.
        platform: on which it was.
        views, likes, comments, shares, followers: None where the row has none.
        posted: when it was posted, UTC without a zone.
        measured: when the figures were so, UTC without a zone.
    """

    line: int
    photo: str = ""
    sha256: str = ""
    md5: str = ""
    url: str = ""
    platform: str = ""
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    followers: int | None = None
    posted: datetime | None = None
    measured: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether the row has any figure."""
        return any(getattr(self, name) is not None for name in COUNTS)


@dataclass
class Engagement:
    """The figures of a file.

    Attributes:
        name: of the file; text from outside.
        header: how its columns were read.
        rows: that were read, in order.
        bad: the first of the rows that were not, with the reason.
        bad_rows: how many there were.
        odd: the first of the rows that were read and have something odd, with what.
        odd_rows: how many there were.
    """

    name: str
    header: Header
    rows: list[Row] = field(default_factory=list)
    bad: list[Remark] = field(default_factory=list)
    bad_rows: int = 0
    odd: list[Remark] = field(default_factory=list)
    odd_rows: int = 0

    def refuse(self, line: int, reason: str) -> None:
        """Keep a row aside."""
        self.bad_rows += 1
        if len(self.bad) < MOST_BAD:
            self.bad.append(Remark(line, reason))

    def remark(self, line: int, reason: str) -> None:
        """Keep what is odd about a row that is read."""
        self.odd_rows += 1
        if len(self.odd) < MOST_BAD:
            self.odd.append(Remark(line, reason))


def read_header(data: bytes, name: str, mapping: Mapping[str, str] | None = None) -> Header:
    """Return how the columns of a file are named, also where none of them is known.

    It is the first line that names photos and figures; where none does, that of the first lines which names most.

    Args:
        data: of the file.
        name: what errors call it.
        mapping: field → heading, where the headings do not tell.

    Raises:
        BadEngagement: it is empty, no text, or of a kind that is no table.
    """
    lines, found = Lines(open_text(data, name)), []
    wanted = {bare(heading) for heading in (mapping or {}).values()} - {""}
    for line in islice(lines, MOST_BEFORE):
        if not line.strip() or line.lstrip("\ufeff ").startswith("#"):
            continue
        header = header_at(lines.number, line, wanted)
        named = len(wanted.intersection(map(bare, header.headings)))
        whole = not (set(NAMING).isdisjoint(header.columns) or set(COUNTS).isdisjoint(header.columns))
        found.append(((whole, named + len(header.columns), sum(map(bool, header.headings))), header))
        if whole and named == len(wanted):
            break
    if not found:
        raise BadEngagement(f"{readable(name, 200)} does not begin with a line that names its columns.")
    return max(found, key=lambda one: one[0])[1]


def read_engagement(
    data: bytes, name: str, mapping: Mapping[str, str] | None = None, now: datetime | None = None
) -> Engagement:
    """Return the figures of a file; rows that are bad are kept aside, and never stop the rest.

    A row is refused as a whole where it names no photo, or where a figure is negative, not finite, not whole, no
    number, or above `cells.MOST`. Where a date cannot be, the row is read without it; more likes or shares than views
    are left as they stand. Both are remarked.

    Args:
        data: of the file.
        name: what errors call it.
        mapping: field → heading, where the headings do not tell; see `columns.mapped`.
        now: UTC without a zone, for telling the future; None for now.

    Raises:
        BadEngagement: it is no such file, names no photos or no figures, or the mapping does not fit.
    """
    header = read_header(data, name, mapping)
    header = replace(header, columns=mapped(header.headings, mapping or {}))
    _refuse_useless(header, name)
    engagement = Engagement(readable(name, 200), header)
    now = now or datetime.now(UTC).replace(tzinfo=None)
    for number, cells in _rows(Lines(open_text(data, name)), engagement):
        row = _row(number, cells, engagement, now)
        if row is not None:
            engagement.rows.append(row)
    if not engagement.rows:
        first = f" Line {engagement.bad[0].line}: {engagement.bad[0].reason}." if engagement.bad else ""
        raise BadEngagement(f"{engagement.name}: no row holds figures of a photo.{first}")
    return engagement


def _refuse_useless(header: Header, name: str) -> None:
    begins = readable(", ".join(header.headings), 120)
    if set(NAMING).isdisjoint(header.columns):
        raise BadEngagement(f"{readable(name, 200)}: no column names a photo. Its columns: “{begins}”.")
    if set(COUNTS).isdisjoint(header.columns):
        raise BadEngagement(f"{readable(name, 200)}: no column holds figures. Its columns: “{begins}”.")


def _rows(lines: Lines, engagement: Engagement) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows under the header; lines that are too long are refused."""
    header = engagement.header
    for _ in islice(lines, header.line):  # up to the header, which is read already
        pass
    for number, cells in rows_of(lines, header.separator):
        while lines.too_long:
            engagement.refuse(lines.too_long.pop(0), "the line is too long to be a row of figures")
        if any(cell.strip() for cell in cells):
            yield number, cells


def _row(number: int, cells: list[str], engagement: Engagement, now: datetime) -> Row | None:
    """Return a row read; None where it is refused."""
    columns = engagement.header.columns

    def cell(name: Field) -> str:
        return cells[columns[name]] if name in columns and columns[name] < len(cells) else ""

    try:
        sha256, md5 = _hashes(cell("sha256"), cell("md5"))
        views, likes, comments, shares, followers = (_count(name, cell(name)) for name in COUNTS)
    except BadCell as problem:
        engagement.refuse(number, str(problem))
        return None
    photo, url, platform = (readable(cell(name), MOST_NAME) for name in NAMES)
    if len(photo) in HASH_LENGTHS and isinstance(read_hash(photo, ""), tuple):  # a hash that stands where a name does
        (told, other), photo = _hashes(photo), ""
        sha256, md5 = sha256 or told, md5 or other
    if not (photo or url or sha256 or md5):
        engagement.refuse(number, "the row names no photo")
        return None
    row = Row(number, photo, sha256, md5, url, platform, views, likes, comments, shares, followers)
    return _dated(row, cell("posted"), cell("measured"), engagement, now)


def _count(name: str, cell: str) -> int | None:
    try:
        return read_count(cell)
    except BadCell as problem:
        raise BadCell(f"{name}: {problem}") from problem


def _hashes(*cells: str) -> tuple[str, str]:
    """Return the digits of a SHA-256 and of an MD5, "" without one; a column of hashes may hold either kind."""
    hashes = {"sha256": "", "md5": ""}
    for cell in cells:
        if cell.strip().casefold() in NOTHING:
            continue
        read = read_hash(cell, "")
        if isinstance(read, str) or read[0] not in hashes:
            raise BadCell(f"“{readable(cell, 40)}” is neither a SHA-256 nor an MD5")
        hashes[read[0]] = read[1]
    return hashes["sha256"], hashes["md5"]


def _dated(row: Row, posted: str, measured: str, engagement: Engagement, now: datetime) -> Row:
    """Return a row with its times, and remark what is odd about it."""
    row = row._replace(posted=_time("posted", posted, row.line, engagement, now))
    row = row._replace(measured=_time("measured", measured, row.line, engagement, now))
    for name in ("likes", "shares"):
        count = getattr(row, name)
        if row.views is not None and count is not None and count > row.views:
            engagement.remark(row.line, f"more {name} ({count}) than views ({row.views}); both are used as they stand")
    if not row.counts:
        engagement.remark(row.line, "the row has no figures")
    return row


def _time(name: str, cell: str, line: int, engagement: Engagement, now: datetime) -> datetime | None:
    try:
        return read_time(cell, now)
    except BadCell as problem:
        engagement.remark(line, f"{name}: {problem}; the date is not used")
    return None
