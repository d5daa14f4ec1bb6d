"""What random damage does to a zip archive: nothing may be raised, and everything must end."""

import io
import random
import time
import zipfile
from collections import Counter
from typing import Any

from pipeline.intake import Account, unpack_file

CHANGES = 200_000
SEED = 17
ENTRIES = {
    "DCIM/hopper.jpg": b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(2000),
    "other.png": b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(1000) * 2,
}
"""Names to bytes that begin like photos; the first is stored, the second deflated."""


def after_random_changes() -> dict[str, Any]:
    """Return how many random changes of one to eight bytes raised something, and what was left of both photos."""
    whole, chance = two_entries(), random.Random(SEED)
    raised: Counter[str] = Counter()
    kept: Counter[int] = Counter()
    unsaid, longest, since = 0, 0.0, time.perf_counter()
    for _ in range(CHANGES):
        changed, begun = _changed(whole, chance), time.perf_counter()
        try:
            items = list(unpack_file("a.zip", changed))
        except Exception as problem:  # noqa: BLE001  # this is what is counted
            raised[type(problem).__name__] += 1
            continue
        longest = max(longest, time.perf_counter() - begun)
        account = Account()
        for item in items:
            account.receive(item)
        unsaid += account.handed_over < 1
        kept[sum(item.data in ENTRIES.values() for item in items)] += 1
    return {
        f"random changes (seed {SEED})": f"{CHANGES:,} in {time.perf_counter() - since:.0f} s",
        "uncaught exceptions": f"{raised.total()} {dict(raised) or ''}".rstrip(),
        "archives of which nothing is said": unsaid,
        "both photos whole, %": round(100 * kept[2] / CHANGES, 1),
        "one photo whole, %": round(100 * kept[1] / CHANGES, 1),
        "longest, ms": round(1000 * longest, 1),
    }


def two_entries() -> bytes:
    """Return the archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for (name, data), method in zip(ENTRIES.items(), (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), strict=True):
            archive.writestr(name, data, method)
    return buffer.getvalue()


def _changed(whole: bytes, chance: random.Random) -> bytes:
    """Change one to eight bytes, half of them in headers, lists and names, where most goes wrong."""
    changed, headers = bytearray(whole), whole.index(b"PK\1\2")
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        place = chance.choice(
            (chance.randrange(len(whole)), chance.randrange(headers, len(whole)), chance.randrange(60))
        )
        changed[place] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
    return bytes(changed)
