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
├── BadCase           a case that cannot be made or changed so
├── EditedMeanwhile   somebody else changed the same thing of a case
├── AlteredObject     bytes kept under their hash are gone, or are others
├── BadArchive        no archive of a case, or not what it says
├── NewerCasebook     a database or an archive that a newer version wrote
├── NotAllowed        the person may not do this with the case
├── BadHashList       a list of known hashes that cannot be read
├── BadEngagement     engagement figures that cannot be read
├── BadResults        a file that holds no results of the command line
├── NotTimestamped    a timestamp authority gave no timestamp that holds
├── Interrupted       a worker process was killed; what is written is valid
├── BadSource         a batch's source that is not there, or is no list of photos
├── BatchInUse        another call writes to the folder of a batch
├── EngineMissing     a batch's engine that is not installed, or cannot be reached
├── NotMeasured       a sieve whose recall was never measured
├── BadSetting        a setting, or a variable TELLTALE_…, that cannot be used
├── Unexpected        a fault of the program that one photo met
├── BadCall           a call of the web API that cannot be understood
├── NoKey             a call without a key that holds
├── NoScope           a key that does not reach as far as the call
├── NotThere          nothing at this address, or another key's
├── WrongMethod       an address that does not take the method
├── BodyTooLarge      a call with more bytes, files or fields than are taken at once
├── BodyTooSlow       a call whose body came too slowly
├── WrongContent      a content type that is not taken
├── OtherContent      an Idempotency-Key that stands for another call
├── BadWebhook        a webhook's address that is not called
├── DamagedKeys       a file of keys that cannot be read
├── Later             a call that may be made again after some time
│   ├── TooManyCalls  more calls in a minute than a key may make
│   └── Busy          more work waits than is taken on
├── WeightsMissing    a weight, card or release file is not there
├── WeightsMismatch   a file is there but its hash, or its tensors, do not fit its card
└── UnknownName       a name nobody registered

Each stands in the file of what it is about: `photos`, `measuring`, `keeping`, `serving`, `bulk`; those of the models in
`models.errors`.
A class says what happened by a stable `code`, and what to do about it by its `advice`. The text of one error is the
specific part: which file, which name.
"""

from collections.abc import Iterator

from models.errors import TriageError, UnknownName, WeightsMismatch, WeightsMissing
from pipeline.errors.bulk import BadSource, BatchInUse, EngineMissing, NotMeasured
from pipeline.errors.keeping import (
    AlteredObject,
    BadArchive,
    BadCase,
    BadEngagement,
    BadHashList,
    BadResults,
    BadSetting,
    DamagedDatabase,
    DamagedRun,
    DiskFull,
    EditedMeanwhile,
    NewerCasebook,
    NotAllowed,
    NotResumable,
    NotTimestamped,
    Unwritable,
    WouldOverwrite,
)
from pipeline.errors.measuring import (
    BadAudit,
    BadConfig,
    BadDataset,
    BadEvaluation,
    BadGrid,
    BadRecipe,
    Contaminated,
    Interrupted,
    LeakyManifest,
    MissingOriginals,
    NoDonor,
    NotCalibrated,
    NothingToEdit,
    OtherRun,
    TrainingFailed,
)
from pipeline.errors.photos import (
    BadMark,
    CutShort,
    NoFace,
    PhotoTooLarge,
    Unexpected,
    UnreadablePhoto,
    UnsafeArchive,
)
from pipeline.errors.serving import (
    BadCall,
    BadWebhook,
    BodyTooLarge,
    BodyTooSlow,
    Busy,
    DamagedKeys,
    Later,
    NoKey,
    NoScope,
    NotThere,
    OtherContent,
    TooManyCalls,
    WrongContent,
    WrongMethod,
)

__all__ = [
    "AlteredObject",
    "BadArchive",
    "BadAudit",
    "BadCall",
    "BadCase",
    "BadConfig",
    "BadDataset",
    "BadEngagement",
    "BadEvaluation",
    "BadGrid",
    "BadHashList",
    "BadMark",
    "BadRecipe",
    "BadResults",
    "BadSetting",
    "BadSource",
    "BadWebhook",
    "BatchInUse",
    "BodyTooLarge",
    "BodyTooSlow",
    "Busy",
    "Contaminated",
    "CutShort",
    "DamagedDatabase",
    "DamagedKeys",
    "DamagedRun",
    "DiskFull",
    "EditedMeanwhile",
    "EngineMissing",
    "Interrupted",
    "Later",
    "LeakyManifest",
    "MissingOriginals",
    "NewerCasebook",
    "NoDonor",
    "NoFace",
    "NoKey",
    "NoScope",
    "NotAllowed",
    "NotCalibrated",
    "NotMeasured",
    "NotResumable",
    "NotThere",
    "NotTimestamped",
    "NothingToEdit",
    "OtherContent",
    "OtherRun",
    "PhotoTooLarge",
    "TooManyCalls",
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
    "WrongContent",
    "WrongMethod",
    "advice_on",
]


def advice_on(code: str) -> str:
    """Return what to do about a stored error, by its code; "" for a code that no class has."""
    return next((kind.advice for kind in _kinds(TriageError) if kind.code == code), "")


def _kinds(kind: type[TriageError]) -> Iterator[type[TriageError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)
