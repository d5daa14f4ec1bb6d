"""How much noise each part of a picture has: a part from elsewhere may have another amount (Mahdian & Saic, 2009).

A mask that passes over even and evenly rising levels leaves the noise of each pixel (Immerkær, 1996). Of each block the
lower half of its magnitudes gives the standard deviation, so that edges, which are few and large, do not count (a
trimmed mean, as the median of Donoho & Johnstone, 1994, but finer on whole grey levels).
"""

import cv2
import numpy as np

from pipeline.evidence.exhibits import peak_of, show_map
from pipeline.evidence.finding import Evidence, Fact, Finding
from pipeline.evidence.pixels.stored import header_of
from pipeline.face import Box
from pipeline.photo import Photo

NAME, TITLE, ORDER = "noise", "Noise", 55
MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
GAIN = 6.0
"""Of the mask: by how much it raises the standard deviation of white noise."""
LOWER_HALF = 0.3246
"""Mean magnitude of the lower half of a standard normal variable's magnitudes."""
BLOCK = 16
"""Pixels along a block."""
STRIP = 64
"""Rows of blocks that are sorted at a time."""
DARKEST, LIGHTEST, MOST_CLIPPED = 2, 253, 0.25
"""Levels beyond which noise is cut off, and the share of such pixels from which on a block is unknown."""
TIMES, LEAST_SCALE = 4, 1.0
"""Times the median at which the map's scale ends, so that texture does not darken the rest; grey levels at least."""
WIPED = 0.3
"""Median in grey levels under which hardly any noise is left to compare."""
AROUND = 0.6
"""How far the surroundings of a face reach, in sides of its box."""
MOST_FACES, FEWEST_BLOCKS = 8, 6
HOW_TO_READ = (
    "A camera's noise is alike over the picture where the light and the surface are alike: compare skin with skin "
    "and wall with wall. A part with clearly more or less noise than its like, and an outline of its own, may have "
    "been smoothed, sharpened, blurred or brought from another picture. Hair, cloth and leaves count as noise; "
    "make-up, soft light, a background out of focus, a phone's own smoothing of skin and strong compression leave "
    "little."
)


def look(evidence: Evidence) -> Finding:
    """Measure the noise of each block of a photo, and of faces against what is around them."""
    photo = evidence.photo
    if min(photo.width, photo.height) < 2 * BLOCK:
        shows = "Noise was not measured: the picture is too small."
        return Finding(NAME, TITLE, "nothing", shows, HOW_TO_READ)
    levels = noise_levels(photo.rgb)
    known = levels[np.isfinite(levels)]
    if not known.size:
        shows = "Noise was not measured: the picture is all but black, white, or both."
        return Finding(NAME, TITLE, "nothing", shows, HOW_TO_READ)
    low, middle, high = (float(value) for value in np.quantile(known, (0.1, 0.5, 0.9)))
    end, peak = max(LEAST_SCALE, TIMES * middle), peak_of(levels)
    caption = (
        f"Standard deviation of the noise in blocks of {BLOCK} × {BLOCK} pixels. Black: none; yellow: {end:.1f} grey "
        f"levels or more, as the bar shows; peak {peak:.1f}; grey: cut off, too dark or too light to tell. Edges and "
        "texture are bright in every photo."
    )
    facts = (
        Fact("Noise of a block, median", f"{middle:.2f} grey levels"),
        Fact("A tenth of the blocks under, a tenth over", f"{low:.2f} and {high:.2f} grey levels"),
        *_facts_of_faces(levels, evidence.faces),
        Fact("Looked at", _looked_at(photo)),
    )
    exhibit = show_map(levels, end, "Noise, block by block", caption)
    return Finding(NAME, TITLE, "ordinary", _say(middle), HOW_TO_READ, facts, (exhibit,))


def _say(middle: float) -> str:
    if middle < WIPED:
        return (
            "Hardly any noise is left, as after strong compression, smoothing or drawing: there is little to compare. "
            "The map shows what there is."
        )
    return f"The map shows how noise differs from part to part; half of the blocks have under {middle:.1f} grey levels."


def noise_levels(rgb: np.ndarray) -> np.ndarray:
    """Return the standard deviation of the noise in each block, (n, m) float32 in grey levels, NaN where it is cut off.

    Args:
        rgb: (h, w, 3) uint8, at least `BLOCK` pixels a side; what is over at the right and lower edge is left out.
    """
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    residuals = cv2.filter2D(grey, cv2.CV_16S, MASK)
    rows = grey.shape[0] // BLOCK
    strips = [slice(top * BLOCK, min(top + STRIP, rows) * BLOCK) for top in range(0, rows, STRIP)]
    return np.concatenate([_of_strip(residuals[strip], grey[strip]) for strip in strips])


def _of_strip(residuals: np.ndarray, grey: np.ndarray) -> np.ndarray:
    half = BLOCK * BLOCK // 2
    lower = np.partition(np.abs(_blocks(residuals)), half, axis=2)[:, :, :half]
    levels = lower.mean(axis=2, dtype=np.float32) / np.float32(LOWER_HALF * GAIN)
    clipped = ((grey < DARKEST) | (grey > LIGHTEST)).astype(np.float32)
    return np.where(_blocks(clipped).mean(axis=2) < MOST_CLIPPED, levels, np.nan).astype(np.float32)


def _blocks(values: np.ndarray) -> np.ndarray:
    """Return the values of each block in a row, (n, m, `BLOCK`²)."""
    rows, columns = values.shape[0] // BLOCK, values.shape[1] // BLOCK
    whole = values[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return whole.transpose(0, 2, 1, 3).reshape(rows, columns, BLOCK * BLOCK)


def _facts_of_faces(levels: np.ndarray, faces: tuple[Box, ...]) -> list[Fact]:
    """Return for each face its median noise, that of its surroundings, and the first over the second."""
    facts = []
    for number, box in enumerate(faces[:MOST_FACES], 1):
        inside, outside = face_and_around(levels, box)
        value = "too few blocks to tell"
        if inside is not None and outside:
            value = f"{inside:.2f} against {outside:.2f} grey levels around it: {inside / outside:.2f} times"
        facts.append(Fact(f"Noise of face {number}", value))
    return facts


def face_and_around(levels: np.ndarray, box: Box) -> tuple[float | None, float | None]:
    """Return the median noise within a face's box and in a frame around it; None where too few blocks are known.

    Args:
        levels: from `noise_levels`.
        box: x0, y0, x1, y1 in photo pixels.
    """
    rows, columns = (np.arange(length) * BLOCK + BLOCK / 2 for length in levels.shape)
    x0, y0, x1, y1 = box
    reach = AROUND * max(x1 - x0, y1 - y0)
    within = ((rows >= y0) & (rows < y1))[:, None] & ((columns >= x0) & (columns < x1))
    near_rows, near_columns = (
        (rows >= y0 - reach) & (rows < y1 + reach),
        (columns >= x0 - reach) & (columns < x1 + reach),
    )
    return _median(levels[within]), _median(levels[near_rows[:, None] & near_columns & ~within])


def _median(levels: np.ndarray) -> float | None:
    known = levels[np.isfinite(levels)]
    return float(np.median(known)) if known.size >= FEWEST_BLOCKS else None


def _looked_at(photo: Photo) -> str:
    size, header = f"all {photo.width} × {photo.height} pixels", header_of(photo)
    smaller = header is not None and header.width * header.height != photo.width * photo.height
    return f"{size}; they were decoded smaller than they are stored, which lowers noise" if smaller else size
