"""`Feed`: an epoch's batches, forged, framed and encoded on the device that trains."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.detector import Detector
from pipeline.crops.masks import UNTOUCHED
from pipeline.forge.batched import Crops
from pipeline.forge.batched.draws import Draws, scramble
from pipeline.training.batches import MASK_STRIDE, MIRRORED_BITS
from pipeline.training.config import TrainConfig
from pipeline.training.losses import Batch, Taught, floats_of, in_bf16
from pipeline.training.on_device.autoencoder import Beside
from pipeline.training.on_device.forging import Forged, forge
from pipeline.training.on_device.framing import coloured, cut, cut_mask, shaken, windows
from pipeline.training.on_device.plan import TRIES, Pairs, label_of
from pipeline.training.on_device.resident import Resident


@dataclass(frozen=True, eq=False)
class Feed:
    """Makes batches of a run's epoch.

    Attributes:
        config: of the run.
        resident: its crops.
        beside: the autoencoder that learns beside it; None where no edit needs it.
        teacher: a network in eval mode on the device, which is asked about every batch; None without one.
    """

    config: TrainConfig
    resident: Resident
    beside: Beside | None = None
    teacher: Detector | None = None

    @torch.no_grad()
    def make(self, pairs: Pairs, seed: int) -> Batch:
        """Make the items of some pairs; a pair whose edit is refused is left out.

        An item is the same whatever stands beside it, but for edits by the autoencoder: they go by the first of those
        that are made together, see `autoencoder.paint`, so a batch in parts has others.

        Args:
            pairs: some of an epoch's.
            seed: of the epoch.
        """
        rows, device = pairs.rows.ravel(), self.resident.device
        numbers = torch.from_numpy(np.repeat(pairs.numbers, 2)).to(device)
        seeds = scramble(scramble(numbers * 2 + torch.arange(len(rows), device=device) % 2) + seed)
        pixels, places = self.resident.pictures(rows).to(device), self.resident.at(rows)
        masks, targets = self.resident.masks[places], self.resident.targets[places].clone()
        edits = [names for both in pairs.edits for names in both]
        which = torch.tensor([n for n, names in enumerate(edits) if names], dtype=torch.long, device=device)
        done = torch.ones(len(rows), dtype=torch.bool, device=device)
        if len(which):
            forged = self._forge(pairs, pixels, (which, seeds))
            pixels[which], masks[which] = forged.pixels, forged.masks
            targets[which, 1:] = forged.bits
            targets[which, 0] = self._labels([edits[place] for place in which.tolist()])
            done[which] = forged.done
            untouched = self._untouched(edits, device)
            masks[untouched], targets[untouched] = UNTOUCHED, 0.0
        kept = done.view(-1, 2).all(dim=1).repeat_interleave(2)
        paired = torch.from_numpy(pairs.paired).to(device)[kept[0::2]]
        items = (pixels[kept], masks[kept], targets[kept])
        if not len(paired):
            side = self.config.train_size
            nothing = pixels.new_empty((0, 3, side, side), dtype=torch.uint8)
            return Batch(
                nothing, targets[kept], pixels.new_empty((0, side // MASK_STRIDE, side // MASK_STRIDE)), paired
            )
        windowed = scramble(scramble(numbers) + seed)  # a sum alone would give an epoch the windows of the one before
        return self._framed(items, seeds[kept], windowed[kept], paired)

    def _untouched(self, edits: list[tuple[str, ...]], device: torch.device) -> Tensor:
        """Return the places of originals that stand beside their edits."""
        alone = [n for n, names in enumerate(edits) if not names and edits[n ^ 1]]
        return torch.tensor(alone, dtype=torch.long, device=device)

    def _labels(self, edits: list[tuple[str, ...]]) -> Tensor:
        """Return what is to be said of edits, (K,) float32."""
        said = [self.config.stage == "edited" or label_of("+".join(names)) == "deepfake" for names in edits]
        return torch.tensor(said, dtype=torch.float32, device=self.resident.device)

    def _forge(self, pairs: Pairs, pixels: Tensor, which: tuple[Tensor, Tensor]) -> Forged:
        """Edit the items at some places; `which` are these places and the seeds of all items."""
        places, seeds = which
        rows = pairs.rows.ravel()[places.cpu().numpy()]
        landmarks = self.resident.landmarks[self.resident.at(rows)]
        lenders = np.repeat(pairs.lenders, 2, axis=0)[places.cpu().numpy()]
        edits = [names for both in pairs.edits for names in both]
        chosen = [edits[place] for place in places.tolist()]
        network = None if self.beside is None else self.beside.network
        crops = Crops.of(pixels[places], landmarks, seeds[places])
        lends = []
        for number in range(TRIES):
            mine = np.where(lenders[:, number] >= 0, lenders[:, number], lenders[:, 0])
            donors = np.where(mine >= 0, mine, rows)  # who has none lends to itself: hardly a change, so left out
            points = self.resident.landmarks[self.resident.at(donors)]
            lends.append((self.resident.pictures(donors).to(pixels.device), points))
        return forge(crops, chosen, lends, network)

    def _framed(self, items: tuple[Tensor, Tensor, Tensor], seeds: Tensor, windowed: Tensor, paired: Tensor) -> Batch:
        """Cut, colour and encode."""
        pixels, masks, targets = items
        places, mirrored = windows(self.config, windowed)
        draws = Draws(seeds, torch.zeros_like(mirrored))
        crops = coloured(cut(pixels, places), draws.below("tone"), self.config.colours)
        crops = shaken(crops, draws.below("container"), self.config.gentle)
        sides = targets[:, 1:][:, list(MIRRORED_BITS)]
        bits = torch.where(mirrored[:, None], sides, targets[:, 1:])
        targets = torch.cat([targets[:, :1], bits], dim=1)
        crops = crops.to(torch.uint8)
        return Batch(crops, targets, cut_mask(masks, places), paired, self._taught(crops))

    def _taught(self, crops: Tensor) -> Taught | None:
        """Ask the teacher about (B, 3, S, S) uint8."""
        if self.teacher is None or not len(crops):
            return None
        device = crops.device
        with torch.autocast(device.type, torch.bfloat16, enabled=in_bf16(self.config, device)):
            logits = self.teacher(floats_of(crops))
        assert logits.mask is not None  # asked when the run began
        scores = [logits.logit[:, None]] + ([] if logits.regions is None else [logits.regions])
        return Taught(torch.cat(scores, dim=1).float(), logits.mask[:, 0].float())
