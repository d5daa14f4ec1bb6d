"""One process on the processor or a GPU, or one of several that `torchrun` started, each with its share of a batch."""

import os
import platform
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import torch
from torch import distributed, nn

from pipeline.errors import TrainingFailed

LONGEST_WAIT = timedelta(days=7)
"""How long processes wait for each other: the first makes masks, swaps or lessons for hours, and looks at photos."""


@dataclass(frozen=True)
class Place:
    """Where this process stands among those that train together."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes the checkpoint and the log."""
        return self.rank == 0

    @property
    def device_name(self) -> str:
        """What trains, in words."""
        if self.device.type == "cuda":
            return f"{self.world} × {torch.cuda.get_device_name(self.device)}"
        processes = f"{self.world} process{'es' * (self.world > 1)} of {torch.get_num_threads()} threads"
        return f"{processes} on {platform.machine()}"

    @property
    def workers(self) -> int:
        """Processes that read crops: on a processor one, for training itself takes the cores."""
        return 1 if self.device.type == "cpu" else max(1, (os.cpu_count() or 1) // self.world)

    def share(self, pairs: np.ndarray) -> np.ndarray:
        """Return this process's part of (n, 2) pairs: as many for each, and none for two."""
        return pairs[: len(pairs) // self.world * self.world][self.rank :: self.world]

    def wrap(self, detector: nn.Module) -> nn.Module:
        """Return the detector so that gradients are averaged over all processes, where there are several."""
        return nn.parallel.DistributedDataParallel(detector) if self.world > 1 else detector

    def first(self, said: float) -> float:
        """Return what the first process says here, so that all go by the same number."""
        if self.world == 1:
            return said
        number = torch.tensor(said, dtype=torch.float64, device=self.device)
        distributed.broadcast(number, 0)
        return float(number)

    def wait(self) -> None:
        """Wait for the others."""
        if self.world > 1:
            distributed.barrier()


def join_processes(wanted: str = "any") -> Place:
    """Join the processes that `torchrun` started; alone, take the first GPU where there is one.

    Args:
        wanted: "cuda" where the run is meant for a GPU.

    Raises:
        TrainingFailed: a GPU is wanted and there is none, or there are fewer than processes.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise TrainingFailed(
            "The configuration wants a GPU (device: cuda), and torch sees none here: run it where there is one, or say "
            '"device": "any" for a small run on the processor.'
        )
    world, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_RANK", "0"))
    if torch.cuda.is_available() and local >= (count := torch.cuda.device_count()):
        raise TrainingFailed(
            f"Each process trains on a GPU of its own, and torch sees {count} here: start as many processes as there "
            f"are GPUs (make … PROCESSES={count}, torchrun --nproc-per-node {count})."
        )
    device = torch.device(f"cuda:{local}" if torch.cuda.is_available() else "cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if world == 1:
        return Place(0, 1, device)
    if not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
    return Place(distributed.get_rank(), world, device)
