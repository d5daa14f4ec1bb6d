"""`Network`: released weights as the cascade runs them, through onnxruntime; no torch.

About twice as fast on a processor as the same network in torch, and a picture's scores are the same to the last bit
alone and in any batch. The graph comes from `models.graph`, the numbers from the safetensors file; those of weights
that adapt a base are merged into it here, once, in the form that their card names.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models import eight_bit
from models.base import read_base
from models.card import Card, read_card
from models.clip_numbers import FORMS, numbers, trial_picture
from models.errors import WeightsMismatch
from models.files import ROOT, checked_path

INPUT, SCORES, FEATURES, MASK = "pixels", "scores", "features", "mask"
PREFIX = "detector."
"""Before each tensor's name in a graph."""

PROVED = 0.5
"""Logits by which a network may differ from its card. Other processors sum floats in another order, and 8-bit products
carry the last digit of such a sum to a tenth of a logit, the size of their own error; a wrong kernel is further off."""

_MISFITS = (ort_errors.Fail, ort_errors.InvalidArgument, ort_errors.InvalidGraph, ort_errors.InvalidProtobuf)


class Answers(NamedTuple):
    """All that a network says of a batch.

    Attributes:
        scores: (B, outputs) float32 logits; the columns are those of `models.detector.Logits`: the logit, then the
            region logits where the network has them.
        features: what the head reads, (B, C) float32, where the graph tells it.
        masks: logits of the edit mask, (B, h, w) float32, where the graph tells them.
    """

    scores: np.ndarray
    features: np.ndarray | None = None
    masks: np.ndarray | None = None

    def of(self, rows: Sequence[int]) -> Self:
        """Return what is said of some pictures of the batch."""
        scores, features, masks = (None if part is None else part[list(rows)] for part in self)
        assert scores is not None
        return type(self)(scores, features, masks)

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Return what is said of several batches as what is said of one."""
        of_each = zip(*parts, strict=True)
        scores, features, masks = (None if part[0] is None else np.concatenate(part) for part in of_each)
        assert scores is not None
        return cls(scores, features, masks)


class Network:
    """From (B, 3, S, S) float32 RGB in [0, 1] to logits, (B, outputs). Any number of threads may call.

    A graph that was made for one picture gets one at a time. Each runs on one thread; a single picture may be given
    more, and gets the same numbers.
    """

    def __init__(self, graph: bytes, tensors: Mapping[str, np.ndarray], wide: int = 1) -> None:
        """Load a graph.

        Args:
            graph: from `models.graph`.
            tensors: its numbers.
            wide: threads for a picture that is asked for alone.
        """
        values = {PREFIX + name: value for name, value in tensors.items() if value.dtype != np.int64}  # counters
        self._graph, self._names_held = graph, list(values)
        self._kept = [ort.OrtValue.ortvalue_from_numpy(np.asarray(value, order="C")) for value in values.values()]
        self._session = self._session_of(
            1
        )  # whoever has many pictures calls from many threads: no core waits for another
        outputs = {output.name: output.shape[1:] for output in self._session.get_outputs()}
        self._names = list(outputs)
        self._shapes = {
            name: [side if isinstance(side, int) else 1 for side in sides] for name, sides in outputs.items()
        }
        self._alone = self._session.get_inputs()[0].shape[0] == 1
        self._wide = self._session_of(wide) if wide > 1 and self._alone else self._session
        self.tells_features, self.tells_masks = FEATURES in self._names, MASK in self._names

    def _session_of(self, threads: int) -> Any:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.force_spinning_stop", "1")  # else it takes the next network's core
        options.add_external_initializers(self._names_held, self._kept)
        return ort.InferenceSession(self._graph, options, providers=["CPUExecutionProvider"])

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Score a batch."""
        return self.outputs([self._names[0]], pixels)[0]

    def answers(self, pixels: np.ndarray) -> Answers:
        """Return all that is said of a batch, at the cost of its scores."""
        outputs = dict(zip(self._names, self.outputs(self._names, pixels), strict=True))
        scores, *_ = outputs.values()
        return Answers(scores, outputs.get(FEATURES), outputs[MASK][:, 0] if MASK in outputs else None)

    def outputs(self, names: list[str], pixels: np.ndarray) -> list[np.ndarray]:
        """Return some outputs of the graph, by name, of a batch."""
        if not len(pixels):  # the graph is asked nothing, but the shapes are wanted
            return [np.empty((0, *self._shapes[name]), np.float32) for name in names]
        if not self._alone or len(pixels) == 1:
            session = self._wide if len(pixels) == 1 else self._session
            return list(session.run(names, {INPUT: pixels}))
        parts = [self._session.run(names, {INPUT: pixel}) for pixel in np.split(pixels, len(pixels))]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]


def serve(weights: str, root: Path = ROOT, wide: int = 1) -> tuple[Network, Card]:
    """Load weights by id: all files' hashes compared with the card.

    Args:
        weights: id.
        root: where cards and weights lie.
        wide: threads for a single picture, see `Network`.

    Raises:
        WeightsMissing: card or file absent, or the base that the weights adapt.
        WeightsMismatch: a file is not the one the card names, or two do not fit each other; or this processor gives
            8-bit products other sums than those that the release was calibrated with.
    """
    card = read_card(weights, root)
    network = open_network(card, root, wide)
    _try_picture(network, card)
    return network, card


def open_network(card: Card, root: Path = ROOT, wide: int = 1) -> Network:
    """Load the network of a card, as this processor runs it best; see `serve`, which also compares what it says."""
    path = checked_path(root / "weights" / f"{card.weights}.safetensors", card.sha256)
    unsigned = bool(card.unsigned_sha256) and eight_bit.saturates()
    ending, sha256 = (".unsigned.onnx", card.unsigned_sha256) if unsigned else (".onnx", card.graph_sha256)
    graph = checked_path(root / "weights" / f"{card.weights}{ending}", sha256)
    try:
        return Network(graph.read_bytes(), served_tensors(card, load_file(path), root, unsigned), wide)
    except (SafetensorError, *_MISFITS) as problem:
        raise WeightsMismatch(f"{path.name} does not fit {graph.name}: {problem}") from problem


def _try_picture(network: Network, card: Card) -> None:
    """Compare what an 8-bit network says of a known picture with its card.

    Raises:
        WeightsMismatch: they differ.
    """
    if not card.base:
        return
    logit = float(network(trial_picture(card.input_size))[0, 0])
    if not abs(logit - card.proof) <= PROVED:
        raise WeightsMismatch(
            f"{card.weights} gives its test picture {logit:.2f} on this processor, not {card.proof:.2f} as its card "
            "says: its products are computed wrongly here. Use the quick release, which is in float32."
        )


def served_tensors(
    card: Card, own: Mapping[str, np.ndarray], root: Path = ROOT, unsigned: bool = False
) -> Mapping[str, np.ndarray]:
    """Return the numbers of a card's graph: its weights, merged into their base where they adapt one.

    Args:
        card: of the weights.
        own: the weights.
        root: where the base lies.
        unsigned: whether 8-bit weights are moved by 128, see `models.eight_bit`.

    Raises:
        WeightsMissing: the base is not here.
        WeightsMismatch: the base is another or damaged, or the weights do not fit it; the message names the file.
    """
    if not card.base:
        return own
    if card.form not in FORMS:
        raise WeightsMismatch(f"{card.weights} is to be served as {card.form!r}, which this version does not know.")
    ranges = None
    if FORMS[card.form].measured:
        ranges = load_file(checked_path(root / "weights" / f"{card.weights}.ranges.safetensors", card.ranges_sha256))
    base = read_base(card.base, card.base_sha256, root)
    try:
        merged = numbers(base, own, card.input_size, card.form, ranges)
        return dict(eight_bit.move_by_128(merged) if unsigned else merged)
    except WeightsMismatch as problem:
        raise WeightsMismatch(f"{card.weights}.safetensors does not fit the base {card.base}: {problem}.") from problem
