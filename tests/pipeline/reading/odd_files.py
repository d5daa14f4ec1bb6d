"""Odd files made on the spot: PNG chunks, JPEG segments and TIFF pages put together by hand, and colour profiles."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()

HEIGHT, WIDTH = 96, 128


def scene(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return smooth, asymmetric colour with some noise, (H, W, 3) uint8."""
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([230 * x / width + 20, 230 * y / height + 10, 200 - 150 * (x + y) / (width + height)], axis=-1)
    return (smooth + np.random.default_rng(1).integers(0, 8, smooth.shape)).astype(np.uint8)


SCENE = scene()
RGB = Image.fromarray(SCENE)
OTHER = Image.fromarray(SCENE[::-1, ::-1].copy())


def saved(image: Image.Image | np.ndarray = RGB, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image = image.copy() if isinstance(image, Image.Image) else Image.fromarray(image)  # saving leaves its mark on it
    if "append_images" in options:
        options["append_images"] = [other.copy() for other in options["append_images"]]
    image.save(buffer, form, **options)
    return buffer.getvalue()


def away(rgb: np.ndarray, expected: np.ndarray) -> float:
    """Return the mean absolute difference of two pictures of one size."""
    assert rgb.shape == expected.shape
    return float(np.abs(rgb.astype(int) - expected).mean())


def chunk(kind: bytes, body: bytes = b"", wrong: bool = False) -> bytes:
    """Return a PNG chunk, on request with a wrong checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) ^ wrong)


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """Put chunks right behind a PNG's header."""
    return png[:33] + b"".join(chunks) + png[33:]


def png16(values: np.ndarray, *chunks: bytes) -> bytes:
    """Return a PNG of (H, W, 3) uint16."""
    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), *chunks, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Put segments right behind a JPEG's first marker."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


Tags = dict[int, tuple[int, ...]]


def page(pixels: np.ndarray, **more: int) -> tuple[Tags, bytes]:
    """Return tags and bytes of an uncompressed RGB page; further tags as t254=1."""
    bits, form = pixels.dtype.itemsize * 8, 3 if pixels.dtype.kind == "f" else 1
    tags: Tags = {256: (pixels.shape[1],), 257: (pixels.shape[0],), 258: (bits,) * 3, 259: (1,), 262: (2,), 277: (3,),
                  278: (pixels.shape[0],), 284: (1,), 339: (form,) * 3}  # fmt: skip
    return tags | {int(tag[1:]): (value,) for tag, value in more.items()}, pixels.tobytes()


def tiff(
    *pages: tuple[Tags, bytes], under: tuple[tuple[Tags, bytes], ...] = (), order: str = "<", big: bool = False
) -> bytes:
    """Return a TIFF whose directories stand in front of the pixels; `under` hang below the first page."""
    word, head, step = ("Q", 16, 20) if big else ("I", 8, 12)
    count, size = ("Q", 8) if big else ("H", 4)
    every = [*pages, *under]
    tags = [dict(one) | {273: (0,), 279: (len(pixels),)} for one, pixels in every]
    if under:
        tags[0][330] = (0,) * len(under)
    room = [
        struct.calcsize(order + count) + step * len(one) + size + 64 for one in tags
    ]  # 64: values of more than a word
    starts = [head + sum(room[:number]) for number in range(len(room) + 1)]
    places = [starts[-1] + sum(len(pixels) for _, pixels in every[:number]) for number in range(len(every))]
    if under:
        tags[0][330] = tuple(starts[len(pages) : -1])
    magic = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    out = magic + (struct.pack(order + "HH", 8, 0) if big else b"") + struct.pack(order + word, starts[0])
    for number, one in enumerate(tags):
        one[273] = (places[number],)
        following = starts[number + 1] if number + 1 < len(pages) else 0
        out += _directory(one, starts[number], following, order, word, count, room[number])
    return out + b"".join(pixels for _, pixels in every)


def _directory(tags: Tags, start: int, following: int, order: str, word: str, count: str, room: int) -> bytes:
    size = struct.calcsize(order + word)
    body, aside = struct.pack(order + count, len(tags)), b""
    place = start + len(body) + len(tags) * (4 + 2 * size) + size
    for tag in sorted(tags):
        values = struct.pack(f"{order}{len(tags[tag])}{'I' if tag in (273, 279, 330) else 'H'}", *tags[tag])
        if len(values) > size:
            aside, values = aside + values, struct.pack(order + word, place + len(aside))
        kind = 4 if tag in (273, 279, 330) else 3
        body += struct.pack(order + "HH" + word, tag, kind, len(tags[tag])) + values.ljust(size, b"\0")
    return (body + struct.pack(order + word, following) + aside).ljust(room, b"\0")


def profile(
    red: tuple[float, ...], green: tuple[float, ...], blue: tuple[float, ...], gamma: float | None = None
) -> bytes:
    """Return sRGB's own profile with other primaries (XYZ of the profile's white) and, on request, a plain gamma."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    new = {b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue}
    for number in range(struct.unpack(">I", data[128:132])[0]):
        name, at, size = struct.unpack(">4sII", data[132 + 12 * number : 144 + 12 * number])
        if name in new:
            data[at + 8 : at + 20] = struct.pack(">iii", *(round(value * 65536) for value in new[name]))
        elif name in (b"rTRC", b"gTRC", b"bTRC") and gamma:
            data[at : at + size] = struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256)).ljust(size, b"\0")
    return bytes(data)


P3 = profile((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
ADOBE = profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457), 563 / 256)
SWAPPED = profile((0.14307, 0.06061, 0.7141), (0.38515, 0.71687, 0.09708), (0.43607, 0.22249, 0.01392))
"""Red and blue change places."""


def to_profile(image: Image.Image, icc: bytes) -> Image.Image:
    """Code a picture's colours as a profile has them, and forget the profile."""
    target = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    coded = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), target)
    assert coded is not None
    coded.info.clear()
    return coded


def linear(rgb: np.ndarray) -> np.ndarray:
    """Return the light of (H, W, 3) uint8 sRGB, 1 being white."""
    values = rgb / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def pq(light: np.ndarray) -> np.ndarray:
    """Code light, of which 1 has 203 nits, by BT.2100's PQ: values in [0, 1]."""
    y = (light * 203 / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(light: np.ndarray, weights: tuple[float, float, float] = (0.2126, 0.7152, 0.0722)) -> np.ndarray:
    """Code light, of which 1 has 203 of a screen's 1000 nits, by BT.2100's HLG with system gamma 1.2."""
    shown = light * 203 / 1000
    luminance = shown @ np.array(weights)
    scene_light = shown * np.maximum(luminance, 1e-9)[..., None] ** (1 / 1.2 - 1)
    upper = 0.17883277 * np.log(np.maximum(12 * scene_light - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene_light <= 1 / 12, np.sqrt(3 * scene_light), upper)


def coded(values: np.ndarray, largest: int) -> np.ndarray:
    """Return values in [0, 1] as whole codes."""
    return (values.clip(0, 1) * largest + 0.5).astype(np.uint8 if largest == 255 else np.uint16)


def exif(orientation: int) -> bytes:
    """Return a one-tag EXIF block, little endian."""
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIH2x", 1, 0x0112, 3, 1, orientation) + b"\0" * 4
