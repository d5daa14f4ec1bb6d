"""`Edits`: what a batched operation hands back."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Edits:
    """Edited crops and the truth about them.

    Attributes:
        pixels: (B, 3, H, W) uint8 RGB. Where `mask` is 0 they are the crop's, byte for byte.
        mask: (B, H, W) float32 in [0, 1]: where, and how strongly, pixels were replaced; all 0 where nothing was done.
        bits: (B, 4) bool: whether image-left eye, image-right eye, nose and mouth were touched, in the order of
            `models.regions.REGION_NAMES`.
    """

    pixels: Tensor
    mask: Tensor
    bits: Tensor

    @property
    def changed(self) -> Tensor:
        """(B,) bool: whether anything was done; an operation may find nothing that it can edit well."""
        return (self.mask > 0).flatten(1).any(dim=1)
