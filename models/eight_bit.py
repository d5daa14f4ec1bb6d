"""How this processor adds 8-bit products, found out by trying: some add them in pairs, and cut off what is too large.

Processors with VNNI instructions add signed weights' products exactly. Those with AVX2 alone do not, but add unsigned
ones exactly, more slowly. Weights moved by 128, with 128 taken off again, give the same sums: which of the two is
used changes the speed and not what is said.
"""

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import onnxruntime as ort

from models.files import ROOT, checked_path

PROBE = ROOT / "eight_bit_probe.onnx"
"""One product of (8, 64) floats and (64, 32) int8 weights of 127, as `models.clip_graph.probe` writes it."""
SHA256 = "03873b54f2c1ad9f16c2f37f8ba1a5a5095e81d9e16b35c4b23eb01825f89a13"
ROWS, INPUTS, OUTPUTS, WEIGHT = 8, 64, 32, 127


@cache
def saturates() -> bool:
    """Tell whether products of signed 8-bit weights are cut off here.

    Raises:
        WeightsMissing, WeightsMismatch: the probe is gone or altered.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    path = checked_path(PROBE, SHA256)
    session = ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    (sums,) = session.run(None, {"x": np.ones((ROWS, INPUTS), np.float32)})
    return bool(np.abs(sums - INPUTS * WEIGHT).max() > 1)


def move_by_128(numbers: Iterable[tuple[str, np.ndarray]]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield a graph's numbers by name, those that are int8 moved by 128 and uint8."""
    for name, value in numbers:
        yield name, value.view(np.uint8) ^ np.uint8(128) if value.dtype == np.int8 else value
