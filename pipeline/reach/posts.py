"""What several rows about one photo amount to: posts, each with its figures over time, and all of them together.

A post is known by its address and platform, and, in files that also tell when the figures were measured, by when it was
posted. Rows of one post are the same post at several times: the last one tells how it stands, the earlier ones how it
grew. Without an address and a platform all rows of a photo are one post. Posts are added up.

Rows of one post that bear no time, or the same one, cannot be told apart: the largest count of each figure is taken.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from pipeline.reach.columns import COUNTS
from pipeline.reach.engagement import Row
from pipeline.reach.views import PerView, reach_of

Counts = dict[str, int | None]
"""Figure → count; None where it is not known."""


@dataclass(frozen=True)
class Post:
    """One post of a photo.

    Attributes:
        url, platform: text from outside.
        counts: as they stand last.
        history: times, UTC, oldest first, each with the counts as they stood.
        odd: what must be known of its rows, as sentences.
        lines: of the file.
    """

    url: str
    platform: str
    counts: Counts
    history: tuple[tuple[datetime, Counts], ...]
    odd: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Engaged:
    """The figures of one photo, all its posts together.

    Attributes:
        posts: in the order of the file.
        counts: added up; None where no post has the figure.
        reach: views, or what stands for them; None where no post has any figure.
        estimated: how much of the reach is estimated from other figures.
        growth: times, UTC, oldest first, each with the reach by then; empty where there are not two.
    """

    posts: tuple[Post, ...]
    counts: Counts
    reach: float | None
    estimated: float
    growth: tuple[tuple[datetime, float], ...]

    @property
    def per_day(self) -> float | None:
        """By how much the reach grew a day, between the last two times; None where that is not known."""
        if len(self.growth) < 2:
            return None
        (before, old), (after, new) = self.growth[-2:]
        return (new - old) / (max(after - before, timedelta(hours=1)) / timedelta(days=1))

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms, each once; text from outside."""
        return tuple(dict.fromkeys(post.platform for post in self.posts if post.platform))

    @property
    def odd(self) -> tuple[str, ...]:
        """What must be known of its rows, as sentences."""
        return tuple(sentence for post in self.posts for sentence in post.odd)


def engaged_of(rows: Sequence[Row], per_view: PerView) -> Engaged:
    """Return what the rows about one photo amount to.

    Args:
        rows: of the photo.
        per_view: how views are estimated where there are none.
    """
    measured = any(row.measured for row in rows)
    groups: dict[tuple[str, str, datetime | None], list[Row]] = defaultdict(list)
    for row in rows:
        posted = row.posted if measured and not row.url else None
        groups[row.url.strip().rstrip("/"), row.platform.casefold(), posted].append(row)
    posts = tuple(_post(group) for group in groups.values())
    reaches = [reach_of(post.counts, per_view) for post in posts]
    known = [one for one in reaches if one is not None]
    return Engaged(
        posts,
        {name: _sum([post.counts[name] for post in posts]) for name in COUNTS},
        sum(value for value, _ in known) if known else None,
        sum(value for value, estimated in known if estimated),
        _growth(posts, per_view),
    )


def _post(rows: Sequence[Row]) -> Post:
    at_once: dict[datetime | None, list[Row]] = defaultdict(list)
    for row in rows:
        at_once[row.measured or row.posted].append(row)
    nowhen = at_once.pop(None, [])
    now = _largest(nowhen)
    history: list[tuple[datetime, Counts]] = []
    odd = []
    times = sorted(time for time in at_once if time is not None)
    for time in times:
        before = dict(now)
        now |= {name: count for name, count in _largest(at_once[time]).items() if count is not None}
        if history and (before["views"] or 0) > (now["views"] or 0):
            odd.append(f"views fell from {before['views']} to {now['views']}")
        history.append((time, dict(now)))
    if any(len(group) > 1 for group in (*at_once.values(), nowhen)):
        odd.append("several rows of one post bear no time, or the same one: the largest counts are taken")
    if nowhen and times:
        odd.append("rows without a time count only where no other tells")
    first = rows[0]
    return Post(first.url, first.platform, now, tuple(history), tuple(odd), tuple(row.line for row in rows))


def _largest(rows: Sequence[Row]) -> Counts:
    return {name: max((count for row in rows if (count := getattr(row, name)) is not None), default=None)
            for name in COUNTS}  # fmt: skip


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _growth(posts: Sequence[Post], per_view: PerView) -> tuple[tuple[datetime, float], ...]:
    """Return the reach of all posts by each time that one of them tells of; posts without a time count throughout."""
    standing = sum(found[0] for post in posts if not post.history and (found := reach_of(post.counts, per_view)))
    steps = sorted(
        (time, place, found[0])
        for place, post in enumerate(posts)
        for time, counts in post.history
        if (found := reach_of(counts, per_view)) is not None
    )
    last: dict[int, float] = {}
    growth: dict[datetime, float] = {}
    total = Fraction(standing)  # exact: what is added and taken away again leaves nothing behind
    for time, place, reach in steps:
        total += Fraction(reach) - Fraction(last.get(place, 0))
        last[place] = reach
        growth[time] = float(total)
    return tuple(growth.items()) if len(growth) > 1 else ()
