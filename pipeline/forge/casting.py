"""Who lends a face to whom in a large run, and with which seeds: fixed by hashes, not by order or neighbours."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256

from pipeline.forge.geometry.donors import unlike
from pipeline.forge.operation import operation
from pipeline.forge.orders import Donor, Try
from pipeline.forge.originals import Portrait

POOL = 40
"""Candidates that are compared for one photo."""
TRIES = 3
"""Donors, or seeds, that are tried before an operation is given up."""


def draw_number(*parts: object) -> int:
    """Return a number in [0, 2³¹) that a hash draws from the parts."""
    text = ":".join(str(part) for part in parts)
    return int.from_bytes(sha256(text.encode("utf-8", "backslashreplace")).digest()[:4]) >> 1


class Casting:
    """Donors of the same split and another group.

    All photos of a split stand on a ring at places that hashes give them, and a photo looks only at the next ones
    from its own place on: another photo added to the folder changes few choices, and nothing depends on order.
    """

    def __init__(self, portraits: Iterable[Portrait], seed: int) -> None:
        self._seed = seed
        self._rings: dict[str, list[tuple[int, str, Portrait]]] = defaultdict(list)
        for portrait in portraits:
            if portrait.look:
                place = (draw_number(seed, "lends", portrait.sha256), portrait.sha256, portrait)
                self._rings[portrait.split].append(place)
        for ring in self._rings.values():
            ring.sort(key=lambda place: place[:2])

    def donors(self, portrait: Portrait) -> list[Donor]:
        """Return at most `TRIES` donors for a photo, the most alike in pose and colour first."""
        look, ring = portrait.look, self._rings[portrait.split]
        if look is None:
            return []
        start = bisect_left(ring, draw_number(self._seed, "looks", portrait.sha256), key=lambda place: place[0])
        pool: list[tuple[float, str, Portrait]] = []
        for offset in range(len(ring)):
            other = ring[(start + offset) % len(ring)][2]
            if other.group != portrait.group and other.look:
                pool.append((unlike(look, other.look), other.sha256, other))
            if len(pool) == POOL:
                break
        return [Donor(other.path, other.sha256) for _, _, other in sorted(pool, key=lambda one: one[:2])[:TRIES]]

    def tries(self, portrait: Portrait, name: str, donors: list[Donor]) -> tuple[Try, ...]:
        """Return how an operation is tried on a photo: a seed of its own for each, the same for all strengths."""
        seeds = [draw_number(self._seed, portrait.sha256, name, number) for number in range(TRIES)]
        if not operation(name).needs_donor or not donors:
            return tuple(Try(number) for number in seeds)
        return tuple(Try(number, donors[place % len(donors)]) for place, number in enumerate(seeds))
