"""Every expected error, in one tree. Each front end turns these into its own message once; all others surface::

TriageError
├── UnreadablePhoto   not a photo, damaged, or cut short
│   └── CutShort      cut short, but a part of it decodes: it is examined on request
├── PhotoTooLarge     more pixels or bytes than the settings allow
├── NoFace            no face was found where one is needed
├── BadMark           a box that marks no face of a photo
├── UnsafeArchive     a zip that would harm: it grows too large, or nests
├── BadDataset        a labelled collection that is empty, half there, or does not fit its labels
├── LeakyManifest     splits that share a photo, a person or near duplicates
├── NothingToEdit     a forge operation found nothing in a face that it could edit well
├── NoDonor           an operation needs another person's face of the same split, and there is none
├── BadRecipe         a benchmark's recipe that cannot be read
├── MissingOriginals  a benchmark's originals that are in none of the folders given
├── OtherRun          the folder to write to holds a run with another seed or container
├── BadConfig         a training configuration that cannot be used
├── TrainingFailed    a training run that cannot go on: the loss is no number, or a class is missing
├── NotCalibrated     validation logits that nothing can be calibrated on
├── Contaminated      a release was trained or validated on photos that it is to be measured on
├── BadEvaluation     a folder that holds no evaluation that can be read
├── BadAudit          a file that holds no audit that can be read
├── BadGrid           a packed map that cannot be unpacked
├── DiskFull          there is no room for what is to be written
├── Unwritable        a file or folder that results cannot be written to
├── WouldOverwrite    a place for results that holds something else
├── NotResumable      a file of results that cannot be gone on with
├── DamagedDatabase   a database file that cannot be read or written
├── DamagedRun        a run of the casebook whose own file cannot be read
├── Interrupted       a worker process was killed; what is written is valid
├── BadSetting        a setting, or a variable TELLTALE_…, that cannot be used
├── Unexpected        a fault of the program that one photo met
├── WeightsMissing    a weight, card or release file is not there
├── WeightsMismatch   a file is there but its hash, or its tensors, do not fit its card
└── UnknownName       a name nobody registered

A class says what happened by a stable `code`, and what to do about it by its `advice`. The text of one error is the
specific part: which file, which name.
"""

from collections.abc import Iterator

from models.errors import TriageError, UnknownName, WeightsMismatch, WeightsMissing

__all__ = [
    "BadAudit",
    "BadConfig",
    "BadDataset",
    "BadEvaluation",
    "BadGrid",
    "BadMark",
    "BadRecipe",
    "BadSetting",
    "Contaminated",
    "CutShort",
    "DamagedDatabase",
    "DamagedRun",
    "DiskFull",
    "Interrupted",
    "LeakyManifest",
    "MissingOriginals",
    "NoDonor",
    "NoFace",
    "NotCalibrated",
    "NotResumable",
    "NothingToEdit",
    "OtherRun",
    "PhotoTooLarge",
    "TrainingFailed",
    "TriageError",
    "Unexpected",
    "UnknownName",
    "UnreadablePhoto",
    "UnsafeArchive",
    "Unwritable",
    "WeightsMismatch",
    "WeightsMissing",
    "WouldOverwrite",
    "advice_on",
]


class UnreadablePhoto(TriageError):
    """The bytes are no photo that can be shown."""

    code = "unreadable_photo"
    advice = "Check what the file is, or ask whoever sent it for the original."


class CutShort(UnreadablePhoto):
    """The end of the file is missing, but a part of it decodes: `Photo.read(data, partial=True)` gives that part."""


class PhotoTooLarge(TriageError):
    """The photo has more pixels or bytes than the settings allow."""

    code = "photo_too_large"
    advice = "Ask for a smaller version, or raise the limit (see Settings) and start the app again."


class NoFace(TriageError):
    """No face was found where one is needed."""

    code = "no_face"
    advice = "Mark the face by hand, or take a photo in which it is larger and seen from the front."


class BadMark(TriageError):
    """A box that marks no face of a photo."""

    code = "bad_mark"
    advice = "Mark the whole face, from forehead to chin, and turn the photo so that it stands upright."


class UnsafeArchive(TriageError):
    """A zip archive that is damaged, encrypted, or grows beyond the limits."""

    code = "unsafe_archive"
    advice = "Unpack the archive yourself and add the photos as files or as a folder."


class BadDataset(TriageError):
    """A collection that cannot be used as it lies there."""

    code = "bad_dataset"
    advice = "See that the folder holds the labelled photos as they were when they were evaluated."


class LeakyManifest(TriageError):
    """Splits that share something: figures measured on them would flatter."""

    code = "leaky_manifest"
    advice = "Make new splits with `python -m pipeline prepare --resplit`."


class NothingToEdit(TriageError):
    """A forge operation refused."""

    code = "nothing_to_edit"
    advice = "Choose another operation, or another photo."


class NoDonor(TriageError):
    """An operation needs another person's face of the same split, and there is none."""

    code = "no_donor"
    advice = "Add photos of other people to the split, or choose an operation that takes no other face."


class BadRecipe(TriageError):
    """A benchmark's recipe that cannot be read."""

    code = "bad_recipe"
    advice = "Restore the recipe from the project's repository."


class MissingOriginals(TriageError):
    """A benchmark's originals that are in none of the folders given."""

    code = "missing_originals"
    advice = "Name the folders of all collections that the benchmark's recipe was written for."


class OtherRun(TriageError):
    """The folder to write to holds a run with another seed or another container."""

    code = "other_run"
    advice = "Name another folder, or go on with the seed and the container of the run that is there."


class BadConfig(TriageError):
    """A training configuration that cannot be used."""

    code = "bad_config"
    advice = "Correct the configuration; those that came with the project show what it may hold."


class TrainingFailed(TriageError):
    """The run cannot go on: the loss is no number, or a class is missing."""

    code = "training_failed"
    advice = "Correct what the message names, then train again."


class NotCalibrated(TriageError):
    """Validation logits that nothing can be calibrated on: one class, too few groups, no relation to the truth."""

    code = "not_calibrated"
    advice = "Train again, on validation photos of every class and of several people each."


class Contaminated(TriageError):
    """A release was trained or validated on photos that it is to be measured on."""

    code = "contaminated"
    advice = "Take a split that was held out."


class BadEvaluation(TriageError):
    """A folder that holds no evaluation that can be read."""

    code = "bad_evaluation"
    advice = "Choose another one, or make it again with `python -m pipeline evaluate`."


class BadAudit(TriageError):
    """A file that holds no audit that can be read."""

    code = "bad_audit"
    advice = "Make it again with `make audit`."


class BadGrid(TriageError):
    """A packed map that cannot be unpacked."""

    code = "bad_grid"
    advice = "Evaluate the release again: its other figures stand, this map is lost."


class DiskFull(TriageError):
    """There is no room on the disk."""

    code = "disk_full"
    advice = "Make room on the disk, then try again; what is done stays."


class Unwritable(TriageError):
    """A file or folder that results cannot be written to."""

    code = "unwritable"
    advice = "Name another place for the results, or allow writing there."


class WouldOverwrite(TriageError):
    """A place for results that holds something else."""

    code = "would_overwrite"
    advice = "Name another file or folder for the results."


class NotResumable(TriageError):
    """A file of results that cannot be gone on with."""

    code = "not_resumable"
    advice = "Name another file for the results: they are then made from the beginning."


class DamagedDatabase(TriageError):
    """A database file that cannot be read or written."""

    code = "damaged_database"
    advice = "Move the file away: an index of photos is made anew, tags are not."


class DamagedRun(TriageError):
    """A run of the casebook whose own file cannot be read."""

    code = "damaged_run"
    advice = "Restore the run's folder from a copy, or move it away: the original photos are kept apart from it."


class Interrupted(TriageError):
    """A worker process was killed."""

    code = "interrupted"
    advice = "Start it again; what is written is valid."


class BadSetting(TriageError):
    """A setting that cannot be used."""

    code = "bad_setting"
    advice = "Correct the setting that the message names, then start again."


class Unexpected(TriageError):
    """A fault of the program that one photo met; `trace` holds the frames as text."""

    code = "internal_error"
    advice = "Please report it, with the name of the file and the program's output. The other photos stand."

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


def advice_on(code: str) -> str:
    """Return what to do about a stored error, by its code; "" for a code that no class has."""
    return next((kind.advice for kind in _kinds(TriageError) if kind.code == code), "")


def _kinds(kind: type[TriageError]) -> Iterator[type[TriageError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)
