"""Whether a picture was saved as JPEG before: traces of an earlier table, of an earlier grid, and JPEG ghosts.

Three published methods, each on the pixels as stored: rounding twice on the same grid (`first_save`), the grid of an
earlier JPEG anywhere (`block_grid`), which also finds the JPEG behind a PNG, and JPEG ghosts as a picture (`ghosts`).

Measured on ten scenes of five photos
(`TELLTALE_ALL_SCENES=1 pytest -s tests/pipeline/evidence/test_double_compression_rates.py`): none was taken for saved
twice that was saved once, at quality 60 to 95; the first quality was named right where it was under the second (50 of
50 but one, of five pairs), and in six of ten at 95, then 90; the grid of a crop was seen in ten of ten at 60, then 90
and 75, then 95, in six of ten at 60, then 75, and in all PNGs made of a cropped JPEG.

Where they fail: a second saving at a much lower quality wipes the first away, and one with the same table adds nothing;
a first saving at quality 97 or above hardly rounds; resizing, turning by other than right angles, blurring or printing
in between moves every value. A crop at a multiple of eight pixels keeps the grid and looks like a plain second saving.
"""

import io
import warnings

import numpy as np
from PIL import Image

from pipeline.evidence.exhibits import peak_of, scale_end, show_map
from pipeline.evidence.finding import Evidence, Exhibit, Fact, Finding, Weight
from pipeline.evidence.pixels.block_dct import SIDE
from pipeline.evidence.pixels.block_grid import BlockGrid, find_grid
from pipeline.evidence.pixels.first_save import FirstSave, find_first_save
from pipeline.evidence.pixels.ghosts import show_ghosts
from pipeline.evidence.pixels.rhythm import show_rhythm
from pipeline.evidence.pixels.stored import Stored, stored
from pipeline.photo import Photo
from pipeline.reading.prepare import source_of
from pipeline.reading.refusals import DAMAGE

NAME, TITLE, ORDER = "double_compression", "Earlier savings as JPEG", 45
HOW_TO_READ = (
    "Whoever opens a JPEG, changes it and saves it leaves two roundings in it, and so does whoever only saves it "
    "again: a gallery that turns a photo, a mail program, a download. What was seen tells that the file is not the "
    "first, not what was done to it. Nothing seen does not tell that it is the first: a second saving at a lower "
    "quality, at the same one, or after resizing leaves no trace. The maps show where a trace is missing: a part "
    "that was painted or pasted after the first saving, but flat, dark, overexposed and very sharp parts as well."
)
LEAST_GRID, LEAST_GRID_UNDER_JPEG, LEAST_HALF_ASIDE = 0.1, 0.07, 0.4
"""Gain from which on a grid counts: in pixels that are no JPEG; beside a JPEG's own grid; and half a block from it."""
LEAST_AGREEMENT = 0.7
"""Share of the coefficients that must find the grid by themselves."""
SMALLEST = 64
"""Pixels a side under which nothing is looked for."""
SMALL = f"the picture is smaller than {SMALLEST} pixels a side, which is too little to tell"
NO_LUMINANCE = "it does not store luminance and colour apart, as nearly every JPEG does"
LEAST_SCALE = 0.02
"""Of the map of the trace, in nats: a fainter trace looks faint."""
NONE_SEEN = "No trace of an earlier saving as JPEG was seen."
EARLIER, NO_EARLIER = "Quality of an earlier JPEG", "none seen"
"""A fact's name, and its value where there is nothing to tell."""


def look(evidence: Evidence) -> Finding:
    """Look for traces of earlier savings as JPEG in the pixels of a photo as stored."""
    photo = evidence.photo
    luminance = stored(photo, "L")
    if isinstance(luminance, str):
        return _not_looked(luminance)
    if min(luminance.pixels.shape) < SMALLEST:
        return _not_looked(SMALL)
    if luminance.header is None:
        return _of_pixels(photo, luminance)
    table = luminance.header.luminance
    return _not_looked(NO_LUMINANCE) if table is None else _of_jpeg(luminance, table)


def _not_looked(reason: str) -> Finding:
    return Finding(NAME, TITLE, "nothing", f"Earlier savings were not looked for: {reason}.", HOW_TO_READ)


def _of_jpeg(luminance: Stored, table: np.ndarray) -> Finding:
    """Return what a JPEG shows: the same grid twice, another grid beside its own, or neither."""
    first, grid = find_first_save(luminance.pixels, table), find_grid(luminance.pixels, own=True)
    if first is None:
        return _not_looked("the picture has no detail in which a trace could stand")
    beside = grid if grid and _counts(grid, LEAST_HALF_ASIDE if grid.half_aside else LEAST_GRID_UNDER_JPEG) else None
    sentences = [*_say_first(first), *_say_beside(beside)]
    weight: Weight = "look" if sentences else "ordinary"
    exhibits = [show_ghosts(luminance)]
    if first.table:
        exhibits = [_show_trace(luminance, first), show_rhythm(first, table), *exhibits]
    seen = [first.quality] * bool(first.table) + ([beside.quality] if beside else [])
    facts = (_earlier(seen), *_facts_of_first(first), *_facts_of_grid(grid, beside))
    facts = (*facts, _looked_at(luminance, first.stride))
    return Finding(NAME, TITLE, weight, " ".join(sentences) or NONE_SEEN, HOW_TO_READ, facts, tuple(exhibits))


def _counts(grid: BlockGrid, least: float) -> bool:
    return grid.gain >= least and grid.agreement >= LEAST_AGREEMENT


def _say_first(first: FirstSave) -> list[str]:
    if first.table == "IJG":
        return [
            "The picture was saved as JPEG at least twice, on the same grid of blocks: its values are rounded twice, "
            f"the first time as quality {first.quality} of the common encoder (IJG) does."
        ]
    if first.table == "another":
        return [
            "The picture was saved as JPEG at least twice, on the same grid of blocks: its values are rounded twice, "
            "the first time with a table that is not the common encoder's, as cameras and phones have."
        ]
    return []


def _say_beside(grid: BlockGrid | None) -> list[str]:
    if grid is None:
        return []
    return [
        f"Under the file's own grid of blocks lies that of an earlier JPEG (about quality {grid.quality}), which "
        f"begins {_place(grid)}, as stored: the picture was cropped, moved or pasted after an earlier saving."
    ]


def _place(grid: BlockGrid) -> str:
    return f"{grid.left} px from the left and {grid.top} px from the top edge"


def _earlier(qualities: list[int]) -> Fact:
    return Fact(EARLIER, f"about {min(qualities)}" if qualities else NO_EARLIER)


def _facts_of_first(first: FirstSave) -> tuple[Fact, ...]:
    steps = " ".join(map(str, first.steps))
    best = f"quality {first.quality}, {first.gain:.4f} nats a coefficient over one saving (counts from 0.006 on)"
    rest = f"{first.free_gain:.4f} nats a coefficient (counts from 0.08 on); likeliest first steps {steps}"
    total = Fact("Coefficients that are not zero", f"{int(first.counts.sum()):,}")
    return Fact("Best common table of a first saving", best), Fact("Best table of any kind", rest), total


def _facts_of_grid(grid: BlockGrid | None, beside: BlockGrid | None) -> tuple[Fact, ...]:
    if grid is None:
        return ()
    seen = "seen" if beside else "too faint to count"
    value = (
        f"{_place(grid)}, about quality {grid.quality}, {grid.gain:.3f} nats a coefficient, the likeliest place of "
        f"{grid.agreement:.0%} of the coefficients: {seen}"
    )
    return (Fact("Likeliest grid of an earlier JPEG", value),)


def _looked_at(luminance: Stored, stride: int) -> Fact:
    height, width = luminance.pixels.shape
    part = "all blocks" if stride == 1 else f"every {stride}th block in each direction"
    return Fact(
        "Looked at", f"luminance as stored, {width} × {height} pixels, {part}; the grid in 2 megapixels at most"
    )


def _show_trace(luminance: Stored, first: FirstSave) -> Exhibit:
    trace = luminance.upright(first.trace)
    end = scale_end(trace, LEAST_SCALE)
    caption = (
        "Bright: the values around a block are rounded twice. Black: once, or not in that rhythm. Scale 0 to "
        f"{end:.2f} nats a coefficient, peak {peak_of(trace):.2f}; grey: too little detail to tell. A dark part with "
        "an outline of its own may have been painted or pasted after the first saving; dark parts along edges, in "
        "shadows and in highlights are usual."
    )
    return show_map(trace, end, "Where the first saving still shows", caption)


def _of_pixels(photo: Photo, luminance: Stored) -> Finding:
    """Return what a picture that is no JPEG shows: the grid of a JPEG that it was made from, or none."""
    grid = find_grid(luminance.pixels, own=False)
    if grid is None:
        return _not_looked("the picture has no detail in which a trace could stand")
    clear = grid if _counts(grid, LEAST_GRID) else None
    facts = (_earlier([clear.quality] if clear else []), *_facts_of_grid(grid, clear), _looked_at(luminance, 1))
    if clear is None:
        return Finding(NAME, TITLE, "ordinary", NONE_SEEN, HOW_TO_READ, facts)
    exhibits = (show_ghosts(luminance, grid.left, grid.top),)
    moved = bool(grid.left or grid.top)
    sentence = _say_grid(photo, grid) if moved or not _holds_jpeg(photo) else _SAY_WITHIN
    return Finding(NAME, TITLE, "look" if moved else "ordinary", sentence, HOW_TO_READ, facts, exhibits)


_SAY_WITHIN = "The file stores its pixels as a JPEG within, whose grid of blocks was seen; no other was."


def _say_grid(photo: Photo, grid: BlockGrid) -> str:
    before = f"The pixels of this {photo.format} were a JPEG before, of about quality {grid.quality}: "
    if not (grid.left or grid.top):
        return before + "its grid of blocks begins at the picture's corner."
    cut = f"{-grid.left % SIDE} columns and {-grid.top % SIDE} rows, or 8, 16, … more"
    return f"{before}its grid of blocks begins {_place(grid)}, as if {cut}, had been cut off there."


def _holds_jpeg(photo: Photo) -> bool:
    """Tell whether a TIFF's pixels are stored as JPEG (compression 6 or 7, TIFF 6.0 and its Technical Note 2)."""
    if photo.format != "TIFF":
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(source_of(photo.data, photo.frame).data), formats=("TIFF",)) as image:
                return image.info.get("compression") in ("jpeg", "tiff_jpeg")
    except DAMAGE:
        return False
