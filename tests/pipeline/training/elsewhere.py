"""A pretended GPU: tensors that say they lie there, compute on the processor, and refuse company that lies elsewhere.

Code for a GPU that was never run on one fails first where a tensor was left behind on the processor. Here it fails
without one. What a GPU alone can get wrong, its own kernels and its memory, is not seen; nor are gradients.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

GPU = torch.device("meta")
"""A device by whose name torch without CUDA lets tensors go; what lies there has numbers here."""
CPU = torch.device("cpu")
CARRIES = ("copy_", "_to_copy")
"""Operations that may read from one device and write to another."""
INDEXES = ("index", "index_put_", "index_put", "_unsafe_index_put")
"""Operations whose places, but not whose values, may lie on the processor while what they read is on a GPU."""


class OtherDevice(RuntimeError):
    """An operation was given tensors of two devices."""


class Far(torch.Tensor):
    """A tensor that says it lies on `GPU`; its numbers are in `near`."""

    near: torch.Tensor

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> "Far":
        layout = {"strides": near.stride(), "storage_offset": near.storage_offset(), "dtype": near.dtype}
        return torch.Tensor._make_wrapper_subclass(cls, near.size(), device=GPU, **layout)

    def __init__(self, near: torch.Tensor) -> None:
        self.near = near

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _call(func, args, kwargs or {})


class _Pretending(TorchDispatchMode):
    """Sees every operation, also those that make tensors of nothing."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _call(func, args, kwargs or {})


class _Making(TorchFunctionMode):
    """Sees what makes tensors of Python's numbers: those are made here, then carried."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") == GPU:
            made = args[0] if isinstance(args[0], Far) else func(*args, **kwargs | {"device": CPU})
            return made if isinstance(made, Far) else Far(made)
        if func is torch.Tensor.new_tensor and isinstance(args[0], Far):
            return Far(torch.tensor(args[1], dtype=kwargs.get("dtype", args[0].dtype)))
        if func is torch.Tensor.tolist and isinstance(args[0], Far):
            return args[0].near.tolist()
        if func in (torch.Tensor.__getitem__, torch.Tensor.__setitem__) and isinstance(args[0], Far):
            places = args[1] if isinstance(args[1], tuple) else (args[1],)
            places = tuple(torch.tensor(one) if isinstance(one, list) else one for one in places)
            return func(args[0], places, *args[2:])
        if func in (torch.quantile, torch.Tensor.quantile) and isinstance(args[0], Far):
            return Far(func(args[0].near, *args[1:], **kwargs))  # within, it changes a tensor's shape in place
        return func(*args, **kwargs)


@contextmanager
def pretended_gpu() -> Iterator[torch.device]:
    """While this stands, tensors can be made on, and carried to, the device that is given."""
    with torch.no_grad(), patch("torch.autocast", lambda *_, **__: nullcontext()), _Making(), _Pretending():
        yield GPU


def carried(module: nn.Module) -> nn.Module:
    """Carry a module's parameters and buffers to `GPU`, in place."""
    for part in module.modules():
        for name, held in part._parameters.items():
            part._parameters[name] = held if held is None else nn.Parameter(Far(held.detach()), requires_grad=False)
        for name, held in part._buffers.items():
            part._buffers[name] = held if held is None else Far(held)
    return module


def brought_back(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor's numbers on the processor."""
    return tensor.near if isinstance(tensor, Far) else tensor


def _call(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name = func._schema.name.removeprefix("aten::")
    asked = kwargs.get("device")
    far = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Far)]
    lost = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor) and type(one) is torch.Tensor]
    assert all(one.device == CPU for one in lost), "made in a way that is not seen here: its numbers are lost"
    if far and name not in CARRIES:
        _refuse(name, args, kwargs)
    goes = GPU if (far if asked is None else torch.device(asked).type == GPU.type) else CPU
    if name == "copy_":
        goes = GPU if isinstance(args[0], Far) else CPU
    inner_args, inner = tree_map_only(Far, lambda one: one.near, (args, dict(kwargs)))
    if asked is not None:
        inner["device"] = CPU
    inner.pop("pin_memory", None)
    made = func(*inner_args, **inner)
    if name.endswith("_") and not name.startswith("_"):
        return args[0]
    return tree_map_only(torch.Tensor, Far, made) if goes == GPU else made


def _refuse(name: str, args: Any, kwargs: dict[str, Any]) -> None:
    """Refuse tensors that were left behind; single numbers go anywhere, places to where they are read."""
    if name in INDEXES and isinstance(args[0], Far):
        args = (args[0], *args[2:])
    left = [
        one
        for one in tree_leaves((args, kwargs))
        if isinstance(one, torch.Tensor) and not isinstance(one, Far) and one.dim()
    ]
    if left:
        raise OtherDevice(f"{name}: tensors of {[tuple(one.shape) for one in left]} were left on the processor.")
