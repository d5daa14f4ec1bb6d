"""Lists of known hashes: read from a CSV, a row at a time, and matched against the hashes of a photo.

Read are lists with named columns in any order (sha256, sha1, md5, phash, or a column of hashes of any kind told by its
length; name or list; note or description; and common synonyms), bare columns of hashes, what md5sum and its kin print,
and the hash columns of exports: NSRL RDS 2 (NSRLFile.txt), HashKeeper, and VICS as CSV. Their PhotoDNA is not read: it
compares with other PhotoDNA alone.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from pipeline.casebook.hash_columns import Columns, columns_of, value_of
from pipeline.casebook.hash_text import MOST_NOTE, lines_of, readable, separator_of
from pipeline.errors import BadHashList
from pipeline.manifest.duplicates import NEAR_BITS
