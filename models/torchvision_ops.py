"""Make `import torchvision` work beside a CPU build of torch whose torchvision lacks its compiled operators.

torchvision registers fake kernels for `nms` and `qnms` on import and fails where the operators were never declared.
Declaring their schemas first cures it; on a healthy install this does nothing. Import this before torchvision.
"""

import torch

_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_kept = []


def _is_declared(name: str) -> bool:
    try:
        getattr(torch.ops.torchvision, name)
    except (AttributeError, RuntimeError):
        return False
    return True


def _load_compiled() -> bool:
    """Tell whether torchvision's own library can be loaded; its absence is what leaves the operators undeclared."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    library = next(Path(spec.origin).parent.glob("_C.*"), None)
    if library is None:
        return False
    try:
        torch.ops.load_library(str(library))
    except OSError:
        return False
    return True


if not _load_compiled():
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _name, _schema in _SCHEMAS.items():
        if not _is_declared(_name):
            _library.define(_schema)
    _kept.append(_library)  # the declarations live as long as this object
