"""Copies of one photo: the facts of each, how the verdict spreads over them, and how they lie on one another.

Which lies closest to the source is told by `pipeline.casebook.alike.closeness`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import cv2
import numpy as np

from pipeline.evidence.pixels.block_grid import find_grid
from pipeline.evidence.signals.double_compression import LEAST_GRID
from pipeline.examining.alignment import Alignment, align
from pipeline.examining.detail import Spectrum, spectrum_of
from pipeline.examining.laying import corners, transform
from pipeline.face import Box

WORKING = 640
"""Longer side in pixels at which copies are laid on one another."""
LOSSLESS = ("PNG", "BMP", "GIF", "TIFF")
"""Containers that keep pixels as they are, so that an earlier JPEG may stand behind them."""
CAMERA = "camera"
"""What `Copy.metadata` calls the camera's own."""


@dataclass(frozen=True)
class Copy:
    """One copy of a photo.

    Attributes:
        name: of its file; text from outside.
        sha256: of its bytes.
        width, height: upright, in pixels.
        bytes: the file's length.
        format: "JPEG", "PNG", …
        jpeg_quality: the IJG quality (1–100) whose tables are nearest; −1 where it is no JPEG.
        earlier_quality: of a JPEG that it was before, by its traces; −1 where none were seen, None where nobody looked.
        metadata: what it keeps: "camera", "date", "place", "software", …; empty where it was stripped.
        label: of its verdict; "" where it was not judged.
        p_edited: calibrated; None without a face.
        threshold: of the release that judged it; None likewise.
        scale: its pixels a pixel of the group's largest copy, along a side; None where it was not laid on that.
        view: area of the scene that it shows over that of the largest copy; None likewise.
        spectrum: of the part of the scene that all show, see `pipeline.examining.detail`.
    """

    name: str
    sha256: str
    width: int
    height: int
    bytes: int
    format: str
    jpeg_quality: int = -1
    earlier_quality: int | None = None
    metadata: tuple[str, ...] = ()
    label: str = ""
    p_edited: float | None = None
    threshold: float | None = None
    scale: float | None = None
    view: float | None = None
    spectrum: Spectrum = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Make one of a plain dict by these names; what `FileFacts.as_dict()` holds fits, and more is passed over.

        The verdict may stand under "label" or "verdict".
        """
        known: dict[str, Any] = {"name": "", "label": facts.get("verdict") or ""}
        known |= {name: facts[name] for name in cls.__dataclass_fields__ if facts.get(name) is not None}
        known |= {name: tuple(known[name]) for name in ("metadata", "spectrum") if name in known}
        return cls(**known)

    @property
    def size(self) -> str:
        """Width × height, as it is said."""
        return f"{self.width} × {self.height}"

    @property
    def laid(self) -> bool:
        """Whether it was laid on the others."""
        return self.scale is not None


@dataclass(frozen=True)
class Spread:
    """How the verdict spreads over copies of one photo.

    Attributes:
        labels: label → how many copies, the commonest first; copies that were not judged are left out.
        scored: copies with a probability.
        low, high: the range of p_edited; None where no copy has one.
        over: how many of them reach the threshold of their release.
        flips: some reach it and some do not: the copy that is asked decides, not the photo.
    """

    labels: dict[str, int]
    scored: int
    low: float | None
    high: float | None
    over: int
    flips: bool

    @property
    def agree(self) -> bool:
        """Whether all copies that were judged have one label."""
        return len(self.labels) <= 1


def spread(copies: Sequence[Copy]) -> Spread:
    """Return how the verdict spreads over copies of one photo."""
    labels = Counter(copy.label for copy in copies if copy.label)
    scores = [copy.p_edited for copy in copies if copy.p_edited is not None]
    reach = [
        copy.p_edited >= copy.threshold for copy in copies if copy.p_edited is not None and copy.threshold is not None
    ]
    common = dict(sorted(labels.items(), key=lambda item: (-item[1], item[0])))
    low, high = (min(scores), max(scores)) if scores else (None, None)
    return Spread(common, len(scores), low, high, sum(reach), len(set(reach)) > 1)


def lay_together(copies: Sequence[Copy], pictures: Sequence[np.ndarray]) -> list[Copy]:
    """Return copies with how they lie on the largest of them, and with the detail that each holds of what all show.

    Args:
        copies: of one photo.
        pictures: of each, (H, W, 3) uint8 RGB, upright.

    Returns:
        The copies in their order. One that cannot be laid on the largest has no scale; it is not compared.
    """
    if not copies:
        return []
    base = max(range(len(copies)), key=lambda at: (copies[at].width * copies[at].height, copies[at].sha256))
    height, width = pictures[base].shape[:2]
    ways = [_lie(picture, pictures[base], at == base) for at, picture in enumerate(pictures)]
    outlines = [
        None if way is None else transform(corners(*picture.shape[1::-1]), np.linalg.inv(way[0])).astype(np.float32)
        for way, picture in zip(ways, pictures, strict=True)
    ]
    shared = _shared([outline for outline in outlines if outline is not None])
    laid = []
    for copy, picture, way, outline in zip(copies, pictures, ways, outlines, strict=True):
        copy = replace(copy, earlier_quality=_earlier(copy, picture))
        if way is not None and outline is not None:
            view = cv2.contourArea(outline) / (width * height)
            window = _window(shared, way[0], picture)
            copy = replace(copy, scale=way[1], view=view, spectrum=spectrum_of(picture, window))
        laid.append(copy)
    return laid


def _lie(picture: np.ndarray, base: np.ndarray, same: bool) -> tuple[np.ndarray, float] | None:
    """Return the (3, 3) matrix from the largest copy's pixels to a copy's, and how much that enlarges; or None."""
    if same:
        return np.eye(3), 1.0
    alignment = align(picture, base, working=WORKING)
    return (alignment.matrix, alignment.scale) if isinstance(alignment, Alignment) else None


def _shared(outlines: Sequence[np.ndarray]) -> np.ndarray:
    """Return the (N, 2) outline of what all show, in pixels of the largest copy; the first's where they share none."""
    shared = cv2.convexHull(outlines[0])[:, 0]
    for outline in outlines[1:]:
        area, common = cv2.intersectConvexConvex(shared, cv2.convexHull(outline)[:, 0])
        shared = common[:, 0] if area > 0 and common is not None else shared
    return shared


def _window(shared: np.ndarray, matrix: np.ndarray, picture: np.ndarray) -> Box:
    """Return the box around an outline, in a copy's own pixels and within it."""
    points = transform(shared, matrix)
    (x0, y0), (x1, y1) = np.maximum(points.min(axis=0), 0), np.minimum(points.max(axis=0), picture.shape[1::-1])
    return float(x0), float(y0), float(x1), float(y1)


def _earlier(copy: Copy, picture: np.ndarray) -> int | None:
    """Return the quality of the JPEG behind a lossless copy, where nobody looked; −1 where no trace is seen."""
    if copy.earlier_quality is not None or copy.format not in LOSSLESS:
        return copy.earlier_quality
    grid = find_grid(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), own=False)
    return grid.quality if grid is not None and grid.gain >= LEAST_GRID else -1
