"""`MaskedDetector`: it says where it holds a face to be edited, by a mask head, and reads its verdict there.

Maps of two scales are joined as in a feature pyramid (Lin et al., CVPR 2017): stride 16, fine enough for an eye, and
stride 32. A 1 × 1 convolution makes of them a mask, trained with the true masks of edits; its softmax says how much
each cell counts (attention pooling, as in Ilse et al., ICML 2018). The classifier stays linear over pooled cells, so
that a class activation map of stride 16 still sums to the logit.
"""

import torch
from torch import nn

from models.detector import Detector, Logits

WIDTH = 256
"""Maps of the weighted cells."""


class MaskedDetector(Detector):
    """A body in two parts, a mask head of stride 16 and a linear head.

    Args:
        fine: the body's blocks up to stride 16, from normalised pixels.
        coarse: the rest, up to stride 32.
        widths: how many maps these two give.
        outputs: of the head.
        mean, std: the normalisation of RGB in [0, 1].
    """

    def __init__(
        self,
        fine: nn.Module,
        coarse: nn.Module,
        widths: tuple[int, int],
        outputs: int,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        super().__init__(mean, std)
        self.fine, self.coarse = fine, coarse
        self.from_fine, self.from_coarse = (_projection(width) for width in widths)
        self.mixed = nn.Sequential(
            nn.ReLU(), nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU()
        )
        self.mask = nn.Conv2d(WIDTH, 1, 1)
        self.maps = nn.Identity()  # what a class activation map is made from: after the last activation, weighted
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(WIDTH, outputs))

    @property
    def cam_layer(self) -> nn.Module:
        """The weighted cells: 256 maps of S/16."""
        return self.maps

    def cells(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the weighted cells, 256 maps of S/16, and the mask's logits, one such map."""
        fine = self.fine(pixels)
        coarse = nn.functional.interpolate(self.from_coarse(self.coarse(fine)), scale_factor=2.0)
        joined = self.mixed(self.from_fine(fine) + coarse)
        mask = self.mask(joined)
        share = mask.flatten(1).softmax(dim=1).view_as(mask) * (mask.shape[2] * mask.shape[3])
        return self.maps(joined * (0.5 + 0.5 * share)), mask

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pooled (B, 256) from normalised (B, 3, S, S); S a multiple of 32."""
        return self.cells(pixels)[0].mean(dim=(2, 3))

    def forward(self, pixels: torch.Tensor) -> Logits:
        """Score a batch of (B, 3, S, S) float32 in [0, 1]. S is a multiple of 32."""
        cells, mask = self.cells((pixels - self.mean) / self.std)
        scores = self.scores(cells.mean(dim=(2, 3)))
        return Logits(scores[:, 0], scores[:, 1:] if scores.shape[1] > 1 else None, mask)


def _projection(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, WIDTH, 1, bias=False), nn.BatchNorm2d(WIDTH))
