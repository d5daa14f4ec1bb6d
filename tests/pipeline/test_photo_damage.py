"""`Photo.read` on what is no photo, or no longer one: an expected error with its own words, and nothing else, ever."""

import io
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from pipeline.errors import PhotoTooLarge, TriageError, UnreadablePhoto
from pipeline.photo import Photo

PROJECT = Path(__file__).resolve().parents[2]
NOISE = np.random.default_rng(1).integers(0, 256, (40, 56, 3), dtype=np.uint8)


def saved(form: str, image: Image.Image | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image or Image.fromarray(NOISE)).save(buffer, form, **options)
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few kilobytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(5_000_000))) + chunk(b"IEND", b"")


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "text")
    return buffer.getvalue()


def test_an_empty_file():
    with pytest.raises(UnreadablePhoto, match=r"empty \(0 bytes\)"):
        Photo.read(b"")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\n  <html><script>alert(1)</script></html>", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "an SVG drawing"),
        (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
        (b"<?xml version='1.0'?><gpx/>", "an XML file"),
        (zipped(), "a zip archive"),
        (b"MZ\x90\x00" + bytes(200), "a Windows program"),
        (b"\x7fELF\x02\x01" + bytes(200), "a Linux program"),
        (b"\x00", "not a photo that can be read"),
        (bytes(10_000), "not a photo that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "a PostScript drawing"),
        (b"P6 2 2 255 " + bytes(12), "a Netpbm picture"),
    ],
)
def test_what_is_no_photo(data, said):
    with pytest.raises(UnreadablePhoto, match=said):
        Photo.read(data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_short(form, share):
    data = saved(form)
    with pytest.raises(UnreadablePhoto) as caught:
        Photo.read(data[: int(len(data) * share)])
    if form in ("JPEG", "PNG", "BMP", "GIF") and share > 0.5:
        assert "It is cut short: the end is missing." in str(caught.value)


@pytest.mark.parametrize("length", range(1, 40, 3))
def test_nothing_but_a_beginning(length):
    for form in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"):
        with pytest.raises(UnreadablePhoto):
            Photo.read(saved(form)[:length])


def test_too_many_bytes(setting):
    setting(max_megabytes=1)
    data = saved("BMP", Image.new("RGB", (700, 700)))
    with pytest.raises(PhotoTooLarge, match=r"The file has 1 MB; at most 1 MB are read"):
        Photo.read(data)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF"])
def test_too_many_pixels_are_told_from_the_header(form, setting):
    setting(max_megapixels=1)
    large = saved(form, Image.new("L" if form == "GIF" else "RGB", (1100, 1000)))
    with pytest.raises(PhotoTooLarge, match=r"1100 × 1000 pixels \(1 megapixels\); at most 1 are decoded"):
        Photo.read(large[:2000] if form == "PNG" else large)


def test_a_png_bomb_is_refused_from_its_header():
    with pytest.raises(PhotoTooLarge, match=r"30000 × 30000 pixels \(900 megapixels\)"):
        Photo.read(bomb(30_000, 30_000))


@pytest.mark.parametrize(("width", "height"), [(2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (1, 100_000_001)])
def test_other_bombs(width, height):
    with pytest.raises((PhotoTooLarge, UnreadablePhoto)):
        Photo.read(bomb(width, height))


def test_a_bomb_in_the_text_of_a_png():
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    for number in range(70):
        text.add_text(f"k{number}", "x" * 1_000_000, zip=True)
    assert (Photo.read(saved("PNG", pnginfo=text)).rgb == NOISE).all()


def test_the_memory_of_a_bomb_stays_flat():
    code = (
        "import resource, sys; from pipeline.photo import Photo; from pipeline.errors import PhotoTooLarge\n"
        "data = sys.stdin.buffer.read(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: Photo.read(data)\n"
        "except PhotoTooLarge: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=bomb(30_000, 30_000),
        cwd=PROJECT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    unit = 1024 if sys.platform == "linux" else 1
    assert resource.RUSAGE_SELF == 0 and int(done.stdout) * unit < 50_000_000


def with_metadata() -> dict[str, bytes]:
    """Return small files of every kind, with the metadata that decoders trip over."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image, other = Image.fromarray(NOISE), Image.fromarray(NOISE[::-1].copy())
    both = {"exif": exif, "icc_profile": profile}
    rich = {form: saved(form, **both) for form in ("JPEG", "PNG", "WEBP", "AVIF")}
    return rich | {
        "TIFF": saved("TIFF", **both, compression="tiff_lzw"),
        "HEIF": saved("HEIF", exif=exif.tobytes(), icc_profile=profile),
        "MPO": saved("MPO", save_all=True, append_images=[other]),
        "GIF": saved("GIF", save_all=True, append_images=[other]),
        "BMP": saved("BMP"),
        "CMYK": saved("JPEG", image.convert("CMYK"), icc_profile=profile),
        "16 bit": saved("PNG", Image.fromarray(NOISE[..., 0].astype(np.uint16) * 257)),
        "float": saved("TIFF", Image.fromarray(NOISE[..., 0].astype(np.float32) / 255)),
        "palette": saved("PNG", image.quantize(16), transparency=3),
        "tiled TIFF": saved("TIFF", image.convert("LA")),
    }


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def oddities() -> dict[str, bytes]:
    """Return small files with all that is read beside the pixels: chunks, segments, directories, boxes."""
    png, jpeg, other = saved("PNG"), saved("JPEG"), Image.fromarray(NOISE[::-1].copy())
    told = {b"gAMA": struct.pack(">I", 100_000), b"cHRM": struct.pack(">8I", *[31270, 32900, 68000, 32000] * 2),
            b"zTXt": b"k\0\0" + zlib.compress(b"text" * 50), b"iTXt": b"k\0\1\0\0\0" + zlib.compress(b"text" * 50),
            b"iCCP": b"p\0\0" + zlib.compress(b"profile" * 30)}  # fmt: skip
    hidden = saved("PNG", save_all=True, append_images=[other, other], default_image=True)
    sequence = pillow_heif.from_pillow(other)
    sequence.add_from_pillow(Image.fromarray(NOISE))
    heif = io.BytesIO()
    sequence.save(heif, primary_index=1, color_primaries=9, transfer_characteristics=16, save_nclx_profile=True)
    frame = jpeg.find(b"\xff\xc0")
    late = jpeg[: frame + 5] + b"\0\0" + jpeg[frame + 7 : -2] + b"\xff\xdc\0\4\0\x28\xff\xd9"
    return {
        "PNG of many chunks": png[:33] + b"".join(chunk(*each) for each in told.items()) + png[33:] + b"behind",
        "PNG of cICP": png[:33] + chunk(b"cICP", bytes((9, 16, 0, 1))) + png[33:],
        "PNG of a hidden picture": hidden,
        "TIFF of pages": saved("TIFF", save_all=True, append_images=[other, other], compression="tiff_lzw"),
        "TIFF of floats": float_tiff(),
        "HEIF of PQ": heif.getvalue(),
        "JPEG of a late height": late,
        "JPEG behind a header": b"HTTP/1.1 200 OK\r\n\r\n" + jpeg + jpeg + b"\0\0\0\x18ftypmp42",
        "progressive JPEG": saved("JPEG", progressive=True),
        "animated AVIF": saved("AVIF", save_all=True, append_images=[other]),
        "animated WebP": saved("WEBP", save_all=True, append_images=[other]) + b"behind",
    }


def float_tiff() -> bytes:
    """Return a TIFF of RGB floats with a second directory below the first."""
    pixels = (NOISE / 255).astype("<f4").tobytes()
    tags = {254: 0, 256: 56, 257: 40, 258: 32, 259: 1, 262: 2, 273: 300, 274: 6, 277: 3, 278: 40, 279: len(pixels),
            284: 1, 330: 220, 339: 3}  # fmt: skip
    body = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items()
    )
    below = struct.pack("<H", 1) + struct.pack("<HHII", 254, 4, 1, 1) + bytes(4)
    head = (b"II*\0\x08\0\0\0" + body + bytes(4)).ljust(220, b"\0")
    return (head + below).ljust(300, b"\0") + pixels


FILES = with_metadata() | oddities()
mutation = st.tuples(st.sampled_from(["flip", "cut", "drop", "repeat", "zero"]), st.floats(0, 1), st.integers(1, 255))


def mutated(data: bytes, changes: list[tuple[str, float, int]]) -> bytes:
    for kind, where, value in changes:
        at = int(where * max(0, len(data) - 1))
        if kind == "flip":
            data = data[:at] + bytes(byte ^ value for byte in data[at : at + 1]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at]
        elif kind == "drop":
            data = data[:at] + data[at + value :]
        elif kind == "repeat":
            data = data[: at + value] + data[at:]
        else:
            data = data[:at] + bytes(len(data[at : at + value])) + data[at + value :]
    return data


def read_or_refuse(data: bytes, partial: bool = False, frame: int = 0) -> None:
    try:
        photo = Photo.read(data, partial=partial, frame=frame)
    except TriageError as problem:
        assert str(problem).isprintable() and len(str(problem)) < 400
        return
    assert photo.rgb.ndim == 3 and photo.rgb.shape[2] == 3 and photo.rgb.dtype == np.uint8 and photo.data == data
    assert 0 <= photo.frame == frame < photo.frames and (partial or not photo.partial)
    assert all(note.isprintable() and note for note in photo.notes)
    assert not photo.partial or photo.notes[0].startswith("cut short: ")


@pytest.mark.parametrize("kind", FILES)
def test_before_they_are_mutated_they_are_read(kind):
    photo = Photo.read(FILES[kind])
    assert sorted(photo.rgb.shape) == [3, 40, 56] and not photo.partial


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@pytest.mark.parametrize("kind", FILES)
@quick
@given(changes=st.lists(mutation, max_size=4), partial=st.booleans(), frame=st.integers(0, 2))
def test_mutated_files_are_read_or_refused(kind, changes, partial, frame):
    read_or_refuse(mutated(FILES[kind], changes), partial, frame)


@pytest.mark.parametrize("kind", FILES)
@quick
@given(where=st.integers(0, 400), value=st.integers(1, 255))
def test_mutated_headers_are_read_or_refused(kind, where, value):
    data = bytearray(FILES[kind])
    data[where % len(data)] ^= value
    read_or_refuse(bytes(data))


HEADS = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00", b"BM", b"RIFF\x10\x00\x00\x00WEBP",
         b"\x00\x00\x00\x18ftypheic", b"\x00\x00\x00\x18ftypavif"]  # fmt: skip


@quick
@given(data=st.binary(max_size=200), head=st.sampled_from(HEADS))
def test_anything_at_all_is_read_or_refused(data, head):
    read_or_refuse(head + data)
