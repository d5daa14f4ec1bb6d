"""`Order`: what is asked of every worker of a batch; small, so that whoever only hands out work loads no network."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.bulk.sieve import Sieve
from pipeline.settings import settings

if TYPE_CHECKING:
    from pipeline.bulk.judging import Judge


@dataclass(frozen=True)
class Order:
    """What is asked of every worker; it can be sent to one.

    Attributes:
        release: that judges; with a sieve the first one.
        sieve: what is passed on to which release; None for none.
        partial: whether what decodes of photos that are cut short is examined.
    """

    release: str
    sieve: Sieve | None = None
    partial: bool = False

    def load(self) -> "Judge":
        """Return what scores chunks in this process, on one core.

        Raises:
            UnknownName, WeightsMissing, WeightsMismatch: see `load_cascade`.
        """
        os.environ["TELLTALE_THREADS"] = "1"
        settings.cache_clear()
        import cv2

        from pipeline.bulk.judging import Judge
        from pipeline.examining.loaded import load_cascade

        cv2.setNumThreads(1)
        thorough = load_cascade(self.sieve.thorough) if self.sieve else None
        return Judge(load_cascade(self.release), self.sieve, thorough, self.partial)
