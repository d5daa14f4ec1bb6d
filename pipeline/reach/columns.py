"""Which column of a file of engagement figures holds what: by its heading, or as somebody says."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.errors import BadEngagement
from pipeline.storage.foreign_tables import bare, readable, split_loosely

Field = Literal[
    "photo",
    "sha256",
    "md5",
    "url",
    "platform",
    "views",
    "likes",
    "comments",
    "shares",
    "followers",
    "posted",
    "measured",
]
FIELDS: tuple[Field, ...] = get_args(Field)
NAMING: tuple[Field, ...] = ("photo", "sha256", "md5", "url")
"""Fields that name a photo."""
COUNTS: tuple[Field, ...] = ("views", "likes", "comments", "shares", "followers")
"""Fields with figures."""
SEPARATORS = (",", ";", "\t", "|")

SYNONYMS: dict[Field, tuple[str, ...]] = {
    "photo": ("photo", "file", "filename", "file name", "image", "image file", "picture", "media file", "path",
              "name", "photo name", "image name", "media", "content", "post id", "tweet id", "video id", "media id",
              "id"),
    "sha256": ("sha256", "sha-256", "hash sha256", "file sha256", "sha256 hash", "sha2", "hash", "file hash", "digest",
               "checksum"),
    "md5": ("md5", "md5 hash", "hash md5", "file md5"),
    "url": ("url", "link", "permalink", "post url", "post link", "tweet permalink", "video link", "photo url",
            "image url", "media url", "share url", "address", "final link"),
    "platform": ("platform", "network", "site", "source platform", "channel", "medium", "surface"),
    "views": ("views", "view count", "views count", "total views", "post views", "video views", "statistics views",
              "public metrics impression count", "impression count", "impressions", "plays", "play count",
              "total plays", "aufrufe", "vues", "visualizaciones", "reach", "reichweite", "post reach",
              "post impressions"),
    "likes": ("likes", "like count", "likes count", "total likes", "reactions", "reaction count", "total reactions",
              "statistics like count", "statistics reaction count", "public metrics like count", "favorites",
              "favorite count", "favourites", "digg count", "hearts", "gefällt mir", "j'aime", "me gusta"),
    "comments": ("comments", "comment count", "comments count", "total comments", "replies", "reply count",
                 "statistics comment count", "public metrics reply count", "comments added", "kommentare",
                 "commentaires", "comentarios"),
    "shares": ("shares", "share count", "shares count", "total shares", "reposts", "repost count", "retweets",
               "retweet count", "statistics share count", "public metrics retweet count", "forwards", "share",
               "geteilt", "partages", "compartidos"),
    "followers": ("followers", "follower count", "followers count", "followers at posting", "subscribers",
                  "subscriber count", "subscriber count at posting", "page followers", "author followers",
                  "likes at posting", "abonnenten", "abonnés", "seguidores"),
    "posted": ("posted at", "posted", "post time", "post created", "publish time", "published at", "published",
               "video publish time", "created at", "create time", "creation time", "created", "date posted",
               "upload date", "post created date", "date", "datum", "time"),
    "measured": ("measured at", "measured", "snapshot", "snapshot at", "retrieved at", "retrieved", "fetched at",
                 "collected at", "crawled at", "scraped at", "as of", "observed at", "timestamp", "updated at"),
}  # fmt: skip
"""Field → headings that name it, in any case and with whatever between the words; of several the first of these counts.

From the exports of Meta (Content Library, Business Suite, CrowdTangle), X, YouTube and TikTok, and of their APIs.
"""


@dataclass(frozen=True)
class Header:
    """The first line of a file, read.

    Attributes:
        line: its number in the file, from 1.
        separator: of the cells.
        headings: of the columns, on one line each, at most 80 characters; text from outside.
        columns: field → place of its column.
    """

    line: int
    separator: str
    headings: tuple[str, ...]
    columns: Mapping[Field, int]

    @property
    def unused(self) -> tuple[str, ...]:
        """Headings of columns that nothing is read from."""
        used = set(self.columns.values())
        return tuple(heading for at, heading in enumerate(self.headings) if at not in used and heading)

    def heading(self, field: Field) -> str:
        """Return the heading of the column that a field is read from; "" where there is none."""
        return self.headings[self.columns[field]] if field in self.columns else ""


KNOWN: dict[Field, tuple[str, ...]] = {field: tuple(map(bare, words)) for field, words in SYNONYMS.items()}


def columns_of(headings: Sequence[str]) -> dict[Field, int]:
    """Return the columns that are known by their headings."""
    there = [bare(heading) for heading in headings]
    return {
        field: there.index(next(word for word in words if word in there))
        for field, words in KNOWN.items()
        if not set(words).isdisjoint(there)
    }


def mapped(headings: Sequence[str], mapping: Mapping[str, str]) -> dict[Field, int]:
    """Return the columns that are known by their headings, or as somebody says.

    Args:
        headings: of the file.
        mapping: field → heading; "" where the field is to be read from no column. It goes before what is known.

    Raises:
        BadEngagement: there is no such field, or no column of that heading.
    """
    columns = columns_of(headings)
    words = [bare(heading) for heading in headings]
    for name, heading in mapping.items():
        field = next((one for one in FIELDS if one == name.strip().lower()), None)
        if field is None:
            raise BadEngagement(f"{readable(name, 40)!r} is no figure that is read: there are {', '.join(FIELDS)}.")
        columns.pop(field, None)
        if not heading:
            continue
        if heading not in headings and bare(heading) not in words:
            there = ", ".join(f"“{each}”" for each in headings if each)
            raise BadEngagement(f"There is no column “{readable(heading, 80)}”. There are {readable(there, 400)}.")
        place = headings.index(heading) if heading in headings else words.index(bare(heading))
        columns = {one: at for one, at in columns.items() if at != place or one in mapping} | {field: place}
    return columns


def header_at(number: int, line: str, wanted: Collection[str] = ()) -> Header:
    """Return a line read as a header, by the separator that shows most columns that are known, then most at all.

    Args:
        number: of the line, from 1.
        line: the line.
        wanted: headings that count as known, as `bare` gives them.
    """
    found = []
    for separator in SEPARATORS:
        headings = tuple(readable(cell, 80) for cell in _cells(line, separator))
        found.append(Header(number, separator, headings, columns_of(headings)))

    def known(header: Header) -> tuple[int, int]:
        words = set(map(bare, header.headings))
        return len(header.columns) + len(words.intersection(wanted)), len(header.headings)

    return max(found, key=known)


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line.lstrip("\ufeff")], delimiter=separator, strict=True, skipinitialspace=True), [])
    except csv.Error:
        return split_loosely(line, separator)
