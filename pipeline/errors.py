"""Every expected error, in one tree. Each front end turns these into its own message once; all others surface::

TriageError
├── UnreadablePhoto   not a photo, damaged, or cut short
├── PhotoTooLarge     more pixels or bytes than the settings allow
├── NoFace            no face was found where one is needed
├── UnsafeArchive     a zip that would harm: it grows too large, or nests
├── BadSetting        an environment variable TELLTALE_… that cannot be used
├── WeightsMissing    a weight, card or release file is not there
├── WeightsMismatch   a file is there but its hash, or its tensors, do not fit its card
└── UnknownName       a name nobody registered
"""

from models.errors import TriageError, UnknownName, WeightsMismatch, WeightsMissing

__all__ = [
    "BadSetting",
    "NoFace",
    "PhotoTooLarge",
    "TriageError",
    "UnknownName",
    "UnreadablePhoto",
    "UnsafeArchive",
    "WeightsMismatch",
    "WeightsMissing",
]


class UnreadablePhoto(TriageError):
    """The bytes are no photo that can be shown."""

    code = "unreadable_photo"


class PhotoTooLarge(TriageError):
    """The photo has more pixels or bytes than the settings allow."""

    code = "photo_too_large"


class NoFace(TriageError):
    """No face was found where one is needed."""

    code = "no_face"


class UnsafeArchive(TriageError):
    """A zip archive that is damaged, encrypted, or grows beyond the limits."""

    code = "unsafe_archive"


class BadSetting(TriageError):
    """A setting that cannot be used."""

    code = "bad_setting"
