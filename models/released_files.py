"""Every file that weights consist of, with the hash that each must have."""

from collections.abc import Iterator
from pathlib import Path

from models.base import card_path, read_base_card
from models.card import Card
from models.files import ROOT

PARTS = {
    ".safetensors": "sha256",
    ".onnx": "graph_sha256",
    ".ranges.safetensors": "ranges_sha256",
    ".unsigned.onnx": "unsigned_sha256",
}
"""Ending of a file under weights/ → the field of the card that names its hash; "" there means that there is none."""


def files_of(card: Card, root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Yield (file, SHA-256 that it must have) of weights, those of the base that they adapt among them.

    Raises:
        WeightsMissing, WeightsMismatch: the base's own card cannot be read.
    """
    for ending, field in PARTS.items():
        if digest := getattr(card, field):
            yield root / "weights" / f"{card.weights}{ending}", digest
    if card.base:
        yield card_path(card.base, root), card.base_sha256
        for name, digest in read_base_card(card.base, card.base_sha256, root).shards.items():
            yield root / "bases" / name, digest


def card_file(weights: str, root: Path = ROOT) -> Path:
    """Return where the card of weights lies."""
    return root / "cards" / f"{weights}.json"
