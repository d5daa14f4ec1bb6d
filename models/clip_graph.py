"""CLIP's ViT-B/16 as an ONNX graph without its numbers, which `models.clip_numbers` gives; see `models.graph`.

Written node by node, with the runtime's own fused layers, so that the products of a block can be in int8. A graph takes
one picture: a range of activations must be that of the picture alone.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models import eight_bit
from models.clip_numbers import (
    BLOCKS,
    BLOCKS8,
    DYNAMIC8,
    FLOAT,
    FORMS,
    GROUP,
    HEADS,
    JOINED,
    LAYERS,
    NORMS,
    PATCH,
    PLAIN,
    SMOOTHED,
    TAPS,
    TAPWIDTH,
    WEIGHTS8,
    WIDTH,
    Form,
)
from models.serving import FEATURES, INPUT, MASK, PREFIX, SCORES

OPSET = 20
MIXED = 256
OWN = "com.microsoft"
"""The runtime's own layers (onnxruntime, ContribOperators.md)."""
EPSILON = 1e-5


@dataclass
class Sketch:
    """Nodes and initializers as they are written; each method adds a node and returns its output's name."""

    nodes: list[Any] = field(default_factory=list)
    held: dict[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    inside: list[Any] = field(default_factory=list)
    unsigned: bool = False

    def add(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """Add a node; return the name of its output, or their names."""
        import onnx

        names = [f"{kind}_{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(onnx.helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def number(self, name: str, shape: tuple[int, ...], kind: str = "FLOAT") -> str:
        """Declare a tensor that lies outside the graph."""
        import onnx

        self.held[name] = (getattr(onnx.TensorProto, kind), shape)
        return PREFIX + name

    def constant(self, *values: int) -> str:
        """Write whole numbers into the graph."""
        import onnx

        name = f"constant_{len(self.inside)}"
        self.inside.append(onnx.helper.make_tensor(name, onnx.TensorProto.INT64, [len(values)], values))
        return name

    def byte(self, value: int) -> str:
        """Write an unsigned byte into the graph, once."""
        import onnx

        name = f"byte_{value}"
        if all(tensor.name != name for tensor in self.inside):
            self.inside.append(onnx.helper.make_tensor(name, onnx.TensorProto.UINT8, [], [value]))
        return name

    def norm(self, x: str, name: str) -> str:
        """Add a layer norm over tokens of `WIDTH`."""
        scale, bias = (self.number(f"{name}.{part}", (WIDTH,)) for part in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def linear(self, x: str, name: str, inputs: int, outputs: int) -> str:
        """Add a head's linear layer, whose matrix is (outputs, inputs), to (T, inputs)."""
        matrix = self.number(f"{name}.weight", (outputs, inputs))
        return self.add("Gemm", x, matrix, self.number(f"{name}.bias", (outputs,)), transB=1)


def graph(side: int, outputs: int, form: str = PLAIN, unsigned: bool = False) -> bytes:
    """Return the ONNX file of one picture's scores, features and mask.

    Args:
        side: S of the input, a multiple of 16.
        outputs: of the head.
        form: one of `models.clip_numbers.FORMS`.
        unsigned: whether 8-bit weights come moved by 128, see `models.eight_bit`.
    """
    import onnx

    draft, cells = Sketch(unsigned=unsigned), side // PATCH
    kept = _tower(draft, cells, FORMS[form])
    scores, features, mask = _heads(draft, kept, cells, outputs)
    ends = {
        SCORES: (scores, [1, outputs]),
        FEATURES: (features, [1, MIXED + TAPWIDTH * len(TAPS)]),
        MASK: (mask, [1, 1, cells, cells]),
    }
    for name, (node, _) in ends.items():
        draft.nodes.append(onnx.helper.make_node("Identity", [node], [name]))
    drawing = onnx.helper.make_graph(
        draft.nodes,
        "clip_vit_b16",
        [onnx.helper.make_tensor_value_info(INPUT, onnx.TensorProto.FLOAT, [1, 3, side, side])],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, (_, shape) in ends.items()],
        [*draft.inside, *(_outside(PREFIX + name, *held) for name, held in draft.held.items())],
    )
    opsets = [onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid(OWN, 1)]
    model = onnx.helper.make_model(drawing, opset_imports=opsets, ir_version=10, producer_name="telltale")
    return model.SerializeToString(deterministic=True)


def probe() -> bytes:
    """Return the graph by which `models.eight_bit` finds out how 8-bit products are added."""
    import onnx

    make = onnx.helper
    weights = np.full((eight_bit.INPUTS, eight_bit.OUTPUTS), eight_bit.WEIGHT, np.int8)
    held = [
        make.make_tensor("weights", onnx.TensorProto.INT8, weights.shape, weights.tobytes(), raw=True),
        make.make_tensor("scale", onnx.TensorProto.FLOAT, [], [1.0]),
    ]
    node = make.make_node("DynamicQuantizeMatMul", ["x", "weights", "scale"], ["sums"], domain=OWN)
    ends = (("x", eight_bit.INPUTS), ("sums", eight_bit.OUTPUTS))
    ends_of = [make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [eight_bit.ROWS, size]) for name, size in ends]
    opsets = [make.make_opsetid("", OPSET), make.make_opsetid(OWN, 1)]
    drawn = make.make_graph([node], "eight_bit_probe", ends_of[:1], ends_of[1:], held)
    model = make.make_model(drawn, opset_imports=opsets, ir_version=10, producer_name="telltale")
    return model.SerializeToString(deterministic=True)


def with_product_inputs(written: bytes) -> tuple[bytes, dict[str, str]]:
    """Let a graph in float32 also tell what its products are given: product → name of the output that tells it."""
    import onnx

    model = onnx.load_from_string(written)
    outputs = {}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1].startswith(f"{PREFIX}blocks."):
            outputs[node.input[1].removeprefix(PREFIX).removesuffix(".weight")] = node.input[0]
    for name in outputs.values():
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return model.SerializeToString(deterministic=True), outputs


def _outside(name: str, kind: int, shape: tuple[int, ...]) -> Any:
    """Return an initializer whose numbers lie in another file."""
    import onnx

    tensor = onnx.TensorProto(name=name, data_type=kind, dims=shape, data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="safetensors")
    return tensor


def _tower(draft: Sketch, cells: int, form: Form) -> list[str]:
    """Add patches and blocks; return the tokens after each block of `TAPS`."""
    matrix = draft.number("patch.weight", (WIDTH, 3, PATCH, PATCH))
    x = draft.add("Conv", INPUT, matrix, draft.number("patch.bias", (WIDTH,)), strides=[PATCH, PATCH])
    x = draft.add("Transpose", draft.add("Reshape", x, draft.constant(1, WIDTH, -1)), perm=[0, 2, 1])
    x = draft.add("Pad", x, draft.constant(0, 1, 0, 0, 0, 0))  # the first token, which stands for the whole picture
    x = draft.add("Add", x, draft.number("tokens", (1, cells**2 + 1, WIDTH)))
    x, kept = draft.norm(x, "pre"), []
    for number in range(BLOCKS):
        x = _block(draft, x, f"blocks.{number}.", form)
        if number + 1 in TAPS:
            kept.append(x)
    return kept


def _block(draft: Sketch, x: str, stem: str, form: Form) -> str:
    joint = _product(draft, draft.norm(x, f"{stem}n1"), f"{stem}qkv", form)
    q, k, v = draft.add("Split", joint, outputs=3, axis=2, num_outputs=3)
    attended = draft.add("MultiHeadAttention", q, k, v, domain=OWN, num_heads=HEADS)
    x = draft.add("Add", x, _product(draft, attended, f"{stem}o", form))
    inner = _product(draft, draft.norm(x, f"{stem}n2"), f"{stem}f1", form)
    inner = draft.add("QuickGelu", inner, domain=OWN, alpha=1.702)
    return draft.add("Add", x, _product(draft, inner, f"{stem}f2", form))


def _product(draft: Sketch, x: str, name: str, form: Form) -> str:
    """Add one of a block's matrix products in its form."""
    part = name.rsplit(".", 1)[1]
    kind, layers = form.products[part], [LAYERS[layer] for layer in JOINED[part]]
    inputs, outputs = layers[0][0], sum(wide for _, wide in layers)
    bias = draft.number(f"{name}.bias", (outputs,))
    if form.smoothed and part in SMOOTHED and part not in NORMS:
        x = draft.add("Mul", x, draft.number(f"{name}.smooth", (inputs,)))
    if kind == FLOAT:
        return draft.add("Add", draft.add("MatMul", x, draft.number(f"{name}.weight", (inputs, outputs))), bias)
    if kind in (WEIGHTS8, BLOCKS8):
        matrix = draft.number(f"{name}.weight", (outputs, inputs // GROUP, GROUP), "UINT8")
        scale = draft.number(f"{name}.scale", (outputs, inputs // GROUP))
        how = {"bits": 8, "block_size": GROUP, "accuracy_level": 4 if kind == BLOCKS8 else 1}
        return draft.add("MatMulNBits", x, matrix, scale, "", "", bias, domain=OWN, K=inputs, N=outputs, **how)
    matrix = draft.number(f"{name}.weight", (inputs, outputs), "UINT8" if draft.unsigned else "INT8")
    scale, moved = draft.number(f"{name}.scale", (outputs,)), draft.byte(128) if draft.unsigned else ""
    if kind == DYNAMIC8:
        return draft.add("DynamicQuantizeMatMul", x, matrix, scale, moved, bias, domain=OWN)
    step, zero = draft.number(f"{name}.step", ()), draft.number(f"{name}.zero", (), "UINT8")
    x = draft.add("QuantizeLinear", x, step, zero)
    return draft.add("MatMulIntegerToFloat", x, matrix, step, scale, zero, moved, bias, domain=OWN)


def _heads(draft: Sketch, kept: list[str], cells: int, outputs: int) -> tuple[str, str, str]:
    """Add what reads the tokens; return the names of scores, features and mask. The mask is (1, 1, cells, cells)."""
    first, rest = draft.constant(0), draft.constant(1)
    patches, whole = [], []
    for number, x in enumerate(kept):
        x = draft.add("Reshape", x, draft.constant(-1, WIDTH))
        inner = draft.add("Slice", x, rest, draft.constant(cells**2 + 1), draft.constant(0))
        patches.append(_tap(draft, inner, f"taps.{number}"))
        whole.append(_tap(draft, draft.add("Slice", x, first, rest, draft.constant(0)), f"ctap.{number}"))
    maps = draft.add("Transpose", draft.add("Concat", *patches, axis=1), perm=[1, 0])
    maps = draft.add("Gelu", draft.add("Reshape", maps, draft.constant(1, TAPWIDTH * len(TAPS), cells, cells)))
    matrix = draft.number("mix.1.weight", (MIXED, TAPWIDTH * len(TAPS), 3, 3))
    mixed = draft.add("Conv", maps, matrix, draft.number("mix.1.bias", (MIXED,)), pads=[1, 1, 1, 1])
    mixed = draft.add("Gelu", mixed)
    mask = draft.add("Conv", mixed, draft.number("mask.weight", (1, MIXED, 1, 1)), draft.number("mask.bias", (1,)))
    flat = draft.add("Reshape", mixed, draft.constant(MIXED, -1))
    share = draft.add("Softmax", draft.add("Reshape", mask, draft.constant(-1, 1)), axis=0)
    noticed = draft.add("Reshape", draft.add("MatMul", flat, share), draft.constant(1, MIXED))
    plain = draft.add("Reshape", draft.add("ReduceMean", flat, draft.constant(1)), draft.constant(1, MIXED))
    pooled = draft.add("Mean", noticed, plain)
    features = draft.add("Concat", pooled, draft.add("Gelu", draft.add("Concat", *whole, axis=1)), axis=1)
    return draft.linear(features, "head", MIXED + TAPWIDTH * len(TAPS), outputs), features, mask


def _tap(draft: Sketch, x: str, name: str) -> str:
    return draft.linear(draft.norm(x, f"{name}.0"), f"{name}.1", WIDTH, TAPWIDTH)
