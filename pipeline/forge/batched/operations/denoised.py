"""Denoised, batched: the parameters of `pipeline.forge.operations.denoised`."""

from torch import Tensor

from pipeline.forge.batched.batch import Crops
from pipeline.forge.batched.remaking import diffuse, lay_on_face
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.operations.denoised import FEATHER


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Make the inner face's texture again; more `strength` adds more noise, and takes more out."""
    draws = crops.draws("denoised")
    return lay_on_face(crops, diffuse(crops, draws, strength), draws, FEATHER)


OPERATION = twin_of("denoised", edit)
