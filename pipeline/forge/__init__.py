"""Makes edited photos, with exact masks, from originals: one operation a file, found by scanning `operations`.

Each module there defines `OPERATION`; nothing else has to be edited to add one. See `operation.py`. Around it:

- `orders` holds what is to be made of an original, `fulfil` makes it, `faces` reads the photos,
- `originals` lists and looks at photos, `casting` draws who lends to whom, `encoding` writes files,
- `workshop` does it for a folder, `benchmark` for the same originals in every class.
"""

from pipeline.forge.geometry.donors import pick_donor, tint_donor
from pipeline.forge.operation import Edit, Operation, Subject, all_operations, drawn_operations, operation

__all__ = [
    "Edit",
    "Operation",
    "Subject",
    "all_operations",
    "drawn_operations",
    "operation",
    "pick_donor",
    "tint_donor",
]
