"""Chance for a batch: every sample has a seed, every draw a name; neighbours, order and device change nothing.

A number is a hash of seed, name and place: the counter-based generators of Salmon et al. ("Parallel Random Numbers: As
Easy as 1, 2, 3", SC 2011), here with the finaliser of SplitMix64 (Steele et al., OOPSLA 2014). Integers of 64 bits wrap
around alike everywhere, so all devices draw the same.
"""

import math
from hashlib import sha256

import torch
from torch import Tensor

GOLDEN = 0x9E3779B97F4A7C15 - (1 << 64)
"""SplitMix64's step, as a signed number of 64 bits."""
FIRST, SECOND = 0xBF58476D1CE4E5B9 - (1 << 64), 0x94D049BB133111EB - (1 << 64)
"""The multipliers of its finaliser."""
FRACTION = 24
"""Bits of a drawn number: as many as float32 holds exactly."""


def _shifted(values: Tensor, bits: int) -> Tensor:
    """Shift int64 to the right as if it had no sign."""
    return (values >> bits) & ((1 << (64 - bits)) - 1)


def scramble(values: Tensor) -> Tensor:
    """Return the hash of each int64."""
    values = (values ^ _shifted(values, 30)) * FIRST
    values = (values ^ _shifted(values, 27)) * SECOND
    return values ^ _shifted(values, 31)


class Draws:
    """What is drawn for the samples of a batch.

    Attributes:
        seeds: (B,) int64.
        flipped: (B,) bool: which samples are mirrored. What has a side is drawn mirrored for them.
    """

    def __init__(self, seeds: Tensor, flipped: Tensor) -> None:
        """Take the samples' seeds and sides."""
        self.seeds, self.flipped = seeds, flipped

    def below(self, scope: str) -> "Draws":
        """Return draws whose names are apart from all others': for a part of the work that is done several times."""
        return Draws(scramble(self.seeds + _number_of(scope)), self.flipped)

    def unit(self, name: str, *shape: int) -> Tensor:
        """Return (B, *shape) float32 in [0, 1)."""
        count = math.prod(shape)
        places = torch.arange(1, count + 1, device=self.seeds.device) * GOLDEN
        keys = scramble(self.seeds + _number_of(name))
        bits = _shifted(scramble(keys[:, None] + places), 64 - FRACTION)
        return (bits.float() / (1 << FRACTION)).view(-1, *shape)

    def uniform(self, name: str, low: float, high: float, *shape: int) -> Tensor:
        """Return (B, *shape) float32 in [low, high)."""
        return low + (high - low) * self.unit(name, *shape)

    def sideways(self, name: str, reach: float) -> Tensor:
        """Return (B,) float32 in ±reach, to the right above 0; to the left for a mirrored sample."""
        drawn = self.uniform(name, -reach, reach)
        return torch.where(self.flipped, -drawn, drawn)

    def logarithmic(self, name: str, low: float, high: float) -> Tensor:
        """Return (B,) float32 in [low, high), evenly by its logarithm."""
        return self.uniform(name, math.log(low), math.log(high)).exp()

    def whole(self, name: str, count: int) -> Tensor:
        """Return (B,) int64 in [0, count)."""
        return (self.unit(name) * count).long().clamp(max=count - 1)

    def chance(self, name: str, share: float) -> Tensor:
        """Return (B,) bool, true for this share of all draws."""
        return self.unit(name) < share

    def some_of(self, name: str, counts: Tensor, of: int) -> Tensor:
        """Return (B, of) bool: as many things of each sample as (B,) int64 counts say."""
        return self.unit(name, of).argsort(dim=1).argsort(dim=1) < counts[:, None]

    def grain(self, name: str, high: int, wide: int) -> Tensor:
        """Return (B, 1, H, W) float32 normal noise, mirrored for mirrored samples (Box and Muller, 1958)."""
        far = (-2 * (1 - self.unit(f"{name} far", 1, high, wide)).log()).sqrt()
        return self.facing(far * torch.cos(2 * math.pi * self.unit(f"{name} turn", 1, high, wide)))

    def facing(self, field: Tensor) -> Tensor:
        """Return (B, C, H, W) with the fields of mirrored samples mirrored."""
        return torch.where(self.flipped.view(-1, 1, 1, 1), field.flip(3), field)


def _number_of(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
