"""What a cache knows an evaluation's folder by, so that it reads anew what has changed on disk."""

from pathlib import Path

from pipeline.results.evaluation import Evaluation


def stamps_in(path: Path) -> str:
    """Return what changes whenever a file in a folder does."""
    return str([(one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in sorted(path.glob("*"))])


def stamps_of(*evaluations: Evaluation) -> str:
    """Return what changes whenever a file of one of the evaluations does."""
    return str([(str(one.path), stamps_in(one.path)) for one in evaluations])
