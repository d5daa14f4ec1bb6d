"""Errors about what is kept: files, databases, runs, cases, settings."""

from models.errors import TriageError


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


class BadSetting(TriageError):
    """A setting that cannot be used."""

    code = "bad_setting"
    advice = "Correct the setting that the message names, then start again."


class BadCase(TriageError):
    """A case that cannot be made or changed so: a name that is taken or empty, a role that there is not."""

    code = "bad_case"
    advice = "Correct what the message names."


class EditedMeanwhile(TriageError):
    """Somebody else changed the same thing of a case after it was shown."""

    code = "edited_meanwhile"
    advice = "Look at the case as it is now, then make your change again if it still holds."


class AlteredObject(TriageError):
    """Bytes that were kept under their hash are gone, or are others now."""

    code = "altered_object"
    advice = "Restore the file from a copy of the archive, and run `python -m pipeline verify` on the case."


class BadArchive(TriageError):
    """A file that is no archive of a case, or does not hold what it says."""

    code = "bad_archive"
    advice = "Ask for the archive again, and compare its SHA-256 with the sender's."


class NewerCasebook(TriageError):
    """A database or an archive that a newer version wrote."""

    code = "newer_casebook"
    advice = "Use the version of Telltale that wrote it, or a newer one; nothing of it was changed."


class NotAllowed(TriageError):
    """The person may not do this with the case."""

    code = "not_allowed"
    advice = "Ask an administrator, or the person whose case it is, for the role that it takes."


class BadHashList(TriageError):
    """A list of known hashes that cannot be read."""

    code = "bad_hash_list"
    advice = "Save it as CSV with a column sha256, sha1, md5 or phash, a hash a line."


class BadEngagement(TriageError):
    """A file of engagement figures that cannot be read, or names no photos or no figures."""

    code = "bad_engagement"
    advice = "Save it as CSV whose first line names its columns, such as photo, views, likes, or say which is which."


class BadResults(TriageError):
    """A file that holds no results of the command line."""

    code = "bad_results"
    advice = "Name a file that `python -m pipeline examine … --out` wrote, as jsonl or csv."


class NotTimestamped(TriageError):
    """A timestamp authority gave no timestamp that holds."""

    code = "not_timestamped"
    advice = "See that the server of TELLTALE_TIMESTAMP_URL answers; the log stands without it."
