"""`Network`: released weights as the cascade runs them, through onnxruntime in fp32; no torch.

About twice as fast on a processor as the same network in torch, and a picture's scores are the same to the last bit
alone and in any batch. The graph comes from `models.graph`, the numbers from the safetensors file.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.card import Card, read_card
from models.errors import WeightsMismatch
from models.files import ROOT, checked

INPUT, SCORES, FEATURES = "pixels", "scores", "features"
PREFIX = "detector."
"""Before each tensor's name in a graph."""

_MISFITS = (ort_errors.Fail, ort_errors.InvalidArgument, ort_errors.InvalidGraph, ort_errors.InvalidProtobuf)


class Network:
    """(B, 3, S, S) float32 RGB in [0, 1] → (B, outputs) float32 logits, on one thread; any number of threads may call.

    The columns are those of `models.detector.Logits`: the logit, then the region logits where the network has them.
    """

    def __init__(self, graph: bytes, tensors: dict[str, np.ndarray]) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1  # whoever has many pictures calls from many threads: no core waits for another
        options.log_severity_level = 3
        values = {PREFIX + name: value for name, value in tensors.items() if value.dtype == np.float32}
        self._kept = [ort.OrtValue.ortvalue_from_numpy(value) for value in values.values()]
        options.add_external_initializers(list(values), self._kept)
        self._session: Any = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._scores, *more = (output.name for output in self._session.get_outputs())
        self.tells_features = FEATURES in more

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Score a batch."""
        (scores,) = self._session.run([self._scores], {INPUT: pixels})
        return scores

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Return what the head reads of a batch, (B, C) float32; graphs of before `tells_features` have none."""
        (features,) = self._session.run([FEATURES], {INPUT: pixels})
        return features


def serve(weights: str, root: Path = ROOT) -> tuple[Network, Card]:
    """Load weights by id: both files' hashes compared with the card.

    Raises:
        WeightsMissing: card or file absent.
        WeightsMismatch: a file is not the one the card names, or the two do not fit each other.
    """
    card = read_card(weights, root)
    path = checked(root / "weights" / f"{weights}.safetensors", card.sha256)
    graph = checked(root / "weights" / f"{weights}.onnx", card.graph_sha256)
    try:
        return Network(graph.read_bytes(), load_file(path)), card
    except (SafetensorError, *_MISFITS) as problem:
        raise WeightsMismatch(f"{path.name} does not fit {graph.name}: {problem}") from problem
