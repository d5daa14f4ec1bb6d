"""CLIP's ViT-B/16 as it is served: its sizes, and the numbers of its graph, adapters merged into the base. No torch.

The numbers come in one of `FORMS`. All merging goes layer by layer, so that no more than one layer stands
in float32 beside what is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from models.base import floats
from models.errors import WeightsMismatch

BASE = "clip-vit-b16"
WIDTH, HEADS, BLOCKS, PATCH, OUTER = 768, 12, 12, 16, 14
"""Width of a token, attention heads, blocks, side of a patch in pixels, and patches a side in pre-training."""
TAPS, TAPWIDTH = (3, 6, 9, 12), 192
"""Blocks that the heads read, and what they make of each token."""
RANK, SCALED = 16, 2.0
"""Of an adapter where nothing else is said, and what its product is multiplied by."""
LAYERS = MappingProxyType(
    {
        "q": (WIDTH, WIDTH),
        "k": (WIDTH, WIDTH),
        "v": (WIDTH, WIDTH),
        "o": (WIDTH, WIDTH),
        "f1": (WIDTH, 4 * WIDTH),
        "f2": (4 * WIDTH, WIDTH),
    }
)
"""A block's linear layers: how many inputs and outputs."""
JOINED = MappingProxyType({"qkv": ("q", "k", "v"), "o": ("o",), "f1": ("f1",), "f2": ("f2",)})
"""A block's matrix products as they are served: those of one input are one."""
PARTS = ("weight", "bias")
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""CLIP's normalisation of RGB in [0, 1]."""

FLOAT, WEIGHTS8, BLOCKS8, DYNAMIC8, STATIC8 = "float32", "weights8", "blocks8", "dynamic8", "static8"
"""How a matrix product is computed: in float32; with int8 weights; with int8 weights and activations, whose range is
that of `GROUP` inputs of a token; that of the picture; or one that was measured before."""


@dataclass(frozen=True)
class Form:
    """How a network is served: heads, norms and attention always in float32.

    Attributes:
        products: of `JOINED` → how it is computed.
        smoothed: whether inputs with a wide range are divided, and their weights multiplied, so that neither has
            outliers (SmoothQuant: Xiao et al., ICML 2023); needs measured ranges.
    """

    products: Mapping[str, str]
    smoothed: bool = False

    @property
    def measured(self) -> bool:
        """Whether ranges of the activations must be known, see `numbers`."""
        return self.smoothed or STATIC8 in self.products.values()


def _all(kind: str, **other: str) -> Mapping[str, str]:
    return MappingProxyType(dict.fromkeys(JOINED, kind) | other)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "float32": Form(_all(FLOAT)),
        "weights8": Form(_all(WEIGHTS8)),
        "blocks8": Form(_all(BLOCKS8)),
        "dynamic8": Form(_all(DYNAMIC8)),
        "dynamic8, f2 in float32": Form(_all(DYNAMIC8, f2=FLOAT)),
        "dynamic8, smoothed": Form(_all(DYNAMIC8), smoothed=True),
        "static8, smoothed": Form(_all(STATIC8), smoothed=True),
    }
)
"""The forms that were measured side by side, by name."""
PLAIN = "float32"
GROUP = 256
"""Inputs that share one range in `WEIGHTS8` and `BLOCKS8`."""
SMOOTHED, SMOOTHING = ("qkv", "f1", "f2"), 0.75
"""Products whose inputs are smoothed, and how much of their range goes over to the weights; the attention's own output
has no outliers."""
NORMS = MappingProxyType({"qkv": "n1", "f1": "n2"})
"""Norms that a product reads: dividing its inputs costs nothing there."""


def numbers(
    base: Mapping[str, np.ndarray],
    own: Mapping[str, np.ndarray],
    side: int,
    form: str = PLAIN,
    ranges: Mapping[str, np.ndarray] | None = None,
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the numbers of a served graph by their names in it.

    Args:
        base: as stored, from `models.base.read_base`; or the same in float.
        own: what was trained: adapters, norms and heads.
        side: S of the input.
        form: one of `FORMS`.
        ranges: for each product "blocks.<n>.<name>" its inputs' smallest and largest value by channel, (2, inputs)
            float32; only forms that are `measured` need them.

    Raises:
        WeightsMismatch: a tensor is missing or of another shape, in the base, in what was trained or in the ranges.
    """
    patch = floats(base, "patch") / np.array(STD, np.float32)[:, None, None]
    yield "patch.weight", patch
    shift = -(patch.astype(np.float64) * np.array(MEAN)[:, None, None]).sum(axis=(1, 2, 3))
    yield "patch.bias", shift.astype(np.float32)
    yield "tokens", _tokens(base, side // PATCH)
    yield from ((name, _keep(own, name)) for name in own if not name.startswith("blocks."))
    for block in range(BLOCKS):
        stem = f"blocks.{block}."
        norms = {name: [_keep(own, f"{stem}{name}.{part}") for part in PARTS] for name in NORMS.values()}
        for name, layers in JOINED.items():
            merged = np.concatenate([_merge(base, own, stem + layer, LAYERS[layer]) for layer in layers])
            span = _range(ranges, stem + name, merged.shape[1]) if FORMS[form].measured else None
            if FORMS[form].smoothed and span is not None and name in SMOOTHED:
                divisor = _divisor(merged, span)
                merged *= divisor
                span = span / divisor
                if name in NORMS:
                    norms[NORMS[name]] = [numbers / divisor for numbers in norms[NORMS[name]]]
                else:
                    yield f"{stem}{name}.smooth", 1 / divisor
            yield from _matrix(stem + name, merged, FORMS[form].products[name], span)
            yield f"{stem}{name}.bias", np.concatenate([floats(base, f"{stem}{layer}.bias") for layer in layers])
        for name, tensors in norms.items():
            yield from ((f"{stem}{name}.{part}", tensor) for part, tensor in zip(PARTS, tensors, strict=True))


def _range(ranges: Mapping[str, np.ndarray] | None, name: str, inputs: int) -> np.ndarray:
    """Return the measured range of a product's inputs, (2, inputs)."""
    if ranges is None or name not in ranges or ranges[name].shape != (2, inputs):
        raise WeightsMismatch(f"the range of the inputs of {name} was not measured")
    return ranges[name]


def _divisor(matrix: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Return by what each input is divided, (inputs,) float32, its geometric mean 1.

    Args:
        matrix: (outputs, inputs).
        span: (2, inputs), the inputs' smallest and largest values.
    """
    wide = np.abs(span).max(axis=0)
    weights = np.maximum(np.abs(matrix).max(axis=0), 1e-5)
    wide = np.maximum(wide, 1e-3 * wide.max()).astype(np.float64)
    divisor = wide**SMOOTHING / weights.astype(np.float64) ** (1 - SMOOTHING)
    return (divisor / np.exp(np.log(divisor).mean())).astype(np.float32)


def _keep(own: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...] = ()) -> np.ndarray:
    if name not in own:
        raise WeightsMismatch(f"it has no tensor {name!r}")
    if shape and own[name].shape != shape:
        raise WeightsMismatch(
            f"{name} is {own[name].shape}, not {shape}: an adapter of another rank, or of another base"
        )
    return own[name].astype(np.float32)


def _merge(
    base: Mapping[str, np.ndarray], own: Mapping[str, np.ndarray], layer: str, size: tuple[int, int]
) -> np.ndarray:
    """Return a layer's (outputs, inputs) float32 with its adapter added.

    The product is made in float64: in float32 its last digits depend on the processor and on the number of threads, and
    8-bit products carry such a digit to a tenth of a logit.
    """
    inputs, outputs = size
    b = _keep(own, f"{layer}.b")
    rank = b.shape[-1]  # any, but the same of both
    a, b = _keep(own, f"{layer}.a", (rank, inputs)), _keep(own, f"{layer}.b", (outputs, rank))
    matrix = floats(base, f"{layer}.weight")
    if matrix.shape != (outputs, inputs):
        raise WeightsMismatch(f"the base's {layer} is {matrix.shape}, not {(outputs, inputs)}")
    matrix += (SCALED * (b.astype(np.float64) @ a.astype(np.float64))).astype(np.float32)
    return matrix


def _matrix(name: str, matrix: np.ndarray, kind: str, span: np.ndarray | None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield a product's numbers.

    Args:
        name: of the product.
        matrix: (outputs, inputs) float32.
        kind: how it is computed.
        span: (2, inputs), the inputs' range, for `STATIC8`.
    """
    if kind == FLOAT:
        yield f"{name}.weight", np.ascontiguousarray(matrix.T)
    elif kind in (DYNAMIC8, STATIC8):
        scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
        yield f"{name}.weight", np.ascontiguousarray(np.rint(matrix / scale[:, None]).astype(np.int8).T)
        yield f"{name}.scale", scale
        if kind == STATIC8 and span is not None:
            low, high = min(float(span[0].min()), 0.0), max(float(span[1].max()), 1e-6)
            yield f"{name}.step", np.array((high - low) / 255, np.float32)
            yield f"{name}.zero", np.array(round(-low * 255 / (high - low)), np.uint8)
    else:
        grouped = matrix.reshape(len(matrix), -1, GROUP)
        scale = np.maximum(np.abs(grouped).max(axis=2), 1e-12) / np.float32(127)
        grouped = grouped / scale[:, :, None] + np.float32(128.5)
        yield f"{name}.weight", grouped.astype(np.uint8)
        yield f"{name}.scale", scale


def _tokens(base: Mapping[str, np.ndarray], side: int) -> np.ndarray:
    """Return what is added to every token, (1, 1 + side², 768): its place, and of the first what it is.

    The table is pre-trained for 14 × 14 patches and resized as torch's bicubic interpolation does, align_corners false.
    """
    table = floats(base, "position").astype(np.float64)
    resized = _cubic(OUTER, side) @ table[1:].reshape(OUTER, -1)
    resized = _cubic(OUTER, side) @ resized.reshape(side, OUTER, WIDTH).transpose(1, 0, 2).reshape(OUTER, -1)
    places = resized.reshape(side, side, WIDTH).transpose(1, 0, 2).reshape(-1, WIDTH)
    return np.concatenate([floats(base, "cls")[None] + table[:1], places])[None].astype(np.float32)


def _cubic(inner: int, outer: int) -> np.ndarray:
    """Return (outer, inner) float64: the weights of bicubic resizing along one axis (Keys, 1981, a = −0.75)."""
    a, matrix = -0.75, np.zeros((outer, inner))
    for row in range(outer):
        place = (row + 0.5) * inner / outer - 0.5
        first = int(np.floor(place))
        for neighbour in range(first - 1, first + 3):
            x = abs(place - neighbour)
            near = (a + 2) * x**3 - (a + 3) * x**2 + 1
            weight = near if x <= 1 else a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
            matrix[row, min(max(neighbour, 0), inner - 1)] += weight
    return matrix


def trial_picture(side: int) -> np.ndarray:
    """Return the picture that a served network is tried on, (1, 3, side, side) float32: everybody can make it.

    A processor that adds 8-bit products with saturation gives it another logit; those without VNNI instructions do.
    """
    across = np.arange(side, dtype=np.float64) / side
    waves = [np.sin(2 * np.pi * (a * across[:, None] + b * across)) for a, b in ((3, 5), (17, 2), (41, 37))]
    return np.asarray(0.5 + 0.45 * np.stack(waves)[None], np.float32)
