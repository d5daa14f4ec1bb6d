"""`Card`: what is known of one set of weights, read from models/cards."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, get_origin

from models.errors import WeightsMismatch, WeightsMissing
from models.files import ROOT, checked_path

LOSSES, LOOKS = "loss by epoch", "validation AUC by epoch"
"""Parts of a card's `training`: epoch → the training loss, and, where it was looked at, source → validation AUC."""
PREFIX = 16
"""Hex digits of a photo's SHA-256 by which cards name it."""
COURSE = "validation AUC by share of the run"
"""The same of weights that were trained elsewhere: share of the run → source or kind of edit → validation AUC."""


ADAPTED = ("base", "base_sha256", "form", "ranges_sha256", "unsigned_sha256", "proof")
"""Facts of weights that adapt a base; other cards have none of them."""


@dataclass(frozen=True)
class Card:
    """What is known of one set of weights: the facts that loading checks, and those that a reader should weigh.

    Attributes:
        weights: id, ending in the first digits of the file's hash; the file is weights/<id>.safetensors.
        sha256: of that file.
        graph_sha256: of the file weights/<id>.onnx, the network without its numbers, that serves it.
        architecture: name in the registry.
        input_size: side S of the (B, 3, S, S) input in pixels.
        positive: label that a logit above 0 speaks for.
        negative: the other label.
        outputs: 1, or 5 where the four region logits follow.
        date: when training ended, ISO.
        training: data, sampling, schedule, seed.
        licence: of the weights, as the training data's terms allow.
        figures: held-out figures with n, interval and the command that gives them.
        intended: what it is for. `limits`: what it must not be used for. `ethics`: what a wrong answer can do.
        data: collection that it was trained on → how many of its photos, and under which terms.
        failures: where it was measured to fail, a sentence each, the worst first.
        training_sha256: of the file cards/<weights>.photos, by which contamination is told: the first 16 hex digits of
            each training photo's SHA-256, sorted, one a line.
        base: name of the frozen numbers that these weights adapt, see `models.base`; "" where they stand alone.
        base_sha256: of that base's card.
        form: how the adapted network is served, a key of `models.clip_numbers.FORMS`.
        ranges_sha256: of the file weights/<weights>.ranges.safetensors, which some forms need.
        unsigned_sha256: of the file weights/<weights>.unsigned.onnx, the graph for processors that add products of
            signed 8-bit weights with saturation; "" where the form has none.
        proof: logit that the served network gave `models.clip_numbers.trial_picture`.
    """

    weights: str
    sha256: str
    graph_sha256: str
    architecture: str
    input_size: int
    positive: str
    negative: str
    outputs: int
    date: str
    licence: str
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    intended: str = ""
    limits: str = ""
    ethics: str = ""
    data: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    training_sha256: str = ""
    base: str = ""
    base_sha256: str = ""
    form: str = ""
    ranges_sha256: str = ""
    unsigned_sha256: str = ""
    proof: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the card as JSON-able data, without what it says nothing of: older cards stay as they are."""
        data = asdict(self)
        return {name: value for name, value in data.items() if value or name not in ADAPTED}

    def photos(self, root: Path = ROOT) -> set[str]:
        """Return the first 16 hex digits of each training photo's SHA-256; empty where they were not recorded.

        Raises:
            WeightsMissing: the card names a file that is not there.
            WeightsMismatch: the file is not the one that the card names, or holds something else than prefixes.
        """
        path = root / "cards" / f"{self.weights}.photos"
        if not self.training_sha256 and not path.is_file():
            return set()
        photos = set(checked_path(path, self.training_sha256).read_text(encoding="utf-8").split())
        if strange := next((text for text in photos if not re.fullmatch(rf"[0-9a-f]{{{PREFIX}}}", text)), ""):
            raise WeightsMismatch(f"{path.name} holds {strange[:40]!r}, not {PREFIX} hex digits of a photo's SHA-256.")
        return photos

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build a card from JSON-able data.

        Raises:
            WeightsMismatch: a field is missing, unknown or of a wrong type.
        """
        kinds = {entry.name: get_origin(entry.type) or entry.type for entry in fields(cls)}
        name = f"The card of {data.get('weights', '?')}"
        if unknown := sorted(set(data) - set(kinds)):
            raise WeightsMismatch(f"{name} has unknown fields: {', '.join(unknown)}.")
        if wrong := sorted(key for key, value in data.items() if type(value) is not kinds[key]):
            raise WeightsMismatch(f"{name} has fields of a wrong type: {', '.join(wrong)}.")
        try:
            return cls(**data)
        except TypeError as problem:
            raise WeightsMismatch(f"{name} lacks fields: {problem}.") from problem


def read_card(weights: str, root: Path = ROOT) -> Card:
    """Read the card of a weights id.

    Raises:
        WeightsMissing: there is no such card.
        WeightsMismatch: the card is damaged or of another version.
    """
    path = root / "cards" / f"{weights}.json"
    if not path.is_file():
        raise WeightsMissing(
            f"There is no card {path.name} in {path.parent}. Restore it from the project's repository."
        )
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise WeightsMismatch(f"The card {path.name} is not valid JSON: {problem}.") from problem
    if not isinstance(data, dict) or data.get("weights") != weights:
        raise WeightsMismatch(f"The card {path.name} is not that of {weights}.")
    return Card.from_dict(data)


def prefixes(hashes: Iterable[str]) -> tuple[str, ...]:
    """Return the first 16 hex digits of photos' SHA-256, each once, sorted."""
    return tuple(sorted({sha256[:PREFIX] for sha256 in hashes}))
