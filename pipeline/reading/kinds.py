"""What a file is by its first bytes, whatever it is called: a picture that is read, or a kind with name and advice."""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import WouldOverwrite

HEAD = 4096
"""First bytes of a file that are looked at."""

TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
CONTAINERS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF")
"""What is read."""
HEIF_BRANDS = frozenset(b"heic heix heim heis hevc hevx hevm hevs mif1 msf1 avif avis".split())
SOUND_BRANDS = frozenset((b"M4A ", b"M4B ", b"M4P "))
BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
BEGINS = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n")
TEXT = re.compile(rb"(?:\xef\xbb\xbf)?[\t\r\n\x20-\x7e]*")


@dataclass(frozen=True)
class Kind:
    """A kind of file that is not read as a photo.

    Attributes:
        name: with its article, as in "This looks like {name}".
        advice: what to do instead, one sentence or two; empty where there is nothing to say.
        picture: it is a picture, only of a kind that is not read.
    """

    name: str
    advice: str = ""
    picture: bool = False


UNPACK = "Unpack it, or pack it as zip."
FRAME = "Take a frame of it and examine that."
SAVE = "Save it as PNG or TIFF from a program that opens it."
RAW = Kind("a camera raw file", "Export it as JPEG or TIFF from the program that develops it.", picture=True)
VIDEO = Kind("a video", FRAME)
SOUND = Kind("a sound recording")
JXL = Kind("a JPEG XL picture", SAVE, picture=True)
JP2 = Kind("a JPEG 2000 picture", SAVE, picture=True)
SVG = Kind("an SVG drawing", "It is drawn, not photographed; a photo placed in it must be taken out first.")
PDF = Kind("a PDF document", "Take the photo out of it and examine that.")
PAGE = Kind("a web page", "Open it and save the photo itself.")
XML = Kind("an XML file")
JSON = Kind("a JSON file")
PLAIN = Kind("a text file")
ZIP = Kind("a zip archive", "Unpack it, or hand it over under a name that ends in .zip.")
DICOM = Kind("a DICOM medical picture", SAVE, picture=True)

STARTS = MappingProxyType(
    {
        b"FUJIFILMCCD-RAW": RAW,
        b"IIRO": RAW,
        b"IIRS": RAW,
        b"MMOR": RAW,
        b"IIU\0": RAW,
        b"FOVb": RAW,
        b"II\x1a\0\0\0HEAPCCDR": RAW,
        b"\0MRM": RAW,
        b"\xff\x0a": JXL,
        b"\0\0\0\x0cJXL \r\n\x87\n": JXL,
        b"\0\0\0\x0cjP  \r\n\x87\n": JP2,
        b"\xff\x4f\xff\x51": JP2,
        b"8BPS": Kind("a Photoshop file", "Save it as JPEG, PNG or TIFF from Photoshop.", picture=True),
        b"gimp xcf": Kind("a GIMP file", "Export it as PNG or TIFF from GIMP.", picture=True),
        b"\x76\x2f\x31\x01": Kind("an OpenEXR picture", SAVE, picture=True),
        b"#?RADIANCE": Kind("a Radiance HDR picture", SAVE, picture=True),
        b"#?RGBE": Kind("a Radiance HDR picture", SAVE, picture=True),
        b"II\xbc\x01": Kind("a JPEG XR picture", SAVE, picture=True),
        b"BPG\xfb": Kind("a BPG picture", SAVE, picture=True),
        b"DDS ": Kind("a DDS texture", SAVE, picture=True),
        b"qoif": Kind("a QOI picture", SAVE, picture=True),
        b"SIMPLE  =": Kind("a FITS picture", SAVE, picture=True),
        b"AT&TFORM": Kind("a DjVu document", "Export its page as PNG or TIFF.", picture=True),
        b"\0\0\1\0": Kind("a Windows icon", SAVE, picture=True),
        b"icns": Kind("a macOS icon", SAVE, picture=True),
        b"\x1a\x45\xdf\xa3": VIDEO,
        b"FLV\1": VIDEO,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": VIDEO,
        b"\0\0\1\xba": VIDEO,
        b"\0\0\1\xb3": VIDEO,
        b"OggS": Kind("an Ogg recording"),
        b"ID3": SOUND,
        b"fLaC": SOUND,
        b"#!AMR": SOUND,
        b"%PDF": PDF,
        b"%!PS": Kind("a PostScript drawing", SAVE),
        b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", UNPACK),
        b"Rar!\x1a\x07": Kind("a RAR archive", UNPACK),
        b"\x1f\x8b": Kind("a gzip file", UNPACK),
        b"BZh": Kind("a bzip2 file", UNPACK),
        b"\xfd7zXZ\0": Kind("an xz file", UNPACK),
        b"\x28\xb5\x2f\xfd": Kind("a Zstandard file", UNPACK),
        b"MSCF": Kind("a Windows cabinet archive", UNPACK),
        b"PK\3\4": ZIP,
        b"PK\5\6": ZIP,
        b"PK\7\x08": ZIP,
        b"PK00": ZIP,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Kind("an Office document, a mail or a thumbnail store of Windows"),
        b"SQLite format 3\0": Kind("a database"),
        b"MZ": Kind("a Windows program"),
        b"\x7fELF": Kind("a Linux program"),
        b"\xcf\xfa\xed\xfe": Kind("a macOS program"),
        b"\xca\xfe\xba\xbe": Kind("a macOS program"),
        b"\0\5\x16\7": Kind("a macOS side file", "The photo lies beside it under the same name without “._”."),
        b"\0\0\0\1Bud1": Kind("a macOS folder's own notes"),
        b"\x4c\0\0\0\1\x14\2\0": Kind("a Windows shortcut", "Choose the file that it points to."),
        b"bplist0": Kind("an Apple property list"),
        b"version https://git-lfs": Kind("a pointer to a file kept elsewhere (Git LFS)", "Fetch the file itself."),
    }
)
"""First bytes to what they begin."""

WORDS = MappingProxyType(
    {
        b"<!doctype": PAGE,
        b"<html": PAGE,
        b"<head": PAGE,
        b"<body": PAGE,
        b"<svg": SVG,
        b"<?xml": XML,
        b"<x:xmpmeta": XML,
        b"<?xpacket": XML,
    }
)
"""First words of a text, in lower case, to what it is."""


def is_picture(head: bytes) -> bool:
    """Tell whether the first bytes (`HEAD` of them, or all there are) begin a picture of a kind that is read."""
    return bool(container_of(head)) or picture_start(head) > 0


def is_evidence(head: bytes) -> bool:
    """Tell whether the first bytes begin what is never written over: a picture, or an archive."""
    return is_picture(head) or head[:2] == b"PK"


def refuse_evidence(path: Path, what: str) -> None:
    """Refuse a place for something where a picture or an archive lies.

    Args:
        path: the place.
        what: is to be written there, as the error's message is to call it.

    Raises:
        WouldOverwrite: it holds one.
    """
    try:
        if not path.is_file():  # a pipe would be waited for
            return
        with path.open("rb") as file:
            holds = is_evidence(file.read(HEAD))
    except OSError:
        return
    if holds:
        raise WouldOverwrite(f"{path} holds a photo or an archive: name another file for the {what}.")


def container_of(head: bytes) -> str:
    """Return the `CONTAINERS` name of what the first bytes begin, "HEIF" of AVIF too; "" for anything else."""
    if head[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and len(head) >= 18 and struct.unpack("<I", head[14:18])[0] in BMP_HEADERS:
        return "BMP"
    if head[4:8] == b"ftyp":
        return "HEIF" if head[8:12] in HEIF_BRANDS else ""
    return "TIFF" if head[:4] in TIFF_STARTS and not _is_raw(head) else ""


def picture_start(head: bytes) -> int:
    """Return where a JPEG or PNG begins behind text that is not its own (a line's end, an HTTP header); 0 if none."""
    begin = BEGINS.search(head)
    if begin is None or not TEXT.fullmatch(head, 0, begin.start()) or _by_start(head) or _by_word(head):
        return 0  # a PDF, say, may hold a picture so near its beginning
    return begin.start()


def kind_of(head: bytes) -> Kind | None:
    """Name what the first bytes begin where that cannot be read; None for a picture, and for what is unknown."""
    if is_picture(head):
        return None
    return _by_start(head) or next(filter(None, (look(head) for look in LOOKS)), None)


def _by_start(head: bytes) -> Kind | None:
    return next((kind for start, kind in STARTS.items() if head.startswith(start)), None)


def _by_word(head: bytes) -> Kind | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text and text.startswith((b"<?xml", b"<!--", b"<!doctype svg")):
        return SVG
    return next((kind for word, kind in WORDS.items() if text.startswith(word)), None)


def _media(head: bytes) -> Kind | None:
    """Tell the kinds that share a wrapper: ISO media files (MP4, QuickTime, Canon raw) and RIFF."""
    if head[4:8] == b"ftyp":
        if head[8:12] == b"crx ":
            return RAW
        return JP2 if head[8:12] in (b"jp2 ", b"jpx ") else SOUND if head[8:12] in SOUND_BRANDS else VIDEO
    if head[4:8] in (b"moov", b"mdat", b"wide", b"skip", b"pnot"):
        return VIDEO
    if head[:4] == b"RIFF":
        return {b"AVI ": VIDEO, b"WAVE": SOUND}.get(head[8:12])
    stream = head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G"
    return VIDEO if stream else SOUND if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf1") else None


def _by_inside(head: bytes) -> Kind | None:
    """Tell what says its name further inside: tar archives, DICOM pictures, camera raw files built as TIFF."""
    if head[257:262] == b"ustar":
        return Kind("a tar archive", UNPACK)
    if head[128:132] == b"DICM":
        return DICOM
    if re.match(rb"P[1-7]\s", head):
        return Kind("a Netpbm picture", SAVE, picture=True)
    return RAW if head[:4] in TIFF_STARTS and _is_raw(head) else None


def _by_text(head: bytes) -> Kind | None:
    """Tell the kinds of text apart."""
    if re.match(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:"|\}|$)|\[\s*["\[\]{\d-])', head):
        return JSON
    return _by_word(head) or (PLAIN if _is_text(head) else None)


def _is_text(head: bytes) -> bool:
    """Tell whether bytes are UTF-8 of at least a word, a character cut off at their end aside."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as problem:
        if problem.end < len(head) or len(head) - problem.start > 3:
            return False
        text = head[: problem.start].decode("utf-8")
    return len(text) > 3 and all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text)


LOOKS: tuple[Callable[[bytes], Kind | None], ...] = (_media, _by_inside, _by_text)


def _is_raw(head: bytes) -> bool:
    """Tell a camera raw file from other TIFFs, as far as its first bytes can: `tiff` looks at the whole file."""
    if head[8:10] == b"CR" or head[8:12] in (b"IIII", b"MMMM"):  # Canon CR2, Phase One IIQ
        return True
    tags = dict(_short_tags(head))
    thumbnail_first = tags.get(254, 0) & 1 and 330 in tags and 271 in tags
    return 50706 in tags or tags.get(262) in (32803, 34892) or bool(thumbnail_first)


def _short_tags(head: bytes) -> Iterator[tuple[int, int]]:
    """Yield number and first value of the tags in a classic TIFF's first directory, as far as the bytes go."""
    order = "<" if head[:2] == b"II" else ">"
    if len(head) < 8 or head[2:4] not in (b"*\0", b"\0*"):
        return
    start = struct.unpack(order + "I", head[4:8])[0]
    count = struct.unpack(order + "H", head[start : start + 2])[0] if start + 2 <= len(head) else 0
    for at in range(start + 2, min(start + 2 + 12 * count, len(head) - 11), 12):
        tag, form, _ = struct.unpack(order + "HHI", head[at : at + 8])
        yield tag, struct.unpack(order + ("H" if form == 3 else "I"), head[at + 8 : at + (10 if form == 3 else 12)])[0]
