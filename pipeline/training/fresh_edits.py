"""Edits forged anew while a network trains, so that it cannot learn the stored ones by heart.

A stored forgery gives way to another edit of the same original and kind: another chance, another strength, another
donor of the same source. It is forged from the stored crop, so its seams are as sharp as the store's pixels allow;
the stored one was forged in the photo and then shrunk. A run mixes both (`TrainConfig.fresh`).
"""

import json

import numpy as np
import pandas as pd

from pipeline.crops import masks
from pipeline.crops.build import RETOUCHES, operations_of, strength_of
from pipeline.crops.crops import Crops
from pipeline.crops.masks import EditedCrop
from pipeline.forge import Subject, operation
from pipeline.training.lenders import Lenders
from pipeline.training.part_blend import part_blend

TRIES = 3
"""Donors that are tried before the stored edit is taken after all."""


class Forger:
    """Forges edits of a store's training originals from their crops."""

    def __init__(self, crops: Crops, rows: pd.DataFrame, part_blends: float = 0.0) -> None:
        """Learn who can lend to whom.

        Args:
            crops: the store.
            rows: the rows that may be edited, or lend: of one split only.
            part_blends: share of the part composites that are blends of the face's own parts, see `part_blend`.
        """
        self._part_blends, self._crops = part_blends, crops.stored
        self._lenders = Lenders(crops, rows)
        self._lenders.looks  # noqa: B018 - looked at here once, not in every worker
        real = self._lenders.real
        originals = dict(zip(real.sha256, real.index.tolist(), strict=True))
        edits = rows[(rows.recipe != "") & rows.sha256.isin(list(originals))]
        self._edits = {
            index: (originals[sha256], tuple(json.loads(recipe)["operations"]))
            for index, sha256, recipe in zip(edits.index.tolist(), edits.sha256, edits.recipe, strict=True)
        }

    def edit(self, row: int, rng: np.random.Generator) -> EditedCrop | None:
        """Forge another edit of the kind and the original of a stored one.

        Returns:
            None where the row is no forgery or lacks its original, or where every try is refused.
        """
        if row not in self._edits:
            return None
        original, names = self._edits[row]
        if names[0] == "part_composite" and self._part_blends and rng.random() < self._part_blends:
            rgb, touched = part_blend(self._lenders.subject(original), rng, strength_of(rng))
            return self._with_mask(original, rgb, np.array(touched))
        if names[0] in RETOUCHES:
            names = operations_of("retouch", rng)
        strength, needs = strength_of(rng), any(operation(name).needs_donor for name in names)
        for donor in self._lenders.donors(original, rng, TRIES) if needs else [None] * TRIES:
            edit = self._forge(original, names, donor, rng, strength)
            if edit is not None:
                return edit
        return None

    def _forge(
        self, original: int, names: tuple[str, ...], donor: int | None, rng: np.random.Generator, strength: float
    ) -> EditedCrop | None:
        subject, bits = self._lenders.subject(original), np.zeros(4, bool)
        lender = None if donor is None else self._lenders.subject(donor)
        for name in names:
            edit = operation(name).run(subject, lender, rng, strength)
            if not edit.changed:
                return None
            subject, bits = Subject(edit.rgb, subject.landmarks), bits | np.array(edit.region_bits)
        return self._with_mask(original, subject.rgb, bits)

    def _with_mask(self, original: int, rgb: np.ndarray, bits: np.ndarray) -> EditedCrop | None:
        """Return an edit with its mask; None where hardly anything differs from the original."""
        mask = masks.mask_of_change(rgb, self._crops[original])
        return EditedCrop(rgb, mask, bits.astype(np.float32)) if (mask == masks.EDITED).any() else None
