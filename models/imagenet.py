"""ImageNet's normalisation, and torchvision's own weights where the machine reaches their hub."""

from urllib.error import URLError

import torch

import models.torchvision_ops  # noqa: F401  before torchvision
from models.errors import WeightsMissing

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def from_hub(weights: str, entry: str) -> dict[str, torch.Tensor]:
    """Fetch ImageNet weights through torchvision; only training asks for this, never the app.

    Raises:
        WeightsMissing: this machine does not reach the hub.
    """
    from torchvision import models as vision

    try:
        return getattr(vision, weights)[entry].get_state_dict(progress=True, check_hash=True)
    except (URLError, OSError, RuntimeError) as problem:
        raise WeightsMissing(
            f"ImageNet weights {weights}.{entry} could not be fetched ({problem}). "
            "Train on a machine that reaches torchvision's hub, or start from random weights."
        ) from problem
