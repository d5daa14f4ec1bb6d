"""`Base`: the frozen numbers of a large pre-trained network, stored once, that several weights adapt.

`bases/<name>.json` is its card; beside it lie its shards `bases/<name>-<k>.safetensors`, of at most 20 MB each so that
a repository takes them, with their SHA-256 on the card. The rows of large matrices are int8 with one scale a row
(symmetric: W = q · scale), everything else is float16.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.errors import WeightsMismatch, WeightsMissing
from models.files import ROOT, checked_path, sha256_of, write_json

SHARD = 20_000_000
"""Bytes of a shard's tensors at most."""
SCALE = ".scale"
"""Ending of the scales of an int8 tensor's rows."""


@dataclass(frozen=True)
class Base:
    """What is known of a base.

    Attributes:
        name: of its files.
        architecture: what it is, in words.
        shards: file → its SHA-256.
        parameters: how many numbers it has.
        source: where it comes from, with the SHA-256 of that file.
        licence: and how sure that is.
        training: what it was trained on, as far as it is known.
        made_by: the command that writes these files from the source.
    """

    name: str
    architecture: str
    shards: dict[str, str]
    parameters: int
    source: str
    licence: str
    training: str
    made_by: str

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Build a base's card from JSON-able data.

        Raises:
            WeightsMismatch: a field is missing, unknown or of a wrong type.
        """
        kinds = {entry.name: entry.type for entry in fields(cls)}
        right = isinstance(data, dict) and set(data) == set(kinds) and isinstance(data["shards"], dict)
        if not right or any(kinds[key] in (str, int) and type(value) is not kinds[key] for key, value in data.items()):
            raise WeightsMismatch(f"The card of the base must have the fields {', '.join(kinds)}, each of its type.")
        return cls(**data)


def card_path(name: str, root: Path = ROOT) -> Path:
    """Return where a base's card lies."""
    return root / "bases" / f"{name}.json"


def read_base_card(name: str, sha256: str = "", root: Path = ROOT) -> Base:
    """Read a base's card.

    Args:
        name: of the base.
        sha256: that the card must have, as the weights that adapt it name it; "" for the one that is here.
        root: where bases lie.

    Raises:
        WeightsMissing: there is no such base.
        WeightsMismatch: it is another than the one named, or damaged.
    """
    path = card_path(name, root)
    if not path.is_file():
        raise WeightsMissing(
            f"The base {name} is not here: {path.name} is missing from {path.parent}. "
            "Restore it from the project's repository."
        )
    try:
        text = (checked_path(path, sha256) if sha256 else path).read_text(encoding="utf-8")
        return Base.from_dict(json.loads(text))
    except ValueError as problem:
        raise WeightsMismatch(f"The card {path.name} is not valid JSON: {problem}.") from problem


_reading = Lock()


@lru_cache(1)
def _tensors(base: tuple[tuple[str, str], ...], folder: Path) -> Mapping[str, np.ndarray]:
    tensors: dict[str, np.ndarray] = {}
    for file, sha256 in base:
        path = checked_path(folder / file, sha256)
        try:
            tensors |= load_file(path)
        except SafetensorError as problem:
            raise WeightsMismatch(f"{path.name} cannot be read: {problem}") from problem
    return tensors


def read_base(name: str, sha256: str = "", root: Path = ROOT) -> Mapping[str, np.ndarray]:
    """Return a base's tensors as they are stored; every shard's hash is compared. `forget` frees them.

    Raises:
        WeightsMissing, WeightsMismatch: see `read_base_card`, or the same of a shard.
    """
    card = read_base_card(name, sha256, root)
    with _reading:  # two stages that load at once share one copy
        return _tensors(tuple(card.shards.items()), root / "bases")


def forget() -> None:
    """Free the base that was read last: it is needed only while weights are loaded."""
    _tensors.cache_clear()


def floats(tensors: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Return one tensor of a base as float32.

    Raises:
        WeightsMismatch: the base has no such tensor.
    """
    try:
        stored = tensors[name]
        scale = tensors[name + SCALE] if stored.dtype == np.int8 else None
    except KeyError as problem:
        raise WeightsMismatch(f"The base has no tensor {problem}.") from problem
    values = stored.astype(np.float32)
    return values if scale is None else values * scale.reshape(-1, *[1] * (values.ndim - 1))


def write_base(tensors: Mapping[str, np.ndarray], facts: dict[str, Any], root: Path = ROOT) -> Base:
    """Write a base's shards and its card.

    Args:
        tensors: int8 ones with their scales, all others float16.
        facts: the card's fields, less `shards` and `parameters`.
        root: where bases lie.
    """
    folder = root / "bases"
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, np.ndarray]] = [{}]
    for name, tensor in tensors.items():
        if parts[-1] and sum(held.nbytes for held in parts[-1].values()) + tensor.nbytes > SHARD:
            parts.append({})
        parts[-1][name] = np.ascontiguousarray(tensor)
    shards = {}
    for number, part in enumerate(parts, 1):
        path = folder / f"{facts['name']}-{number}.safetensors"
        save_file(part, path)
        path.chmod(0o644)
        shards[path.name] = sha256_of(path)
    count = sum(tensor.size for name, tensor in tensors.items() if not name.endswith(SCALE))
    base = Base(**facts, shards=shards, parameters=count)
    write_json(card_path(base.name, root), asdict(base))
    return base
