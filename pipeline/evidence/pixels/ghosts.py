"""JPEG ghosts (Farid, 2009): how much each part of a picture changes when it is saved again at one quality or another.

What was saved before at a quality changes least when it is saved at that quality again. Saving again is worked out on
the coefficients of the luminance (a change of pixels and of coefficients is the same, Parseval), so no file is written.
"""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.evidence.exhibits import LONGEST, colour_map, show_lines
from pipeline.evidence.finding import Exhibit
from pipeline.evidence.pixels.block_dct import LOW, low_coefficients, stride_for
from pipeline.evidence.pixels.stored import Stored
from pipeline.reading.jpeg_quality import scaled_tables

QUALITIES = (40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95)
COLUMNS = 4
MOST_BLOCKS = 50_000
"""Blocks that are looked at: more than a panel shows."""
WINDOW = 3
"""Blocks along the square over which a change is averaged."""
GAP, LABEL = 6, 18
"""Pixels between panels, and of the line above each."""
TITLE = "JPEG ghosts"


def ghosts(pixels: np.ndarray) -> np.ndarray:
    """Return the change of each part at each of `QUALITIES`, (12, n, m) float32: 0 its least, 1 its greatest.

    Args:
        pixels: (h, w) uint8, luminance, from a block's corner on; at least 8 pixels a side.
    """
    levels = low_coefficients(pixels, stride_for(pixels, MOST_BLOCKS))
    changes = np.stack([_change(levels, quality) for quality in QUALITIES])
    least, most = changes.min(axis=0), changes.max(axis=0)
    return (changes - least) / np.maximum(most - least, 1e-6)


def _change(levels: np.ndarray, quality: int) -> np.ndarray:
    """Return the mean squared change around each block, (n, m) float32."""
    steps = scaled_tables()[quality - 1].reshape(8, 8)[:LOW, :LOW].astype(np.float32)
    changes = np.square(levels - np.rint(levels / steps) * steps).mean(axis=(2, 3))
    return cv2.blur(changes, (WINDOW, WINDOW))


def show_ghosts(stored: Stored, left: int = 0, top: int = 0) -> Exhibit:
    """Return the ghosts of a picture's luminance, a panel a quality.

    Args:
        stored: luminance.
        left, top: where the grid of blocks begins.
    """
    panels = [stored.upright(np.sqrt(panel)) for panel in ghosts(stored.pixels[top:, left:])]
    height, width = panels[0].shape
    scale = min((LONGEST - (COLUMNS - 1) * GAP) // COLUMNS / width, (LONGEST / 3 - LABEL - GAP) / height)
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    rows = -(-len(panels) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (size[0] + GAP) - GAP, rows * (size[1] + LABEL + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, (quality, panel) in enumerate(zip(QUALITIES, panels, strict=True)):
        x, y = place % COLUMNS * (size[0] + GAP), place // COLUMNS * (size[1] + LABEL + GAP)
        draw.text((x, y + 2), f"{quality}", fill="black", font=font)
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
        sheet.paste(Image.fromarray(colour_map(cv2.resize(panel, size, interpolation=way), 1.0)), (x, y + LABEL))
    return show_lines(sheet, TITLE, CAPTION)


CAPTION = (
    "Each panel is the picture as if saved again at the IJG quality above it: black where a part changes least of "
    "all twelve, yellow where it changes most (0 to 1, each part against itself; shades grow with the square root). "
    "In the panel of the quality at which the whole picture was last saved, and in its neighbours, everything is "
    "dark. A part that goes dark in another panel, with an outline of its own, may come from a picture saved at "
    "that quality. Flat and overexposed parts, and edges, differ from the rest in every photo."
)
