"""How a JPEG is coded: its quantisation tables and what encoder writes such, subsampling, passes, Huffman tables.

Tables tell encoders apart (Farid, 2006; Kornblum, 2008), and with the order of markers more finely still (Kee, Johnson
& Farid, 2011; Mullan, Riess & Freiling, 2019). They tell who wrote the file last, not who took the picture.
"""

import struct
from collections import Counter
from itertools import groupby

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.evidence.exhibits import show_lines
from pipeline.evidence.finding import Evidence, Exhibit, Fact, Finding, Weight
from pipeline.evidence.jpeg.header import ARITHMETIC, LOSSLESS, JpegHeader
from pipeline.evidence.jpeg.huffman_codes import are_standard
from pipeline.evidence.jpeg.table_families import family_of, rows
from pipeline.evidence.pixels.stored import header_of
from pipeline.reading.jpeg_quality import nearest_quality

NAME, TITLE, ORDER = "jpeg_tables", "JPEG coding", 40
HOW_TO_READ = (
    "The tables say how coarsely the file was compressed when it was last saved, and by what kind of encoder. "
    "Cameras and many phones have tables of their own; the common encoder's stand in most files that a program, a "
    "web site or a chat wrote, and in those of some phones; Photoshop has its own. Tables that do not suit the "
    "camera that the metadata name mean that something else wrote the file after it. A table alone tells nothing of "
    "the content."
)
NO_JPEG = "The file is no JPEG ({}), so it has no quantisation tables to compare."
NO_FRAME = "The file's JPEG headers could not be read, so nothing is known of its tables."
MOST_MARKERS = 60
"""Runs of equal markers that are listed."""
RESOURCE, QUALITY_RESOURCE, MOST_RESOURCES = b"8BIM", 0x0406, 200
"""Photoshop's resources within its segment, and the one that holds its quality (ExifTool, "Photoshop Tags")."""
CELL, MARGIN = (46, 26), 24


def look(evidence: Evidence) -> Finding:
    """Tell how a JPEG is coded, and what kinds of encoder write such tables."""
    photo = evidence.photo
    if photo.format != "JPEG":
        return Finding(NAME, TITLE, "nothing", NO_JPEG.format(photo.format), HOW_TO_READ)
    header = header_of(photo)
    if header is None:
        return Finding(NAME, TITLE, "nothing", NO_FRAME, HOW_TO_READ)
    photoshop = photoshop_quality(header)
    if header.luminance is None:
        shows, edited = "The file's planes are not luminance and colour, so its tables are not compared.", False
    else:
        family = family_of(header.luminance, header.chrominance)
        shows, edited = f"The tables are {family.name}.", family.edited
    if photoshop:
        shows += f" Photoshop notes in the file that it saved it: {photoshop}."
    weight: Weight = "look" if edited or photoshop else "ordinary"
    exhibits = (_show_tables(header),) if header.tables else ()
    return Finding(NAME, TITLE, weight, shows, HOW_TO_READ, _facts(header), exhibits)


def _facts(header: JpegHeader) -> tuple[Fact, ...]:
    facts = [Fact("Size as stored", f"{header.width} × {header.height} pixels"), Fact("Coding", _coding(header))]
    if header.luminance is not None:
        quality = nearest_quality(header.luminance.ravel().tolist())
        facts.append(Fact("Estimated quality", f"{quality} of 100 on the common encoder's scale (IJG), by luminance"))
    facts.append(Fact("Chroma subsampling", header.subsampling or "none: grey"))
    facts += [Fact(f"Quantisation table {number}", " | ".join(rows(table))) for number, table in header.tables.items()]
    facts.append(Fact("Huffman tables", _huffman(header)))
    restart = f"every {header.restart} units" if header.restart else "none"
    return (*facts, Fact("Restart markers", restart), Fact("Order of markers", _order(header)))


def _coding(header: JpegHeader) -> str:
    kind = "progressive" if header.progressive else "lossless" if header.marker in LOSSLESS else "sequential"
    baseline = " (baseline)" if header.marker == 0xC0 else ""
    code = "arithmetic" if header.marker in ARITHMETIC else "Huffman"
    passes = "1 scan" if header.scans == 1 else f"{header.scans} scans"
    planes = "1 plane" if len(header.components) == 1 else f"{len(header.components)} planes"
    return f"{kind}{baseline}, {code} codes, {header.precision} bits, {planes}, {passes}"


def _huffman(header: JpegHeader) -> str:
    if header.marker in ARITHMETIC:
        return "none: arithmetic codes"
    if not header.huffman:
        return "none in the file: a decoder takes the standard's"
    return (
        "the standard's own"
        if are_standard(header.huffman)
        else "made for this picture (optimised), or an encoder's own"
    )


def _order(header: JpegHeader) -> str:
    """Return the markers in order, runs of equal ones counted."""
    runs = [(name, len(list(run))) for name, run in groupby(header.markers)]
    listed = [name if count == 1 else f"{name} × {count}" for name, count in runs[:MOST_MARKERS]]
    more = Counter(name for name, _ in runs[MOST_MARKERS:]).total()
    return ", ".join(listed) + (f", … {more} more" if more else "")


def photoshop_quality(header: JpegHeader) -> str:
    """Return the quality that Photoshop notes in a file it saves, as it calls it; "" where there is no such note."""
    ducky = header.parts.get("Ducky", b"")[5:]
    if len(ducky) >= 8 and ducky[:4] == b"\0\1\0\4":
        return f"Save for Web, quality {int.from_bytes(ducky[4:8], 'big')}"
    body, at = header.parts.get("Photoshop, IPTC", b""), len(b"Photoshop 3.0\0")
    for _ in range(MOST_RESOURCES):
        if body[at : at + 4] != RESOURCE or at + 12 > len(body):
            return ""
        number, name = struct.unpack(">HB", body[at + 4 : at + 7])
        at += 6 + (1 + name + 1) // 2 * 2
        size = int.from_bytes(body[at : at + 4], "big")
        if number == QUALITY_RESOURCE and size >= 2 and at + 6 <= len(body):
            return f"Save As, quality {int.from_bytes(body[at + 4 : at + 6], 'big', signed=True) + 4}"
        at += 4 + size + size % 2
    return ""


def _show_tables(header: JpegHeader) -> Exhibit:
    """Draw the tables side by side, two in a row, darker the coarser."""
    tables = list(header.tables.items())[:4]
    wide, high = 8 * CELL[0] + MARGIN, 8 * CELL[1] + MARGIN
    columns = min(2, len(tables))
    image = Image.new("RGB", (columns * wide, -(-len(tables) // columns) * high), "white")
    for place, (number, table) in enumerate(tables):
        _draw_table(ImageDraw.Draw(image), number, table, place % columns * wide, place // columns * high)
    caption = (
        "The steps to whose multiples each coefficient of a block of 8 × 8 pixels is rounded: low frequencies at the "
        "upper left, grey the darker the coarser. Table 0 is usually the luminance's, table 1 the colours'."
    )
    return show_lines(image, "Quantisation tables", caption)


def _draw_table(draw: ImageDraw.ImageDraw, number: int, table: np.ndarray, left: int, top: int) -> None:
    font = ImageFont.load_default(13)
    draw.text((left + MARGIN // 2, top + 4), f"Table {number}", fill="black", font=font)
    for row in range(8):
        for column in range(8):
            step = int(table[row, column])
            x, y = left + MARGIN // 2 + column * CELL[0], top + MARGIN + row * CELL[1]
            shade = 255 - min(step, 128)
            draw.rectangle((x, y, x + CELL[0] - 2, y + CELL[1] - 2), fill=(shade, shade, shade))
            draw.text((x + CELL[0] / 2, y + CELL[1] / 2), str(step), fill="black", font=font, anchor="mm")
