"""What the workshop may say instead of an edit, beside the errors of `pipeline.errors`::

TriageError
├── NoDonor            an operation needs another person's face, and the split holds none
├── OtherRun           the folder holds a run with another seed or container
├── BadRecipe          a benchmark's recipe that cannot be read
└── MissingOriginals   a benchmark's originals that are in none of the folders
"""

from pipeline.errors import TriageError


class NoDonor(TriageError):
    """An operation needs another person's face of the same split, and there is none."""

    code = "no_donor"


class OtherRun(TriageError):
    """The folder to write to holds a run with another seed or another container."""

    code = "other_run"


class BadRecipe(TriageError):
    """A benchmark's recipe that cannot be read."""

    code = "bad_recipe"


class MissingOriginals(TriageError):
    """A benchmark's originals that are in none of the folders given."""

    code = "missing_originals"
