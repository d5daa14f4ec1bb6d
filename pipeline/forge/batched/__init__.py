"""The forge's operations as batched torch functions on any device, beside the single-photo ones and under their names.

Each module of `operations` defines `OPERATION`; see `scan.py`. Around it:

- `batch` is what is edited, `draws` the chance that each sample has of its own, `result` what comes out,
- `separable`, `geometry`, `warping`, `skin`, `colour`, `blending` and `donors` are what operations share,
- `containers` encodes and resizes on the device.

Inside, pixels are (B, 3, H, W) float32 from 0 to 255, masks (B, 1, H, W) float32 in [0, 1], and numbers that differ
by sample (B,). Nothing depends on a sample's neighbours in its batch, and a mirrored crop gets the mirrored edit. Where
a method differs from the single-photo one, the operation says how; both take the same parameters. It is made for
accelerators: on a processor the single-photo form is several times faster (`python -m tests.bench batched`).
"""

from pipeline.forge.batched.batch import Crops
from pipeline.forge.batched.result import Edits
from pipeline.forge.batched.scan import BatchedOperation, all_batched, batched

__all__ = ["BatchedOperation", "Crops", "Edits", "all_batched", "batched"]
