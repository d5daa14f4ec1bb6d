"""Where a photo was taken, as its file says: hidden until asked for (Exif 3.0, GPS attributes; XMP; IPTC)."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from pipeline.evidence.file_parts.exif_tags import GPS, ExifTags
from pipeline.evidence.file_parts.metadata import Metadata, metadata_of
from pipeline.evidence.finding import Evidence, Fact, Finding

TITLE = "Place (GPS)"
ORDER = 12
HOW_TO_READ = (
    "Phones write where they were, unless told otherwise; apps and social networks remove it, so that none is "
    "ordinary. A place tells where somebody was and is hidden until asked for. It can be set by anybody with a free "
    "program, may be as old as the phone's last look at the sky, and says nothing of the picture itself."
)
SOUTH, WEST = "S", "W"
TEXTS = MappingProxyType({0x001B: "How the place was told", 0x001C: "Name of the area", 0x0012: "Map datum"})
PROPERTIES = MappingProxyType(
    {
        "exif:GPSLatitude": "Latitude (XMP)",
        "exif:GPSLongitude": "Longitude (XMP)",
        "exif:GPSAltitude": "Altitude (XMP)",
        "Iptc4xmpCore:Location": "Location (XMP)",
        "photoshop:City": "City (XMP)",
        "photoshop:State": "State (XMP)",
        "photoshop:Country": "Country (XMP)",
        "Iptc4xmpCore:CountryCode": "Country (XMP)",
    }
)
LOCATIONS = re.compile(r"Iptc4xmpExt:Location(?:Created|Shown)")
ENTRIES = (90, 92, 95, 101)
"""Numbers of the IPTC entries that name a place."""


def look(evidence: Evidence) -> Finding:
    """Show the places that the file names, all of them private."""
    data = metadata_of(evidence.photo)
    facts = tuple(Fact(name, value, private=True) for name, value in _places(data))
    shows = "The file says where the photo was taken: hidden until asked for." if facts else "The file names no place."
    return Finding("place", TITLE, "ordinary" if facts else "nothing", shows, HOW_TO_READ, facts)


def _places(data: Metadata) -> Iterator[tuple[str, str]]:
    yield from _of_gps(data.exif)
    for path, name in PROPERTIES.items():
        yield from ((name, one.value) for one in data.properties(path))
    for one in data.xmp:
        if LOCATIONS.match(one.path):
            yield f"{one.path.rpartition(':')[2]} (XMP)", one.value
    yield from ((f"{one.name} (IPTC)", one.text) for one in data.iptc if one.number in ENTRIES)


def _of_gps(exif: ExifTags) -> Iterator[tuple[str, str]]:
    for name, tag, most, behind in (("Latitude", 2, 90, SOUTH), ("Longitude", 4, 180, WEST)):
        degrees = _degrees(exif.numbers(GPS, tag))
        if degrees is not None:
            sign = -1 if exif.text(GPS, tag - 1)[:1].upper() == behind else 1
            doubt = "" if abs(degrees) <= most else ", which is no place on Earth"
            yield name, f"{sign * degrees:.6f}°{doubt}"
    height, under = exif.numbers(GPS, 6), exif.numbers(GPS, 5) or exif.block(GPS, 5)
    if height:
        yield "Altitude", f"{-height[0] if under and under[0] == 1 else height[0]:.1f} m"
    towards = exif.numbers(GPS, 0x0011)
    if towards:
        yield "Direction of the camera", f"{towards[0]:.1f}°"
    for tag, name in TEXTS.items():
        text = exif.text(GPS, tag).removeprefix("ASCII").strip("\0 ")
        if text:
            yield name, text


def _degrees(parts: tuple[float, ...]) -> float | None:
    """Return degrees from degrees, minutes and seconds; None where there are none."""
    return sum(part / 60**place for place, part in enumerate(parts[:3])) if parts else None
