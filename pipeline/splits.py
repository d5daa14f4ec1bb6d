"""Splits by group: a person, or a near-duplicate pair, is never on two sides."""

import hashlib

SHARES = {"train": 0.70, "val": 0.15, "test": 0.15}
SPLITS = tuple(SHARES)
UNSEEN = "unseen"
"""Of sources kept whole, for telling how an unseen source fares."""


def place_of(group: str, seed: int) -> float:
    """Return a group's place in [0, 1): a hash decides, so that adding photos moves no other."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split_of(group: str, seed: int) -> str:
    """Return the split of a group: a hash decides, so that adding photos moves none; another seed gives others."""
    place = place_of(group, seed)
    for name, share in SHARES.items():
        if place < share:
            return name
        place -= share
    return "test"
