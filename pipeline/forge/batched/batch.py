"""`Crops`: the faces that are edited together, and the mirror of their landmarks."""

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import torch
from torch import Tensor

from pipeline.face import IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE
from pipeline.forge.batched.draws import Draws
from pipeline.mean_face import canonical_face


def each(values: Tensor) -> Tensor:
    """Return (B,) as (B, 1, 1, 1), to be laid over pixels."""
    return values.view(-1, 1, 1, 1)


@cache
def mirror_order() -> tuple[int, ...]:
    """Return for each of the 468 landmarks which one lies in its place in the mirrored face."""
    points = canonical_face().astype(np.float64)
    mirrored = np.stack([1 - points[:, 0], points[:, 1]], axis=1)
    mirrored[:, 0] += 2 * points[[10, 152], 0].mean() - 1
    far = ((mirrored[:, None] - points[None]) ** 2).sum(axis=2)
    far[np.diag_indices(len(far))] -= 1e-6  # several points of the middle may lie on one another
    return tuple(far.argmin(axis=1).tolist())


@dataclass(frozen=True, eq=False)
class Crops:
    """Faces of one size, each with its landmarks and a seed of its own.

    Attributes:
        pixels: (B, 3, H, W) float32 RGB from 0 to 255, whole levels.
        landmarks: (B, 468, 2) float32, x and y in pixels, whole numbers at pixels' centres.
        seeds: (B,) int64: all that is drawn for a sample follows from its own.
        flipped: (B,) bool: which samples are mirror images; what is drawn with a side is mirrored for them.
    """

    pixels: Tensor
    landmarks: Tensor
    seeds: Tensor
    flipped: Tensor

    @classmethod
    def of(cls, pixels: Tensor, landmarks: Tensor, seeds: Tensor) -> "Crops":
        """Return crops as they were stored, none of them mirrored.

        Args:
            pixels: (B, 3, H, W) uint8 or float RGB from 0 to 255.
            landmarks: (B, 468, 2), in pixels.
            seeds: (B,) integers.

        Raises:
            ValueError: the shapes do not fit each other.
        """
        count = len(pixels)
        if pixels.dim() != 4 or pixels.shape[1] != 3 or landmarks.shape != (count, 468, 2) or seeds.shape != (count,):
            shapes = f"{tuple(pixels.shape)}, {tuple(landmarks.shape)}, {tuple(seeds.shape)}"
            raise ValueError(f"crops are (B, 3, H, W) pixels, (B, 468, 2) landmarks and (B,) seeds, not {shapes}")
        flipped = torch.zeros(count, dtype=torch.bool, device=pixels.device)
        return cls(pixels.float(), landmarks.float(), seeds.long(), flipped)

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[2], self.pixels.shape[3]

    @cached_property
    def unit(self) -> Tensor:
        """(B,) float32: the distance between the eyes' centres in pixels, at least 1."""
        left, right = (self.landmarks[:, list(eye)].mean(dim=1) for eye in (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE))
        return (right - left).norm(dim=1).clamp(min=1)

    @cached_property
    def size(self) -> Tensor:
        """(B,) float32: the longer side of the landmarks' box in pixels."""
        return (self.landmarks.amax(dim=1) - self.landmarks.amin(dim=1)).amax(dim=1)

    @cached_property
    def axes(self) -> tuple[Tensor, Tensor]:
        """The face's own axes, across to the right and down, each (B, 2) float32 unit vectors."""
        left, right = (self.landmarks[:, list(eye)].mean(dim=1) for eye in (IMAGE_LEFT_EYE, IMAGE_RIGHT_EYE))
        across = (right - left) / self.unit[:, None]
        return across, torch.stack([-across[:, 1], across[:, 0]], dim=1)

    def draws(self, scope: str) -> Draws:
        """Return the chance of these samples, by its name apart from any other."""
        return Draws(self.seeds, self.flipped).below(scope)

    def showing(self, pixels: Tensor) -> "Crops":
        """Return the same faces with other (B, 3, H, W) pixels."""
        return replace(self, pixels=pixels)

    def at(self, places: Tensor) -> "Crops":
        """Return some of the samples: (K,) int64 places."""
        return Crops(self.pixels[places], self.landmarks[places], self.seeds[places], self.flipped[places])

    def mirrored(self) -> "Crops":
        """Return the mirror images: landmarks change places with their opposites, what is drawn stays the same."""
        points = self.landmarks[:, list(mirror_order())].clone()
        points[..., 0] = self.pixels.shape[3] - 1 - points[..., 0]
        return Crops(self.pixels.flip(3), points, self.seeds, ~self.flipped)
