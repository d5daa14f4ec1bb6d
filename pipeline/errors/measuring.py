"""Errors about labelled collections, forging, training and measuring."""

from models.errors import TriageError


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


class Interrupted(TriageError):
    """A worker process was killed."""

    code = "interrupted"
    advice = "Start it again; what is written is valid."
