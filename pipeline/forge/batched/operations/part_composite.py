"""Part composite, batched: the parameters and refusals of `pipeline.forge.operations.part_composite`.

The eye of the original's left comes first, also where a crop is mirrored, so that the mirrored result is the same.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.face import REGIONS
from pipeline.forge.batched.batch import Crops, each
from pipeline.forge.batched.blending import cloned_where, lay_over
from pipeline.forge.batched.colour import colour_gap, shift_colours
from pipeline.forge.batched.donors import fit, look_apart, wear_glasses
from pipeline.forge.batched.draws import Draws
from pipeline.forge.batched.geometry import RIM, feather, features, hull_distance, oval, rim
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.batched.skin import likeness
from pipeline.forge.batched.warping import jitter, scale_of, similarity, warp
from pipeline.forge.operations.part_composite import (
    BY_POISSON,
    DEGREES,
    GROW,
    LARGEST_SCALE,
    LARGEST_SHIFT,
    LEAST_BARE,
    LEFT_OVER,
    MATCHED,
    MORE_BLOWN,
    MORE_PARTS,
    NAMES,
    POISSON_DRIFT,
    RELATIVE_SCALE,
    SCALE,
    SHIFT,
    SOFTNESS,
)

EYES = 2
"""The first two parts change places in a mirrored crop."""


@dataclass(frozen=True)
class Pair:
    """Faces, their lenders, and the part that is pasted now.

    Attributes:
        crops, donors: of one size.
        number: the part's place in `NAMES`; for a mirrored sample the other eye's.
        draws: of this part.
    """

    crops: Crops
    donors: Crops
    number: int
    draws: Draws

    @property
    def part(self) -> Tensor:
        """(B,) int64: which part it is in each sample."""
        return part_of(self.number, self.crops)

    def points(self, crops: Crops) -> Tensor:
        """Return the part's landmarks: (B, N, 2)."""
        return points_of(self.number, crops)


def part_of(number: int, crops: Crops) -> Tensor:
    """Return the place in `NAMES`, (B,) int64, of a part: for a mirrored sample the other eye's."""
    usual = torch.full_like(crops.seeds, number)
    return torch.where(crops.flipped, EYES - 1 - usual, usual) if number < EYES else usual


def points_of(number: int, crops: Crops) -> Tensor:
    """Return the landmarks of a part, see `part_of`: (B, N, 2)."""
    if number >= EYES:
        return crops.landmarks[:, list(REGIONS[NAMES[number]])]
    eyes = torch.tensor([REGIONS[name] for name in NAMES[:EYES]], device=crops.landmarks.device)
    return crops.landmarks.gather(1, eyes[part_of(number, crops)][..., None].expand(-1, -1, 2))


def part_hull(number: int, crops: Crops, grow: Tensor) -> Tensor:
    """Return the hull of a part, see `part_of`, grown by (B,) pixels: (B, 1, H, W)."""
    return (RIM + each(grow) - hull_distance(points_of(number, crops), crops.shape)).clamp(0, 1)


def bare_parts(crops: Crops) -> Tensor:
    """Tell around which parts enough bare skin lies, (B, 4) bool, by `part_of`'s numbers."""
    bare, free = likeness(crops), 1 - features(crops)
    shares = []
    for number in range(len(NAMES)):
        place = part_hull(number, crops, 0.15 * crops.unit) * free
        total = place.sum(dim=(1, 2, 3))
        shares.append((bare * place).sum(dim=(1, 2, 3)) / total.clamp(min=1e-6))
    return torch.stack(shares, dim=1) >= LEAST_BARE


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Replace one to four parts; more `strength` makes more parts likely. Parts that would look absurd are refused."""
    draws, lenders = crops.draws("part_composite"), fit(donors, crops)
    count = 1 + (draws.unit("more", 3) < MORE_PARTS * strength[:, None]).sum(dim=1)
    wanted = draws.some_of("parts", count, len(NAMES))
    fitting = wanted & bare_parts(crops) & bare_parts(donors) & ~look_apart(crops, donors)[:, None]
    fitting[:, : NAMES.index("mouth")] &= ~(wear_glasses(crops) | wear_glasses(donors))[:, None]
    pixels, clear = crops.pixels, torch.ones_like(crops.pixels[:, :1])
    bits = torch.zeros(len(crops), len(NAMES), dtype=torch.bool, device=pixels.device)
    for number in range(len(NAMES)):
        places = fitting[:, number].nonzero()[:, 0]  # most faces get one part: the others cost nothing
        if not len(places):
            continue
        some = crops.showing(pixels).at(places)
        pair = Pair(some, lenders.at(places), number, some.draws(f"part_composite {number}"))
        pasted, alpha = _paste(pair)
        pixels = pixels.index_copy(0, places, pasted)
        clear = clear.index_copy(0, places, clear[places] * (1 - alpha))
        bits[places, pair.part] = (alpha > 0).flatten(1).any(dim=1)
    return pixels, 1 - clear, bits


def _paste(pair: Pair) -> tuple[Tensor, Tensor]:
    """Paste one part; return the pictures and the (B, 1, H, W) alpha. A refusal leaves the picture as it is."""
    crops, draws, unit = pair.crops, pair.draws, pair.crops.unit
    matrix = _place_part(pair)
    grow = draws.uniform("grow", *GROW) * unit
    mask = part_hull(pair.number, crops, grow)
    layer = warp(pair.donors.pixels, matrix)
    band = rim(mask, 0.06 * unit) & (oval(crops) > 0)
    gap = colour_gap(layer, crops.pixels, band)
    amount = torch.maximum(draws.uniform("matched", *MATCHED), 1 - LEFT_OVER / gap.norm(dim=1).clamp(min=LEFT_OVER))
    usable = _fits(pair, matrix, gap)
    layer = shift_colours(layer, gap * amount[:, None])
    usable &= _blown_share(layer, mask) <= _blown_share(crops.pixels, mask) + MORE_BLOWN
    alpha = feather(mask, draws.uniform("softness", *SOFTNESS) * grow)
    alpha = alpha * each(usable.float())
    wanted = usable & draws.chance("poisson", BY_POISSON)
    layer = cloned_where(wanted, crops.pixels, layer, (mask, alpha), POISSON_DRIFT)
    return lay_over(crops.pixels, layer, alpha), alpha


def _place_part(pair: Pair) -> Tensor:
    """Return the (B, 2, 3) maps from donor to crop that lay a part in its place, a little wrong."""
    draws, goal = pair.draws, pair.points(pair.crops)
    shift = torch.stack([draws.sideways("across", SHIFT), draws.uniform("down", -SHIFT, SHIFT)], dim=1)
    matrix = similarity(pair.points(pair.donors), goal)
    scale, degrees = draws.uniform("scale", *SCALE), draws.sideways("degrees", DEGREES)
    return jitter(matrix, goal.mean(dim=1), scale, degrees, shift * pair.crops.unit[:, None])


def _fits(pair: Pair, matrix: Tensor, gap: Tensor) -> Tensor:
    """Tell which parts can be pasted well, (B,) bool; see the single-photo operation's refusals."""
    crops, donors = pair.crops, pair.donors
    relative = scale_of(matrix) / scale_of(similarity(donors.landmarks, crops.landmarks)).clamp(min=1e-6)
    points = pair.points(donors)
    limits = torch.tensor([donors.shape[1] - 1.0, donors.shape[0] - 1.0], device=points.device)
    fits = (relative > RELATIVE_SCALE[0]) & (relative < RELATIVE_SCALE[1]) & (scale_of(matrix) <= LARGEST_SCALE)
    fits &= ((points >= 1) & (points < limits)).flatten(1).all(dim=1)
    return fits & (gap.abs() <= torch.tensor(LARGEST_SHIFT, device=gap.device)).all(dim=1)


def _blown_share(rgb: Tensor, mask: Tensor) -> Tensor:
    """Return the (B,) shares of a mask where a channel of (B, 3, H, W) RGB is at its end."""
    ends = ((rgb >= 254) | (rgb <= 1)).any(dim=1, keepdim=True)
    return (ends * mask).sum(dim=(1, 2, 3)) / mask.sum(dim=(1, 2, 3)).clamp(min=1)


OPERATION = twin_of("part_composite", edit)
