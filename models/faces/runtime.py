"""Run the bundled face networks, each file checked by hash before its first use."""

from functools import cache
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
import onnxruntime as ort
from ai_edge_litert.interpreter import Interpreter

from models.files import checked_path

HERE = Path(__file__).resolve().parent

SHA256 = {
    "blazeface_short_range.tflite": "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    "face_mesh.tflite": "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    "retinaface_mobilenet025.onnx": "b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5",
}


class TFLite:
    """A TFLite network called like a function. An interpreter holds state, so each thread has its own."""

    def __init__(self, name: str) -> None:
        self._content = checked_path(HERE / name, SHA256[name]).read_bytes()
        self._mine = local()

    def _interpreter(self) -> Any:
        if not hasattr(self._mine, "interpreter"):
            interpreter: Any = Interpreter(model_content=self._content, num_threads=1)
            interpreter.allocate_tensors()
            self._mine.input = interpreter.get_input_details()[0]["index"]
            self._mine.outputs = [detail["index"] for detail in interpreter.get_output_details()]
            self._mine.interpreter = interpreter
        return self._mine.interpreter

    def __call__(self, tensor: np.ndarray) -> list[np.ndarray]:
        """Run one (1, S, S, 3) float32 input, and return copies of all outputs."""
        interpreter = self._interpreter()
        interpreter.set_tensor(self._mine.input, tensor)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in self._mine.outputs]


@cache
def tflite(name: str) -> TFLite:
    """Return the process-wide runner of a bundled TFLite file."""
    return TFLite(name)


@cache
def onnx(name: str) -> Any:
    """Return the process-wide single-threaded ONNX session of a bundled file."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    path = checked_path(HERE / name, SHA256[name])
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
