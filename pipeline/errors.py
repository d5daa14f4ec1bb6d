"""Every expected error, in one tree. Each front end turns these into its own message once; all others surface::

TriageError
├── UnreadablePhoto   not a photo, damaged, or cut short
│   └── CutShort      cut short, but a part of it decodes: it is examined on request
├── PhotoTooLarge     more pixels or bytes than the settings allow
├── NoFace            no face was found where one is needed
├── NothingToEdit     a forge operation found nothing in a face that it could edit well
├── UnsafeArchive     a zip that would harm: it grows too large, or nests
├── BadDataset        a labelled collection that is empty, half there, or does not fit its labels
├── DiskFull          there is no room for what is to be written
├── Interrupted       a worker process was killed; what is written is valid
├── LeakyManifest     splits that share a photo, a person or near duplicates
├── BadSetting        an environment variable TELLTALE_… that cannot be used
├── WeightsMissing    a weight, card or release file is not there
├── WeightsMismatch   a file is there but its hash, or its tensors, do not fit its card
└── UnknownName       a name nobody registered
"""

from models.errors import TriageError, UnknownName, WeightsMismatch, WeightsMissing

__all__ = [
    "BadDataset",
    "BadSetting",
    "CutShort",
    "DiskFull",
    "Interrupted",
    "LeakyManifest",
    "NoFace",
    "NothingToEdit",
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


class CutShort(UnreadablePhoto):
    """The end of the file is missing, but a part of it decodes: `Photo.read(data, partial=True)` gives that part."""


class PhotoTooLarge(TriageError):
    """The photo has more pixels or bytes than the settings allow."""

    code = "photo_too_large"


class NoFace(TriageError):
    """No face was found where one is needed."""

    code = "no_face"


class NothingToEdit(TriageError):
    """A forge operation refused."""

    code = "nothing_to_edit"


class UnsafeArchive(TriageError):
    """A zip archive that is damaged, encrypted, or grows beyond the limits."""

    code = "unsafe_archive"


class BadDataset(TriageError):
    """A collection that cannot be used as it lies there."""

    code = "bad_dataset"


class DiskFull(TriageError):
    """There is no room on the disk."""

    code = "disk_full"


class Interrupted(TriageError):
    """A worker process was killed."""

    code = "interrupted"


class LeakyManifest(TriageError):
    """Splits that share something: figures measured on them would flatter."""

    code = "leaky_manifest"


class BadSetting(TriageError):
    """A setting that cannot be used."""

    code = "bad_setting"
