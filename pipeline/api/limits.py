"""Limits: how many calls a minute, how many photos and bytes at once, how large and how slow a body may be."""

import asyncio
import math
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import BodyTooLarge, BodyTooSlow, Busy, TooManyCalls

Receive = Callable[[], Any]
MINUTE = 60.0
SLOWEST = 50_000
"""Bytes a second below which a body is too slow, once its first seconds are over."""
MOST_BUCKETS = 10_000
"""Keys and addresses that are remembered; the longest unseen is forgotten."""
LONGEST_WAIT = 60
"""Seconds that a caller is told to wait at most."""
FORGOTTEN = 3.0
"""Seconds after which a third of those that were told to come again is still counted."""
UPLOADS_AT_ONCE = 8
"""Calls at once that hand over the photos of a job."""
UPLOAD_TAKES = 10
"""Seconds after which another such call may be let in."""
PER_CALL = 0.005
"""Seconds that a call costs, whatever it holds."""


@dataclass
class Buckets:
    """A token bucket for each key or address: it holds a minute's calls, and fills steadily.

    Attributes:
        rate: calls a minute.
        clock: seconds, monotonic.
    """

    rate: int
    clock: Callable[[], float] = time.monotonic
    _levels: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)

    def take(self, who: str) -> dict[str, str]:
        """Take one call's token; return the headers that say what is left (IETF draft ratelimit-headers-10).

        Raises:
            TooManyCalls: there is none.
        """
        now = self.clock()
        level, before = self._levels.pop(who, (float(self.rate), now))
        level = min(self.rate, level + (now - before) * self.rate / MINUTE)
        enough = level >= 1
        level -= enough
        self._levels[who] = (level, now)
        if len(self._levels) > MOST_BUCKETS:
            self._levels.popitem(last=False)
        if not enough:
            wait = (1 - level) * MINUTE / self.rate
            raise TooManyCalls(f"More than {self.rate} calls a minute.", math.ceil(wait))
        full = math.ceil((self.rate - level) * MINUTE / self.rate)
        return {
            "RateLimit-Policy": f'"calls";q={self.rate};w={MINUTE:.0f}',
            "RateLimit": f'"calls";r={int(level)};t={full}',
        }


@dataclass
class Places:
    """Photos and bytes of all calls under way. What does not fit is told to come again: nothing grows.

    Attributes:
        photos: most at once.
        size: most bytes at once.
        pace: seconds that a photo takes, as measured.
    """

    photos: int
    size: int
    pace: Callable[[], float] = lambda: 1.0
    held: int = 0
    bytes: int = 0
    _away: float = 0.0
    _since: float = 0.0

    @contextmanager
    def hold(self) -> Iterator["Hold"]:
        """Give what one call may hold; all of it is given back at the end.

        Raises:
            Busy: not even one photo fits.
        """
        hold = Hold(self)
        hold.take(photos=1)
        try:
            yield hold
        finally:
            self.held -= hold.photos
            self.bytes -= hold.bytes

    def wait(self) -> int:
        """Return after how many seconds one that is told to come again should do so.

        About half of what is held is done then. The more were told so of late, the more widely they are spread by
        chance: all at once they would only be told so again.
        """
        now = time.monotonic()
        self._away *= math.exp((self._since - now) / FORGOTTEN)
        spread = random.uniform(0, self._away * PER_CALL)
        self._away, self._since = self._away + 1, now
        return min(LONGEST_WAIT, max(1, math.ceil(self.held * self.pace() / 2 + spread)))


@dataclass
class Hold:
    """What one call holds."""

    places: Places
    photos: int = 0
    bytes: int = 0

    def take(self, photos: int = 0, size: int = 0) -> None:
        """Take places for more photos or bytes.

        Raises:
            Busy: they do not fit.
        """
        places = self.places
        if photos and places.held + photos > places.photos:
            raise Busy(f"{places.held} photos are being worked on, the most at once.", places.wait())
        if size and places.bytes + size > places.size:
            raise Busy("The calls under way hold as many bytes as are taken at once.", places.wait())
        places.held += photos
        places.bytes += size
        self.photos += photos
        self.bytes += size


@dataclass
class Uploads:
    """Calls that hand over the photos of a job, each until its job is made: what they bring lies on disk by then.

    Attributes:
        most: at once.
        jobs: most unfinished jobs; one that is handed over is unfinished too.
        coming: how many there are.
    """

    most: int
    jobs: int
    coming: int = 0

    @contextmanager
    def hold(self, unfinished: int) -> Iterator[None]:
        """Count a call for as long as it hands over.

        Args:
            unfinished: jobs that are made and unfinished.

        Raises:
            Busy: there are too many.
        """
        if unfinished + self.coming >= self.jobs:
            raise Busy(f"{unfinished + self.coming} jobs are unfinished, the most at once.", 60)
        if self.coming >= self.most:
            raise Busy(f"{self.coming} jobs are being handed over, the most at once.", UPLOAD_TAKES)
        self.coming += 1
        try:
            yield
        finally:
            self.coming -= 1


@dataclass
class Body:
    """A call's body, counted as it streams in.

    Attributes:
        receive: gives the web server's messages.
        announced: bytes that the call says it has; 0 where it does not.
        most: bytes that are taken.
        seconds: that it may take at first, see `SLOWEST`.
        on_bytes: told of each piece's size: places are taken for them.
        size: bytes that came.
    """

    receive: Receive
    announced: int = 0
    most: int = 0
    seconds: float = 30.0
    on_bytes: Callable[[int], None] | None = None
    size: int = 0
    _begun: float = 0.0
    _ended: bool = False

    async def __call__(self) -> Any:
        """Return the next message.

        Raises:
            BodyTooLarge: it has too many bytes, or says so.
            BodyTooSlow: it comes too slowly.
            Busy: there is no room for its bytes.
        """
        if self._ended:
            return await self.receive()
        self._begun = self._begun or time.monotonic()
        if self.announced > self.most:
            raise self._too_large()
        left = self._begun + self.seconds + self.size / SLOWEST - time.monotonic()
        try:
            message = await asyncio.wait_for(self.receive(), max(0.0, left))
        except TimeoutError:
            said = f"The body came too slowly: {self.size:,} bytes in {time.monotonic() - self._begun:.0f} seconds."
            raise BodyTooSlow(said) from None
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        came = len(message.get("body", b""))
        self.size += came
        if self.size > self.most:
            raise self._too_large()
        if came and self.on_bytes:
            self.on_bytes(came)
        return message

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The call has more than {self.most / 1e6:g} MB, the most that is taken.")
