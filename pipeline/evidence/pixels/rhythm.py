"""The rhythm of one coefficient as a chart: how often a JPEG has each of its values, and would after one saving."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.evidence.exhibits import show_lines
from pipeline.evidence.finding import Exhibit
from pipeline.evidence.pixels.block_dct import MODES
from pipeline.evidence.pixels.first_save import FirstSave

VALUES = 20
"""Multiples of the step that are shown."""
WIDTH, HEIGHT, EDGE = 640, 260, 24
BARS, DOTS = (90, 90, 90), (213, 94, 0)


def show_rhythm(first: FirstSave, seconds: np.ndarray) -> Exhibit:
    """Return a chart of the coefficient in which the rhythm is plainest.

    Args:
        first: the trace.
        seconds: (8, 8) int, the JPEG's own luminance table.
    """
    mode = _plainest(first)
    (down, across), step = MODES[mode], int(seconds[MODES[mode]])
    counts, once = first.counts[mode, :VALUES], first.once[mode, :VALUES]
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(11)
    top, wide = max(float(counts.max()), float(once.max()), 1.0), (WIDTH - 2 * EDGE) / VALUES
    for place, (count, expected) in enumerate(zip(counts.tolist(), once.tolist(), strict=True)):
        left = EDGE + place * wide
        heights = [(HEIGHT - 2 * EDGE) * (value / top) ** 0.5 for value in (count, expected)]
        draw.rectangle((left + 3, HEIGHT - EDGE - heights[0], left + wide - 3, HEIGHT - EDGE), fill=BARS)
        y = HEIGHT - EDGE - heights[1]
        draw.ellipse((left + wide / 2 - 4, y - 4, left + wide / 2 + 4, y + 4), fill=DOTS, outline="white")
        draw.text((left + wide / 2, HEIGHT - EDGE + 6), str((place + 1) * step), fill="black", font=font, anchor="ma")
    caption = (
        f"How often the coefficient of frequency {across} across and {down} down has each value, a multiple of this "
        f"file's step {step}, whatever its sign. Bars: in this file, the highest {int(counts.max()):,}; dots: as one "
        "saving alone would leave it. Heights grow with the square root. Gaps and peaks that recur, where the dots "
        f"fall evenly, come from an earlier saving, here most likely with step {first.steps[mode]}."
    )
    return show_lines(image, "Rhythm of a coefficient", caption)


def _plainest(first: FirstSave) -> int:
    """Return the place in `MODES` of the coefficient whose counts lie farthest from those after one rounding."""
    totals = np.maximum(first.counts.sum(axis=1), 1)
    apart = np.abs(first.counts - first.once).sum(axis=1) / totals
    return int(np.where(totals >= totals.max() / 10, apart, 0).argmax())
