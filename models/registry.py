"""Architectures by name, found by scanning `models/detectors`; and weights by id, checked against their cards.

A new network is one new file there that registers itself; nothing else changes.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from safetensors import SafetensorError
from safetensors.torch import load_file

from models import detectors
from models.base import read_base
from models.card import Card, read_card
from models.detector import Detector
from models.errors import UnknownName, WeightsMismatch
from models.files import ROOT, checked_path

Builder = Callable[[int, bool], Detector]
"""(outputs, pretrained) → detector. With `pretrained` the body starts from ImageNet weights, or WeightsMissing."""

_builders: dict[str, Builder] = {}


def register(name: str) -> Callable[[Builder], Builder]:
    """Register a builder under a name; a second one of the same name is a programmer's error."""

    def keep(builder: Builder) -> Builder:
        if name in _builders:
            raise ValueError(f"two detectors are named {name!r}")
        _builders[name] = builder
        return builder

    return keep


@cache
def _scan() -> None:
    for module in iter_modules(detectors.__path__):
        import_module(f"{detectors.__name__}.{module.name}")


def names() -> list[str]:
    """Return the names of all registered architectures."""
    _scan()
    return sorted(_builders)


def build(name: str, outputs: int = 1, pretrained: bool = False) -> Detector:
    """Build a detector.

    Args:
        name: a registered architecture.
        outputs: 1, or 5 for the four region logits besides.
        pretrained: start the body from ImageNet weights.

    Raises:
        UnknownName: with the nearest registered names.
        WeightsMissing: ImageNet weights were asked for and are not on this machine.
    """
    if name not in names():
        raise UnknownName.among("detector", name, names())
    return _builders[name](outputs, pretrained)


def put_on_base(detector: Detector, root: Path = ROOT) -> Detector:
    """Put the base that is here under a detector that adapts one, in place; others stay as they are.

    Raises:
        WeightsMissing, WeightsMismatch: see `models.base.read_base`.
    """
    return detector.on_base(read_base(detector.base, root=root)) if detector.base else detector


def load(weights: str, root: Path = ROOT) -> tuple[Detector, Card]:
    """Load a detector by weights id: hash compared, tensors compared, eval mode.

    Raises:
        WeightsMissing: card or file absent.
        WeightsMismatch: the file is not the one the card names, or does not fit its architecture.
    """
    card = read_card(weights, root)
    path = checked_path(root / "weights" / f"{weights}.safetensors", card.sha256)
    detector = build(card.architecture, card.outputs)
    if card.base != detector.base:
        raise WeightsMismatch(
            f"{path.name} adapts {card.base or 'no base'}, its network {card.architecture} {detector.base or 'none'}."
        )
    try:
        tensors = load_file(path)
        detector.shaped(tensors).load_state_dict(tensors)
    except (RuntimeError, SafetensorError) as problem:
        raise WeightsMismatch(f"{path.name} does not fit {card.architecture}: {problem}") from problem
    if card.base:
        detector.on_base(read_base(card.base, card.base_sha256, root))
    return detector.eval(), card
