"""A detector as an ONNX graph without its numbers: these stay in the safetensors file, the one place for them.

Publishing weights needs this module and the package onnx, and so does measuring networks that are not published.
Serving does without both, and without torch.
"""

import copy
import io
import warnings

import torch
from torch import nn

from models.detector import Detector
from models.serving import FEATURES, INPUT, PREFIX, SCORES

OPSET = 20


class _Scores(nn.Module):
    """Scores (B, outputs) and pooled features (B, C) of pixels; the served head sums row by row by itself."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        detector = self.detector
        features = detector.features((pixels - detector.mean) / detector.std)
        return detector.head(features), features


def graph_of(detector: Detector, input_size: int) -> bytes:
    """Return the ONNX file that `models.serving` runs with the detector's tensors.

    Args:
        detector: in eval mode; its batch norms are kept, the runtime folds them.
        input_size: side S of the input in pixels.
    """
    if (written := detector.own_graph(input_size)) is not None:
        return written
    import onnx

    detector = copy.deepcopy(detector)
    for tensor in detector.state_dict().values():  # the exporter would make one of tensors that are alike
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1)
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of shapes that become constants: they are meant to
        torch.onnx.export(
            _Scores(detector).eval(),
            (torch.zeros(1, 3, input_size, input_size),),
            buffer,  # type: ignore[arg-type]  # this exporter takes any file
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[SCORES, FEATURES],
            dynamic_axes={INPUT: {0: "batch"}},
            do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE,  # else the exporter folds the norms and renames the tensors
        )
    model = onnx.load_from_string(buffer.getvalue())
    for tensor in model.graph.initializer:
        if tensor.name.removeprefix(PREFIX) in detector.state_dict():
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="safetensors")
    return model.SerializeToString(deterministic=True)
