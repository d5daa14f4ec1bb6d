"""XMP: paths of properties in both ways of writing them, and packets made to harm."""

import gc
import time
import weakref

import pytest
from made_up_metadata import JPEG, PNG, chunk, saved, scene, segment, with_chunks, with_segments, xmp, xmp_segment
from PIL import Image

from pipeline.evidence.file_parts.metadata import metadata_of
from pipeline.evidence.file_parts.xmp_packet import BROKEN, REFUSED, TOO_MUCH, Property, read_xmp
from pipeline.photo import Photo

HISTORY = (
    '<xmpMM:History><rdf:Seq><rdf:li stEvt:action="created" stEvt:when="2024-01-01"/>'
    '<rdf:li rdf:parseType="Resource"><stEvt:action>saved</stEvt:action></rdf:li></rdf:Seq></xmpMM:History>'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A &lt;b&gt; title</rdf:li></rdf:Alt></dc:title>'
    '<dcterms:provenance rdf:resource="http://a.example/m"/>'
)


def test_properties_by_their_paths():
    properties, note = read_xmp(xmp({"xmp:CreatorTool": "GIMP"}, HISTORY))
    assert note == "" and properties == (
        Property("xmp:CreatorTool", "GIMP"),
        Property("xmpMM:History[1]/stEvt:action", "created"),
        Property("xmpMM:History[1]/stEvt:when", "2024-01-01"),
        Property("xmpMM:History[2]/stEvt:action", "saved"),
        Property("dc:title[1]", "A <b> title"),
        Property("dcterms:provenance", "http://a.example/m"),
    )


def test_namespaces_count_and_not_what_a_file_calls_them():
    inside = b"<dc:CreatorTool>x</dc:CreatorTool><xmp:CreatorTool>y</xmp:CreatorTool></a>"
    swapped = b'<a xmlns:dc="http://ns.adobe.com/xap/1.0/" xmlns:xmp="http://purl.org/dc/elements/1.1/">' + inside
    assert [one.path for one in read_xmp(swapped)[0]] == ["a/xmp:CreatorTool", "a/dc:CreatorTool"]
    unknown = b'<a xmlns:dc="http://ns.adobe.com/xap/1.0/" xmlns:xmp="http://a.example/">' + inside
    assert read_xmp(unknown)[0][1] == Property("a/xmp:CreatorTool", "y")


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_codings(coding):
    packet = xmp({"dc:title": "Müller 📷"}).decode().partition("?>")[2].encode(coding)
    assert read_xmp(packet)[0][0].value == "Müller 📷"


def test_room_around_a_packet_is_no_damage():
    assert read_xmp(b"\0 \n" + xmp({"xmp:Label": "x"}) + b" " * 2000 + b"\0")[1] == ""
    assert read_xmp(xmp({"xmp:Label": "x"}) + b"trailing junk")[1] == ""


def test_entities_never_grow():
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><x>&a11;</x>'
    start = time.perf_counter()
    assert read_xmp(bomb.encode()) == ((), REFUSED) and time.perf_counter() - start < 1


def test_files_and_addresses_are_never_opened(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    packet = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]><x>&e;</x>'
    assert read_xmp(packet.encode()) == ((), REFUSED)
    assert read_xmp(b"<x>&e;</x>")[1] == BROKEN


@pytest.mark.parametrize("packet", [b"<a>" * 200_000, b"<a>" + b"<b>x</b>" * 300_000, b"<a>" + b"<b c='d'/>" * 300_000])
def test_deep_and_long_packets_are_cut(packet):
    start = time.perf_counter()
    properties, note = read_xmp(packet)
    assert note in (TOO_MUCH, BROKEN) and len(properties) <= 6000 and time.perf_counter() - start < 3


@pytest.mark.parametrize("packet", [b"", b"\xff\xfe", b"\0<", b"<a", b"\x80" * 50, b"{json}", b"<a b='&#0;'/>"])
def test_what_is_no_packet(packet):
    assert read_xmp(packet) == ((), BROKEN)


def test_what_was_read_before_the_damage_is_kept():
    properties, note = read_xmp(xmp({"xmp:CreatorTool": "GIMP"}, HISTORY).replace(b"</xmpMM:History>", b"</x>"))
    assert note == BROKEN and Property("xmp:CreatorTool", "GIMP") in properties and len(properties) == 4


def extension(packet, guid=b"A" * 32, size=30_000):
    pieces = [packet[at : at + size] for at in range(0, len(packet), size)]
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid + len(packet).to_bytes(4, "big")
    return [segment(0xE1, head + (size * n).to_bytes(4, "big") + piece) for n, piece in enumerate(pieces)]


def test_a_packet_in_several_segments_is_joined_in_their_order():
    packet = xmp({"GImage:Data": "QUJD" * 20_000})
    data = with_segments(JPEG, xmp_segment(xmp({"xmp:Label": "main"})), *reversed(extension(packet)))
    metadata = metadata_of(Photo.read(data))
    assert metadata.property("GImage:Data") == "QUJD" * 20_000 and metadata.property("xmp:Label") == "main"


def gif(packet):
    plain = saved(Image.fromarray(scene()).quantize(16), "GIF")
    return plain[:-1] + b"!\xff\x0bXMP DataXMP" + packet + b"\x01" + bytes(range(255, -1, -1)) + b"\0" + b";"


PACKET = xmp({"xmp:CreatorTool": "GIMP"})
HELD = {
    "png": with_chunks(PNG, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET)),
    "png by ImageMagick": with_chunks(
        PNG, chunk(b"tEXt", b"Raw profile type xmp\0\nxmp\n   9\n" + PACKET.hex().encode())
    ),
    "webp": saved(scene(), "WEBP", xmp=PACKET),
    "heic": saved(scene(), "HEIF", xmp=PACKET),
    "avif": saved(scene(), "AVIF", xmp=PACKET),
    "tiff": saved(scene(), "TIFF", tiffinfo={700: PACKET}),
    "gif": gif(PACKET),
}


@pytest.mark.parametrize("name", HELD)
def test_a_packet_is_read_wherever_it_is_kept(name):
    assert metadata_of(Photo.read(HELD[name])).property("xmp:CreatorTool") == "GIMP"


def test_metadata_is_read_once_and_let_go_with_its_photo():
    photo = Photo.read(HELD["webp"])
    assert metadata_of(photo) is metadata_of(photo)
    kept = weakref.ref(photo)
    del photo
    gc.collect()
    assert kept() is None
