"""Makes edited photos, with exact masks, from originals: one operation a file, found by scanning `operations`.

Each module there defines `OPERATION`; nothing else has to be edited to add one. See `operation.py`.
"""

from pipeline.forge.geometry.donors import pick_donor, tinted
from pipeline.forge.operation import Edit, Operation, Subject, operation, operations

__all__ = ["Edit", "Operation", "Subject", "operation", "operations", "pick_donor", "tinted"]
