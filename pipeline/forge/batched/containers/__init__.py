"""What pictures go through, on the device: `jpeg`, `webp` and `resize`, batched, each sample with a setting of its own.

The single-photo forms are in `pipeline.examining.container`. Pixels are (B, 3, H, W) RGB from 0 to 255.
"""

from pipeline.forge.batched.containers.jpeg import jpeg
from pipeline.forge.batched.containers.resize import resize, shrink_and_grow
from pipeline.forge.batched.containers.webp import webp

__all__ = ["jpeg", "resize", "shrink_and_grow", "webp"]
