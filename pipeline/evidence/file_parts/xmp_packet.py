"""XMP (ISO 16684-1), element by element: properties by their paths, whatever the packet claims.

A DOCTYPE is never read, so that entities cannot grow; depth, number and size of what is read are bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
META = "adobe:ns:meta/"
PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        META: "x",
        "http://ns.adobe.com/xap/1.0/": "xmp",
        "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
        "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
        "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
        "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
        "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
        "http://ns.adobe.com/xmp/note/": "xmpNote",
        "http://ns.adobe.com/exif/1.0/": "exif",
        "http://cipa.jp/exif/1.0/": "exifEX",
        "http://ns.adobe.com/exif/1.0/aux/": "aux",
        "http://ns.adobe.com/tiff/1.0/": "tiff",
        "http://ns.adobe.com/photoshop/1.0/": "photoshop",
        "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
        "http://ns.adobe.com/lightroom/1.0/": "lr",
        "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
        "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
        "http://ns.google.com/photos/1.0/camera/": "GCamera",
        "http://ns.google.com/photos/1.0/container/": "Container",
        "http://ns.google.com/photos/1.0/container/item/": "Item",
        "http://ns.google.com/photos/1.0/image/": "GImage",
        "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
        "http://purl.org/dc/elements/1.1/": "dc",
        "http://purl.org/dc/terms/": "dcterms",
        "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
        "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
        "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
        "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
        "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
        "http://ns.microsoft.com/photo/1.2/t/RegionInfo#": "MPRI",
        "http://ns.microsoft.com/photo/1.2/t/Region#": "MPReg",
        "http://www.gimp.org/xmp/": "GIMP",
        "http://darktable.sf.net/": "darktable",
        "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260",
    }
)
"""Names by which properties are known, whatever a file calls them."""
CONTAINERS = frozenset(f"{RDF} {name}" for name in ("RDF", "Description", "Seq", "Bag", "Alt"))
WIDE = MappingProxyType({b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"})
"""First bytes of a packet that is not in UTF-8."""
MOST_PACKET = 32_000_000
MOST_ELEMENTS, MOST_DEPTH, MOST_PROPERTIES, MOST_PATH = 50_000, 60, 6000, 300
BROKEN = "the XMP packet is damaged: what could be followed of it is shown"
REFUSED = "the XMP packet declares a document type, as no program does, and was not read"
TOO_MUCH = "the XMP packet is larger than any program writes: its beginning is shown"


@dataclass(frozen=True)
class Property:
    """One value of a packet, and where it stands, as in "xmpMM:History[2]/stEvt:action"."""

    path: str
    value: str


class _Stop(ValueError):
    """Ends the reading of a packet, for the reason that it holds."""


def read_xmp(packet: bytes) -> tuple[tuple[Property, ...], str]:
    """Return the properties of a packet in their order, and what is to be said of it; "" where it is sound."""
    reader, packet = _Reader(), _as_utf8(packet)
    note = TOO_MUCH if len(packet) > MOST_PACKET else ""
    try:
        reader.parser.Parse(packet[:MOST_PACKET], True)
    except _Stop as stop:
        note = str(stop)
    except expat.ExpatError:
        note = note if note or reader.closed else BROKEN
    return tuple(reader.properties), note


def _as_utf8(packet: bytes) -> bytes:
    """Return a packet in UTF-8, without what fills the room around it."""
    coding = next((coding for start, coding in WIDE.items() if packet.startswith(start)), "")
    if coding:
        packet = packet.decode(coding, "replace").encode("utf-8", "replace")
    return packet.strip(b"\0 \t\r\n")


class _Reader:
    """Follows elements as the parser meets them: `properties` grows, until the outermost has ended."""

    def __init__(self) -> None:
        self.properties: list[Property] = []
        self._path: list[str] = []
        self._items: list[int] = []
        self._text: list[list[str]] = []
        self._elements = 0
        self.closed = False
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._hear
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise _Stop(REFUSED)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._path) > MOST_DEPTH:
            raise _Stop(TOO_MUCH)
        self._path.append(self._step(name))
        self._items.append(0)
        self._text.append([])
        for attribute, value in attributes.items():
            kind, _, local = _bare(attribute).rpartition(" ")
            if kind == RDF and local == "resource":
                self._keep("", value)
            elif kind not in (RDF, XML, ""):
                self._keep(f"/{_short(attribute)}", value)

    def _step(self, name: str) -> str:
        """Return what an element adds to the path."""
        bare = _bare(name)
        if bare == f"{RDF} li":
            self._items[-1] += 1
            return f"[{self._items[-1]}]"
        return "" if bare in CONTAINERS or bare == f"{META} xmpmeta" else f"/{_short(name)}"

    def _hear(self, text: str) -> None:
        if self._text:
            self._text[-1].append(text)

    def _end(self, _: str) -> None:
        text = "".join(self._text.pop()).strip()
        if text:
            self._keep("", text)
        self._path.pop()
        self._items.pop()
        self.closed = not self._path

    def _keep(self, step: str, value: str) -> None:
        path = ("".join(self._path) + step).removeprefix("/")
        if path and value:
            self.properties.append(Property(path[:MOST_PATH], value))
        if len(self.properties) >= MOST_PROPERTIES:
            raise _Stop(TOO_MUCH)


def _bare(name: str) -> str:
    """Return namespace and local name of what the parser calls "namespace local prefix"."""
    return " ".join(name.split(" ")[:2])


def _short(name: str) -> str:
    """Return a name by its usual prefix, or else by the file's own."""
    space, _, rest = name.partition(" ")
    local, _, prefix = rest.partition(" ")
    return f"{PREFIXES.get(space, prefix or 'other')}:{local}" if rest else space
