"""How alike two pictures of different sizes are, however turned, cropped or changed in tone; and where they differ."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

Relation = Literal["same", "part", "whole", "other", "flat"]
"""The same; the photo is a part of the small one; the small one is a part of the photo; other; no structure to tell."""
COARSE, FINE = 96, 320
"""Longer sides in pixels at which pictures are matched, and then compared."""
SAME, PART = 0.9, 0.92
"""Correlation from which on two pictures count as the same, or one as a part of the other."""
FLAT = 3.0
"""Standard deviation in grey levels below which nothing can be told."""
BAR_SPREAD, LARGEST_BAR, LEAST_BAR = 9.0, 0.35, 0.02
LOCAL = 9
"""Side in pixels of the squares over which differences are averaged."""
TONES = 24
FINALISTS = 4
COLOURLESS = 4.0
"""Grey levels between a picture's channels under which it is taken for grey, and compared without its colours."""
SCALES = np.geomspace(0.97, 0.3, 24)
LEAST_PART = 20
TURNS = ("not turned", "turned by 90°", "turned by 180°", "turned by 270°")


@dataclass(frozen=True, eq=False)
class Likeness:
    """How two pictures compare.

    Attributes:
        relation: what they are to each other.
        correlation: of their grey levels, in [-1, 1].
        turn: what had to be done to the small one, in words.
        trimmed: bars were cut off the small one.
        small, photo: (h, w, 3) uint8, both as they were compared; of another size where one is a part of the other.
        difference: (h, w) float32 of `small`: grey levels apart, averaged over `LOCAL` pixels, changes of tone aside.
        window: x0, y0, x1, y1 of the part within the other, in its pixels as given here; None of no part.
    """

    relation: Relation
    correlation: float
    turn: str
    trimmed: bool
    small: np.ndarray
    photo: np.ndarray
    difference: np.ndarray
    window: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, eq=False)
class _Pose:
    """One way to lay the small picture over the photo."""

    small: np.ndarray
    photo: np.ndarray
    turn: str
    trimmed: bool
    correlation: float


def compare(small: np.ndarray, photo: np.ndarray) -> Likeness:
    """Compare a small picture with a photo, in the pose in which they are most alike.

    Args:
        small: (h, w, 3) uint8.
        photo: (H, W, 3) uint8.
    """
    small, photo = shrunk(small, FINE), shrunk(photo, 2 * FINE)
    pose, ours, theirs = _best_pose(small, photo)
    if min(_grey(pose.small).std(), _grey(pose.photo).std()) < FLAT:
        return _likeness("flat", pose, pose.small, pose.photo, None)
    if pose.correlation < SAME:
        upright = _Pose(small, photo, TURNS[0], False, 0.0)
        parts = (_part_of(one, way) for one in (upright, pose) for way in ("part", "whole"))
        part = next(filter(None, parts), None)
        if part:
            return part
    return _likeness("same" if pose.correlation >= SAME else "other", pose, ours, theirs, None)


def _best_pose(small: np.ndarray, photo: np.ndarray) -> tuple[_Pose, np.ndarray, np.ndarray]:
    """Return the pose in which two pictures are most alike, and both as they are compared in it.

    At a coarse size a few poses are hard to tell apart; the best of them are compared at the fine one.
    """
    coarse = sorted(_poses(small, photo), key=lambda one: -one.correlation)[:FINALISTS]
    finalists = [(pose, *_aligned(pose.small, pose.photo)) for pose in coarse]
    fine = [replace(pose, correlation=correlation(_grey(ours), _grey(theirs))) for pose, ours, theirs in finalists]
    best = max(range(len(fine)), key=lambda number: fine[number].correlation)
    return fine[best], finalists[best][1], finalists[best][2]


def shrunk(rgb: np.ndarray, longest: int) -> np.ndarray:
    """Return a picture, (H, W, 3) uint8, whose longer side is at most `longest` pixels."""
    return rgb if max(rgb.shape[:2]) <= longest else _resized(rgb, _within(rgb.shape[1], rgb.shape[0], longest))


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation in [-1, 1] of two arrays of one shape; 0 where one is flat."""
    first, second = one - one.mean(), other - other.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size > 1e-6 else 0.0


def _likeness(
    relation: Relation, pose: _Pose, small: np.ndarray, photo: np.ndarray, window: tuple[int, int, int, int] | None
) -> Likeness:
    alike = small.shape == photo.shape
    return Likeness(
        relation,
        correlation(_grey(small), _grey(photo)) if alike else pose.correlation,
        pose.turn,
        pose.trimmed,
        small,
        photo,
        _difference(small, photo) if alike else np.zeros(small.shape[:2], np.float32),
        window,
    )


def _poses(small: np.ndarray, photo: np.ndarray) -> Iterator[_Pose]:
    """Yield every way to lay the small picture over the photo, with how alike they are at a coarse size."""
    coarse = shrunk(photo, 2 * COARSE)
    for piece, trimmed in [(small, False), *((bare, True) for bare in _without_bars(small))]:
        little = _grey(shrunk(piece, COARSE))
        windows: dict[tuple[int, ...], list[np.ndarray]] = {}
        for number in range(8):
            turned = _turned(little, number)
            if turned.shape not in windows:
                size = (turned.shape[1], turned.shape[0])
                every = _windows(coarse, size[0] / size[1])
                windows[turned.shape] = [_grey(_resized(window, size)) for window in every]
            for place, window in enumerate(windows[turned.shape]):
                whole = _turned(piece, number)
                laid = list(_windows(photo, whole.shape[1] / whole.shape[0]))[place:] or [photo]
                name = ("mirrored, " if number >= 4 else "") + TURNS[number % 4]
                yield _Pose(whole, laid[0], name, trimmed, correlation(turned, window))


def _turned(picture: np.ndarray, number: int) -> np.ndarray:
    """Return a picture in one of the eight ways in which it can lie: turned by quarters, from 4 on mirrored first."""
    return np.rot90(picture[:, ::-1] if number >= 4 else picture, -(number % 4))


def _without_bars(rgb: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a picture without bars of one colour on two opposite sides, as cameras put them around thumbnails.

    A bar's edge is blurred, so that it is cut in three places.
    """
    for axis in (0, 1):
        varied = np.flatnonzero(rgb.std(axis=1 - axis).max(axis=-1) > BAR_SPREAD)
        length = rgb.shape[axis]
        if not len(varied):
            continue
        first, last = int(varied[0]), length - 1 - int(varied[-1])
        if min(first, last) >= LEAST_BAR * length and max(first, last) <= LARGEST_BAR * length:
            for more in (0, 1, 2):
                begin, end = first + more, length - last - more
                yield rgb[begin:end] if axis == 0 else rgb[:, begin:end]


def _windows(photo: np.ndarray, aspect: float) -> Iterator[np.ndarray]:
    """Yield a photo whole, and its middle in an aspect where that differs."""
    yield photo
    height, width = photo.shape[:2]
    across, down = min(width, round(height * aspect)), min(height, round(width / aspect))
    if min(across, down) >= 1 and (width - across > 0.01 * width or height - down > 0.01 * height):
        left, top = (width - across) // 2, (height - down) // 2
        yield photo[top : top + down, left : left + across]


def _aligned(small: np.ndarray, photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two pictures at one size, shifted by a few pixels to where they fit best, without what juts out."""
    size = _within(small.shape[1], small.shape[0], FINE)
    ours, theirs = _resized(small, size), _resized(photo, size)
    margin = min(4, min(size) // 16)
    if not margin:
        return ours, theirs
    inner = np.ascontiguousarray(ours[margin:-margin, margin:-margin])
    y, x = _best_place(_grey(inner), _grey(theirs))[1]
    return inner, theirs[y : y + inner.shape[0], x : x + inner.shape[1]]


def _part_of(pose: _Pose, relation: Literal["part", "whole"]) -> Likeness | None:
    """Return how one of two pictures lies within the other, which was cropped; None where it does not."""
    pair = (pose.small, pose.photo) if relation == "part" else (pose.photo, pose.small)
    whole, part = shrunk(pair[0], FINE // 2), shrunk(pair[1], FINE)
    grey_whole, grey_part = _grey(whole), _grey(part)
    height, width = whole.shape[:2]
    best, box = PART, None
    for scale in SCALES:
        ratio = min(width / part.shape[1], height / part.shape[0]) * scale
        size = (round(part.shape[1] * ratio), round(part.shape[0] * ratio))
        if min(size) < LEAST_PART:
            break
        likeness, (y, x) = _best_place(_resized(grey_part, size), grey_whole)
        if likeness > best:
            best, box = likeness, (x, y, x + size[0], y + size[1])
    if box is None:
        return None
    small, photo = (whole, pair[1]) if relation == "part" else (pair[1], whole)
    return _likeness(relation, replace(pose, correlation=best), small, photo, box)


def _best_place(part: np.ndarray, whole: np.ndarray) -> tuple[float, tuple[int, int]]:
    """Return how well a part fits a whole at best, and the row and column there."""
    if part.std() < FLAT:
        return 0.0, (0, 0)
    fit = cv2.matchTemplate(whole, part, cv2.TM_CCOEFF_NORMED)
    fit[~np.isfinite(fit) | (np.abs(fit) > 1.01)] = 0  # a flat place under the part
    y, x = np.unravel_index(int(fit.argmax()), fit.shape)
    return float(fit[y, x]), (int(y), int(x))


def _difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return local differences in grey levels between two pictures of one size, (h, w) float32, changes of tone aside.

    Each tone of the first is replaced by the mean of what the second has there, colour by colour: a curve of
    brightness, contrast or white balance over the whole picture is thereby undone, and what remains is local.
    """
    if min(_colour(one), _colour(other)) < COLOURLESS:
        one, other = (np.repeat(_grey(picture)[..., None], 3, axis=2) for picture in (one, other))
    first, second = _soft(one), _soft(other)
    apart = [np.abs(_retoned(first[..., n], second[..., n]) - second[..., n]) for n in range(3)]
    return cv2.blur(np.mean(apart, axis=0).astype(np.float32), (LOCAL, LOCAL))


def _colour(rgb: np.ndarray) -> float:
    """Return how far a picture is from grey on average, in grey levels."""
    return float(np.ptp(rgb.astype(np.int16), axis=2).mean())


def _retoned(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return one channel with each of its tones as another channel has it on average."""
    tone = np.clip(one / 256 * TONES, 0, TONES - 1).astype(int).ravel()
    count = np.bincount(tone, minlength=TONES)
    usual = [np.bincount(tone, channel.ravel(), TONES) / np.maximum(count, 1) for channel in (one, other)]
    there = count > 0
    return np.interp(one, usual[0][there], usual[1][there])


def _soft(rgb: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(np.ascontiguousarray(rgb).astype(np.float32), (0, 0), 1)


def _grey(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(_soft(rgb), cv2.COLOR_RGB2GRAY)


def _resized(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    smaller = size[0] * size[1] < rgb.shape[0] * rgb.shape[1]
    return cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def _within(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return a size of which neither side is longer than `longest`, in the same aspect."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
