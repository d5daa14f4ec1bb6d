"""Clone stamp and healing brush, batched: the strokes and parameters of `pipeline.forge.operations.clone_stamp`.

Places are looked for on the face's own axes, not the picture's, so that a mirrored face gets the mirrored strokes.
"""

import math

import torch
from torch import Tensor

from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.colour import to_lab
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import covered_parts, soften
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.separable import blur
from pipeline.forge.batched.skin import skin
from pipeline.forge.batched.warping import grid_of, read_at
from pipeline.forge.operations.clone_stamp import (
    BRIDGE,
    GOALS,
    HEALED,
    LARGEST_GAP,
    LEAST_SKIN,
    LENGTH,
    OFFSET,
    OPACITY,
    PULL,
    RADIUS,
    REACH,
    RESTLESS,
    SOFTNESS,
    SOURCES,
    STROKES,
    TONE,
    WITHIN,
)


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Paint strokes; more `strength` paints more of them, and more opaquely."""
    draws, bare, unit = crops.draws("clone_stamp"), skin(crops), crops.unit
    known = _known(crops, bare)
    tone = blur(crops.pixels, (draws.uniform("tone", *TONE) * unit).clamp(min=1))
    lendable = torch.cat([crops.pixels, crops.pixels - tone, bare], dim=1)
    share = (0.6 + 0.4 * strength) * (4 * strength).clamp(max=1) * (bare.mean(dim=(1, 2, 3)) >= LEAST_SKIN)
    count = (STROKES[0] + (STROKES[1] - STROKES[0]) * strength).round()
    made, clear = crops.pixels, torch.ones_like(bare)
    for number in range(int(count.max())):
        part = draws.below(f"stroke {number}")
        healed = part.chance("healed", HEALED)
        goal, offset, found = _places(crops, known, part, torch.where(healed, LARGEST_GAP[1], LARGEST_GAP[0]))
        lent = read_at(lendable, grid_of(crops.shape, unit.device) + offset[:, None, None], "nearest")
        painted = part.uniform("opacity", *OPACITY) * share * found * (number < count)
        alpha = _brush(crops, goal, part) * bare * lent[:, 6:] * each(painted)
        layer = torch.where(each(healed), tone + lent[:, 3:6], lent[:, :3])
        made = made * (1 - alpha) + layer * alpha
        clear = clear * (1 - alpha)
    mask = 1 - clear
    return made.round().clamp(0, 255), mask, covered_parts(mask, crops)


def _known(crops: Crops, bare: Tensor) -> Tensor:
    """Return how strongly light varies at each place, how much skin is around it, and its tone: (B, 5, H, W)."""
    unit, lab = crops.unit, to_lab(crops.pixels)
    fine = lab[:, :1] - soften(lab[:, :1], RESTLESS[0] * unit)
    return torch.cat([soften(fine * fine, RESTLESS[1] * unit), soften(torch.cat([bare, lab], 1), RADIUS[0] * unit)], 1)


def _places(crops: Crops, known: Tensor, draws: Draws, most: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Choose what a stroke covers.

    Args:
        crops: the faces.
        known: (B, 5, H, W), see `_known`.
        draws: of this stroke.
        most: (B,) largest distances of tone.

    Returns:
        Goals (B, 2), whole offsets of their sources (B, 2), and whether there are both, (B,) 0 or 1.
    """
    steps = torch.stack([draws.uniform(name, *REACH[axis], GOALS) for axis, name in enumerate(("x", "y"))], dim=2)
    goals = crops.landmarks[:, BRIDGE, None] + _on_face(crops, steps)
    seen = read_at(known, goals[:, None], "bilinear")[:, :, 0]
    best, place = torch.where(_inside(goals, crops) & (seen[:, 1] > WITHIN), seen[:, 0], -1).max(dim=1)
    goal = goals.gather(1, place[:, None, None].expand(-1, -1, 2))
    tone = seen[:, 2:].gather(2, place[:, None, None].expand(-1, 3, -1))
    angle, far = draws.uniform("angle", 0, 2 * math.pi, SOURCES), draws.uniform("far", *OFFSET, SOURCES)
    offsets = _on_face(crops, torch.stack([angle.cos() * far, angle.sin() * far], dim=2)).round()
    seen = read_at(known, (goal + offsets)[:, None], "bilinear")[:, :, 0]
    gap = (seen[:, 2:] - tone).norm(dim=1)
    usable = _inside(goal + offsets, crops) & (seen[:, 1] > WITHIN) & (gap <= most[:, None])
    least, place = torch.where(usable, seen[:, 0] + PULL * gap**2, torch.inf).min(dim=1)
    offset = offsets.gather(1, place[:, None, None].expand(-1, -1, 2))[:, 0]
    return goal[:, 0], offset, ((best >= 0) & least.isfinite()).float()


def _inside(places: Tensor, crops: Crops) -> Tensor:
    """Tell which of (B, N, 2) places lie in the picture: (B, N) bool."""
    limits = torch.tensor([crops.shape[1] - 1.0, crops.shape[0] - 1.0], device=places.device)
    return ((places >= 0) & (places <= limits)).all(dim=2)


def _on_face(crops: Crops, steps: Tensor) -> Tensor:
    """Turn (B, N, 2) steps across and down the face, in eye distances, to the picture's pixels; mirrored ones too."""
    across, down = crops.axes
    side = torch.where(crops.flipped, -1, 1)[:, None, None]
    return (steps[..., :1] * side * across[:, None] + steps[..., 1:] * down[:, None]) * crops.unit[:, None, None]


def _brush(crops: Crops, goal: Tensor, draws: Draws) -> Tensor:
    """Return the alpha of a stroke over (B, 2) goals, (B, 1, H, W)."""
    angle, length = draws.uniform("turn", 0, 2 * math.pi), draws.uniform("length", *LENGTH)
    along = _on_face(crops, (torch.stack([angle.cos(), angle.sin()], dim=1) * length[:, None])[:, None])
    away = grid_of(crops.shape, goal.device) - (goal[:, None, None] - along[:, :, None] / 2)
    square = along.square().sum(dim=2).clamp(min=1e-6)[..., None]
    part = ((away * along[:, :, None]).sum(dim=3) / square).clamp(0, 1)
    left = away - part[..., None] * along[:, :, None]
    radius = (draws.uniform("radius", *RADIUS) * crops.unit).clamp(min=1.5)
    far = torch.hypot(left[..., 0], left[..., 1])[:, None] / each(radius)
    rise = ((1 - far) / each(draws.uniform("softness", *SOFTNESS))).clamp(0, 1)
    return rise * rise * (3 - 2 * rise)


OPERATION = twin_of("clone_stamp", edit)
