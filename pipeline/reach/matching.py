"""Which photo a row of figures is about: by its hash, by its file's name, or by an address that ends in that name.

A hash goes before a name, a name before an address; a whole path before its last part. A name without an ending
("17841") also fits a file of that stem ("17841.jpg"). What fits several photos is told and matched with none.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from pipeline.reach.engagement import Row
from pipeline.reach.scored import Scored, ScoredPhotos
from pipeline.storage.foreign_tables import Remark


@dataclass
class Matching:
    """Rows and the photos that they are about.

    Attributes:
        rows: photo's key → its rows, in the order of the file.
        unknown: rows about none of the photos, with the reason.
        ambiguous: rows whose name fits several photos, with them.
        odd: rows that were matched, and something to know about that.
        others: the rows of `unknown` and `ambiguous` themselves.
    """

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[Remark] = field(default_factory=list)
    ambiguous: list[Remark] = field(default_factory=list)
    odd: list[Remark] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)


def match(rows: Sequence[Row], scored: ScoredPhotos) -> Matching:
    """Find the photo of every row.

    Args:
        rows: of a file of figures.
        scored: the photos.
    """
    index, matching = _Index(scored.photos), Matching()
    md5s = _md5s_of(rows, scored)
    for row in rows:
        by_hash = row.sha256 if row.sha256 in index.hashes else md5s.get(row.md5, "") if row.md5 else ""
        keys = {by_hash} if by_hash else index.named(row)
        if len(keys) == 1:
            (key,) = keys
            matching.rows[key].append(row)
            if not by_hash and (row.sha256 or row.md5):
                matching.odd.append(Remark(row.line, "matched by its name: the hash is that of other bytes"))
            continue
        matching.others.append(row)
        if keys:
            names = ", ".join(sorted(index.name_of[key] for key in keys)[:4])
            reason = f"“{_called(row)}” fits {len(keys)} photos: {names}"
            matching.ambiguous.append(Remark(row.line, reason))
        else:
            without = " (its MD5 cannot be looked up there)" if row.md5 and scored.md5s is None else ""
            matching.unknown.append(Remark(row.line, f"“{_called(row)}” is none of the photos{without}"))
    return matching


def _md5s_of(rows: Iterable[Row], scored: ScoredPhotos) -> Mapping[str, str]:
    """Return MD5 → SHA-256 of the photos, where a row has nothing better: all originals are read for it."""
    if scored.md5s is None or not any(row.md5 and not row.sha256 for row in rows):
        return {}
    return scored.md5s([photo.sha256 for photo in scored.photos if photo.sha256])


def _called(row: Row) -> str:
    return row.photo or row.url or row.sha256[:12] or row.md5[:12]


class _Index:
    """The photos by their names."""

    def __init__(self, photos: Sequence[Scored]) -> None:
        self.hashes = {photo.sha256 for photo in photos if photo.sha256}
        self.name_of = {photo.key: photo.name for photo in photos}
        self._paths: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._stems: dict[str, set[str]] = defaultdict(set)
        for photo in photos:
            for name in photo.names or (photo.name,):
                path = _path(name)
                last = path.rpartition("/")[2]
                self._paths[path].add(photo.key)
                self._names[last].add(photo.key)
                self._stems[PurePosixPath(last).stem].add(photo.key)

    def named(self, row: Row) -> set[str]:
        """Return the keys of the photos that a row's name fits, or else its address."""
        if row.photo:
            path = _path(row.photo)
            last = _last(row.photo) if "://" in path else path.rpartition("/")[2]
            if keys := self._paths.get(path) or self._of(last):
                return keys
        return self._of(_last(row.url)) if row.url else set()

    def _of(self, last: str) -> set[str]:
        if not last:
            return set()
        stems = self._stems.get(last) if not PurePosixPath(last).suffix else None
        return self._names.get(last) or stems or set()


def _path(name: str) -> str:
    """Return a path in one form: composed letters, small ones, parted by slashes."""
    return unicodedata.normalize("NFC", name).casefold().replace("\\", "/").strip()


def _last(url: str) -> str:
    """Return the last part of an address's path; "" where it has none."""
    try:
        path = urlsplit(url.strip()).path
    except ValueError:  # brackets that are no address of a machine
        return ""
    return _path(unquote(path.rstrip("/").rpartition("/")[2]))
