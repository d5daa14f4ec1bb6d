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


class BadAudit(TriageError):
    """A file that holds no audit that can be read."""

    code = "bad_audit"


class Contaminated(TriageError):
    """A release was trained or validated on photos that it is to be measured on."""

    code = "contaminated"


class BadGrid(TriageError):
    """A packed map that cannot be unpacked."""

    code = "bad_grid"


class BadEvaluation(TriageError):
    """A folder that holds no evaluation that can be read."""

    code = "bad_evaluation"


class NotCalibrated(TriageError):
    """Validation logits that nothing can be calibrated on: one class, too few groups, no relation to the truth."""

    code = "not_calibrated"


class BadConfig(TriageError):
    """A training configuration that cannot be used."""

    code = "bad_config"


class TrainingFailed(TriageError):
    """The run cannot go on: the loss is no number, or a class is missing."""

    code = "training_failed"


class Unwritable(TriageError):
    """A file or folder that results cannot be written to."""

    code = "unwritable"


class NotResumable(TriageError):
    """A file of results that cannot be gone on with."""

    code = "not_resumable"


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


class WouldOverwrite(TriageError):
    """A place for results that holds something else."""

    code = "would_overwrite"


class BadMark(TriageError):
    """A box that marks no face of a photo."""

    code = "bad_mark"


class DamagedDatabase(TriageError):
    """A database file that cannot be read or written."""

    code = "damaged_database"


class Unexpected(TriageError):
    """A fault of the program that one photo met; `trace` holds the frames as text."""

    code = "internal_error"

    def __init__(self, said: str, trace: str = "") -> None:
        super().__init__(said)
        self.trace = trace
