"""Error level analysis (Krawetz, 2007): the picture saved once more as JPEG, and how much each part changes by it.

Parts that were saved in the same way as often as the rest change about as much as it does. That is the idea; in
practice sharp and bright parts change more in every photo, and even ones less, and trained people read such maps
wrongly (Warif et al., 2015). The map is shown because it is asked for, with its scale, and is never counted.
"""

import io

import cv2
import numpy as np
from PIL import Image

from pipeline.evidence.exhibits import LONGEST, peak_of, scale_end, show_map
from pipeline.evidence.finding import Evidence, Fact, Finding
from pipeline.evidence.pixels.block_dct import SIDE
from pipeline.evidence.pixels.stored import stored

NAME, TITLE, ORDER = "error_levels", "Error levels", 50
QUALITY = 95
"""IJG quality at which the picture is saved once more, as Krawetz does; colours unshrunk, so that blocks stay 8 × 8."""
STRIP = 1024
"""Rows that are saved at a time, at most about, in whole blocks and whole cells: memory stays small."""
LEAST_SCALE = 2.0
"""Grey levels at which the map's scale ends at the least: a picture that hardly changes looks dark."""
HOW_TO_READ = (
    "Compare like with like: edge with edge, skin with skin, sky with sky. A part that is brighter or darker than "
    "parts of the same kind may have been saved another number of times, so it may come from elsewhere. Edges, "
    "writing, texture and strong colours are bright in every photo, even parts are dark in every photo, and saving "
    "the whole picture a few times, as any chat does, makes all parts alike. It misleads easily: edited photos often "
    "look even, and untouched ones patchy, and no error rate is known for reading it by eye."
)


def look(evidence: Evidence) -> Finding:
    """Save the pixels of a photo as stored once more, and show how much each part changes."""
    photo = evidence.photo
    picture = stored(photo, "RGB")
    if isinstance(picture, str):
        shows = f"Error levels were not worked out: {picture}."
        return Finding(NAME, TITLE, "nothing", shows, HOW_TO_READ)
    errors = picture.upright(error_levels(picture.pixels))
    end, peak = scale_end(errors, LEAST_SCALE), peak_of(errors)
    factor = reduction(picture.pixels)
    cell = "a pixel" if factor == 1 else f"the mean of {factor} × {factor} pixels"
    caption = (
        f"How much the picture changes when it is saved once more at quality {QUALITY}. Black: not at all; yellow: by "
        f"{end:.1f} grey levels or more in its most changed colour, as the bar shows. Each cell is {cell}; peak "
        f"{peak:.1f}. Edges and texture are bright in every photo."
    )
    facts = (
        Fact("Saved once more at", f"quality {QUALITY} (IJG), 4:4:4"),
        Fact("Change, mean", f"{float(errors.mean()):.2f} grey levels"),
        Fact("Change, 99 % of the cells under", f"{float(np.quantile(errors, 0.99)):.2f} grey levels"),
        Fact("Looked at", f"all {picture.pixels.shape[1]} × {picture.pixels.shape[0]} pixels as stored"),
    )
    exhibit = show_map(errors, end, "Error levels", caption)
    return Finding(NAME, TITLE, "ordinary", _say(photo.format, photo.partial), HOW_TO_READ, facts, (exhibit,))


def _say(container: str, partial: bool) -> str:
    kind = "" if container == "JPEG" else f" The file is a {container}: its pixels may never have been a JPEG."
    cut = " Where the file is cut short, the filling is black." if partial else ""
    return f"The map shows how much each part changes when the picture is saved once more.{kind}{cut}"


def reduction(pixels: np.ndarray) -> int:
    """Return how many pixels a side become one cell of the map."""
    return max(1, -(-max(pixels.shape[:2]) // LONGEST))


def error_levels(pixels: np.ndarray) -> np.ndarray:
    """Return by how much each cell changes when the picture is saved once more, (n, m) float32, in grey levels.

    Args:
        pixels: (h, w, 3) uint8 RGB as stored, its blocks beginning at the corner.

    Returns:
        Of each cell of `reduction` pixels a side the mean of the largest change among the three colours.
    """
    factor, strips = reduction(pixels), []
    whole = int(np.lcm(SIDE, factor))
    height = max(1, STRIP // whole) * whole
    for top in range(0, pixels.shape[0], height):
        strip = np.ascontiguousarray(pixels[top : top + height])
        strips.append(_cells(_change(strip), factor))
    return np.concatenate(strips)


def _change(rgb: np.ndarray) -> np.ndarray:
    """Return the largest change of a pixel among its colours, (h, w) uint8."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    with Image.open(buffer, formats=("JPEG",)) as image:
        again = np.asarray(image)
    red, green, blue = cv2.split(cv2.absdiff(rgb, again))
    return cv2.max(cv2.max(red, green), blue)


def _cells(change: np.ndarray, factor: int) -> np.ndarray:
    """Return the mean of squares of `factor` pixels a side, those at the right and lower edge smaller."""
    rows, columns = (np.arange(0, length, factor) for length in change.shape)
    sums = np.add.reduceat(np.add.reduceat(change.astype(np.float32), rows, axis=0), columns, axis=1)
    sizes = [np.minimum(factor, length - starts) for length, starts in zip(change.shape, (rows, columns), strict=True)]
    return np.asarray(sums / np.outer(*sizes), np.float32)
