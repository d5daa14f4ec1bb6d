"""Errors about many photos at once: their source, the folder of results, the workers, the sieve."""

from models.errors import TriageError


class BadSource(TriageError):
    """A source of a batch that is not there, or from which no list of photos can be read."""

    code = "bad_source"
    advice = "Name a folder, a zip archive, a list of paths with its column, or an address that fsspec knows."


class BatchInUse(TriageError):
    """Another call writes to the folder of a batch."""

    code = "batch_in_use"
    advice = "Wait until the other call has ended, or name another folder."


class EngineMissing(TriageError):
    """A batch is to run on an engine that is not installed, or that cannot be reached."""

    code = "engine_missing"
    advice = "Install it (`pip install -r requirements-ray.txt`), or leave out --engine."


class NotMeasured(TriageError):
    """A sieve whose recall was never measured for the releases in use."""

    code = "not_measured"
    advice = "Measure it with `python -m pipeline sieve STORE`, on photos that `prepare` split."
