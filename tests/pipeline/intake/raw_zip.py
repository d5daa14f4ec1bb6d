"""Zip archives written by hand: with names, flags and headers that no library writes."""

import struct
import zlib
from dataclasses import dataclass


@dataclass
class Entry:
    name: bytes
    data: bytes
    local: bytes | None = None
    flags: int = 0
    method: int = 0
    extra: bytes = b""
    mode: int = 0o100644
    made: int = 0x0314
    size: int | None = None


def raw_zip(
    entries: list[Entry], prefix: bytes = b"", suffix: bytes = b"", disk: int = 0, moved: bool = False
) -> bytes:
    """Return an archive; `moved`: its places are counted from behind the prefix."""
    out, central = bytearray(prefix), bytearray()
    for entry in entries:
        at = len(out) - (len(prefix) if moved else 0)
        packed = zlib.compress(entry.data)[2:-4] if entry.method == 8 else entry.data
        size = len(entry.data) if entry.size is None else entry.size
        common = struct.pack(
            "<HHHHHIII", 20, entry.flags, entry.method, 0, 0x5921, zlib.crc32(entry.data), len(packed), size
        )
        local = entry.name if entry.local is None else entry.local
        out += b"PK\3\4" + common + struct.pack("<HH", len(local), len(entry.extra)) + local + entry.extra + packed
        central += b"PK\1\2" + struct.pack("<H", entry.made) + common
        central += struct.pack("<HHHHHII", len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, at)
        central += entry.name + entry.extra
    at = len(out) - (len(prefix) if moved else 0)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", disk, 0, len(entries), len(entries), len(central), at, 0)
    return bytes(out) + bytes(central) + end + suffix
