"""Enhancer, batched: the parameters of `pipeline.forge.operations.enhancer`."""

from torch import Tensor

from pipeline.forge.batched.batch import Crops
from pipeline.forge.batched.remaking import enhance, lay_on_face
from pipeline.forge.batched.scan import Work, twin_of
from pipeline.forge.operations.enhancer import FEATHER


def edit(crops: Crops, donors: Crops, strength: Tensor) -> Work:
    """Enhance the inner face; more `strength` goes through a smaller size and sharpens more."""
    draws = crops.draws("enhancer")
    return lay_on_face(crops, enhance(crops, draws, strength), draws, FEATHER)


OPERATION = twin_of("enhancer", edit)
