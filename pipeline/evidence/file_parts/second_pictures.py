"""Other pictures in a photo's file: those behind it, gain and depth maps, further frames, and pictures within XMP.

Multi-Picture Format (CIPA DC-007), gain maps (ISO 21496-1, Adobe, Apple), HEIF (ISO/IEC 23008-12), Google's XMP.
"""

import base64
import binascii
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pillow_heif

from pipeline.errors import PhotoTooLarge, TriageError
from pipeline.evidence.file_parts.blocks import blocks_of, picture_in
from pipeline.evidence.file_parts.exif_tags import IMAGE, read_exif
from pipeline.evidence.file_parts.metadata import metadata_of
from pipeline.evidence.file_parts.tail import Piece
from pipeline.evidence.file_parts.xmp_packet import read_xmp
from pipeline.photo import Photo
from pipeline.reading import jpeg
from pipeline.reading.opening import refuse_by_size
from pipeline.reading.refusals import DAMAGE

MPF, MPF_ENTRIES = b"MPF\0", 0xB002
ROLES = MappingProxyType(
    {
        0x010001: "a preview",
        0x010002: "a preview",
        0x020001: "a part of a panorama",
        0x020002: "a second view (3D)",
        0x020003: "another angle",
        0x030000: "the main picture",
        0x040000: "the original, kept by a program that changed it",
        0x050000: "a gain map",
    }
)
"""Types of pictures in a multi-picture file."""
GAIN_MAP, ORIGINAL = ROLES[0x050000], ROLES[0x040000]
ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
IN_XMP = MappingProxyType({"GImage:Data": "a picture within XMP (GImage)", "GDepth:Data": "a depth map within XMP"})
MOST_FRAMES, MOST_PICTURES = 3, 6


@dataclass(frozen=True, eq=False)
class SecondPicture:
    """A picture that is not the one examined.

    Attributes:
        words: where it comes from and what it is, as far as the file says.
        rgb: (H, W, 3) uint8; None where it does not decode.
        problem: why it does not.
        is_frame: it is one of a series, which may well differ.
        is_map: it holds no view but brightness or distance, or is an alpha layer, and may look like anything.
    """

    words: str
    rgb: np.ndarray | None
    problem: str = ""
    is_map: bool = False
    is_frame: bool = False


def second_pictures(photo: Photo, behind: tuple[Piece, ...]) -> Iterator[SecondPicture]:
    """Yield the other pictures of a photo's file, at most `MOST_PICTURES` of each source.

    Args:
        photo: as it was read.
        behind: what lies behind its picture.
    """
    roles = _roles(photo.data)
    for piece in [piece for piece in behind if piece.sort == "picture"][:MOST_PICTURES]:
        role = GAIN_MAP if _is_gain_map(piece.data) else roles.get(piece.start, "a picture")
        rgb, problem = _decoded(piece.data)
        yield SecondPicture(f"{role} behind the photo", rgb, problem, is_map=role == GAIN_MAP)
    yield from _in_xmp(photo)
    if photo.format == "HEIF":
        yield from _in_heif(photo.data)
    yield from _frames(photo)


def _decoded(data: bytes, frame: int = 0) -> tuple[np.ndarray | None, str]:
    try:
        return Photo.read(data, partial=True, frame=frame).rgb, ""
    except TriageError as problem:
        return None, str(problem)


def _roles(data: bytes) -> dict[int, str]:
    """Return what a multi-picture file says of its pictures, by where they begin in the file."""
    picture, container = picture_in(data)
    offset, roles = len(data) - len(picture), {}
    for part in jpeg.segments(picture) if container == "JPEG" else ():
        body = picture[part.start + 4 : part.end]
        if part.marker != jpeg.APP2 or not body.startswith(MPF):
            continue
        block = read_exif(body[4:]).block(IMAGE, MPF_ENTRIES)
        order = "<" if body[4:6] == b"II" else ">"
        for attributes, _, start in struct.iter_unpack(f"{order}III4x", block[: len(block) // 16 * 16]):
            place = offset + (part.start + 8 + start if start else 0)
            roles[place] = ROLES.get(attributes & 0xFFFFFF, "a picture of no stated kind")
    return roles


def _is_gain_map(data: bytes) -> bool:
    """Tell whether a JPEG says that it holds how much brighter a screen may show each place."""
    properties = [one for packet in blocks_of(data).xmp for one in read_xmp(packet)[0]]
    if any(one.path.startswith(("hdrgm:", "HDRGainMap:")) for one in properties):
        return True
    return any(
        part.marker == jpeg.APP2 and data[part.start + 4 : part.end].startswith(ISO_GAIN_MAP)
        for part in jpeg.segments(data)
    )


def _in_xmp(photo: Photo) -> Iterator[SecondPicture]:
    data = metadata_of(photo)
    for path, words in IN_XMP.items():
        for one in list(data.properties(path))[:MOST_PICTURES]:
            try:
                rgb, problem = _decoded(base64.b64decode(one.value, validate=False))
            except (binascii.Error, ValueError):
                rgb, problem = None, "It is not written as pictures are."
            yield SecondPicture(words, rgb, problem, is_map=path == "GDepth:Data")


def _in_heif(data: bytes) -> Iterator[SecondPicture]:
    """Yield the other pictures of a HEIF file, and the maps of the primary one."""
    try:
        file: Any = pillow_heif.open_heif(data)
        primary = file[file.primary_index]
    except (*DAMAGE, MemoryError):
        return
    others = deque([image for number, image in enumerate(file) if number != file.primary_index][:MOST_PICTURES])
    del file  # each picture keeps its pixels once it is decoded: nothing is to keep the picture
    while others:
        yield _of_heif("another picture of the HEIF file", others.popleft(), False)
    for image in primary.info.get("depth_images", [])[:MOST_PICTURES]:
        yield _of_heif("a depth map of the HEIF file", image, True)
    for kind, numbers in list(primary.info.get("aux", {}).items())[:MOST_PICTURES]:
        yield _of_heif(f"a map of the HEIF file ({kind[-60:]})", partial(primary.get_aux_image, numbers[0]), True)


def _of_heif(words: str, image: Any, is_map: bool) -> SecondPicture:
    """Return a picture of a HEIF file, given as what pillow_heif calls an image, or as what fetches one."""
    try:
        image = image() if isinstance(image, partial) else image
        refuse_by_size(*image.size)
        return SecondPicture(words, np.asarray(image.to_pillow().convert("RGB")), is_map=is_map)
    except (*DAMAGE, MemoryError, PhotoTooLarge) as problem:
        return SecondPicture(words, None, str(problem)[:200], is_map=is_map)


def _frames(photo: Photo) -> Iterator[SecondPicture]:
    """Yield further frames or pages, the first few of them."""
    others = [number for number in range(min(photo.frames, MOST_FRAMES + 1)) if number != photo.frame][:MOST_FRAMES]
    for number in others:
        rgb, problem = _decoded(photo.data, number)
        yield SecondPicture(f"frame or page {number + 1} of {photo.frames}", rgb, problem, is_frame=True)
