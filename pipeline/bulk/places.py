"""Where results go: never over a photo, an archive, or one another, and never into what is examined."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import WouldOverwrite
from pipeline.intake import Named
from pipeline.intake.sorting import is_made_up
from pipeline.reading.kinds import refuse_evidence

MAP = re.compile(r"[0-9a-f]{16}-face\d+-[a-z]+-[a-z]+\.png")
"""How an overlay's file is called: what lies beside it under another name is not one."""


def map_name(sha256: str, face: int, stage: str, label: str) -> str:
    """Return the name of an overlay's file, of the photo's hash: a photo's own name is never used as a path."""
    return f"{sha256[:16]}-face{face}-{stage}-{label}.png"


def is_device(path: Path) -> bool:
    """Tell whether a path is no regular file of its own."""
    named = str(path).startswith("/dev/") or is_made_up(str(path))
    return named or (path.exists() and not path.is_file())


def free_places(places: Sequence[Path | None], maps: Path | None, files: Sequence[Named]) -> list[Named]:
    """Return what is to be examined: the files without those in which results are kept.

    Args:
        places: files to be written, as far as they are asked for.
        maps: folder for overlays; those that lie in it are not examined again.
        files: what was named, and what lies in folders that were.

    Raises:
        WouldOverwrite: a place holds a photo or an archive, was itself named, or is asked for twice.
    """
    wanted = [place for place in places if place is not None and not is_device(place)]
    own = [os.path.abspath(place) for place in wanted]  # noqa: PTH100  # links are followed by nobody here
    if len(set(own)) < len(own):
        raise WouldOverwrite("Results and their summary need a file each.")
    for place in wanted:
        refuse_evidence(place, "results")
    folder = Path(os.path.abspath(maps)) if maps else None  # noqa: PTH100
    kept = []
    for file in files:
        path = os.path.abspath(file.path)  # noqa: PTH100
        if path in own and file.outright:
            raise WouldOverwrite(f"{file.shown} is to be examined: name another file for the results.")
        overlay = not file.outright and Path(path).parent == folder and MAP.fullmatch(Path(path).name)
        if path not in own and not overlay:
            kept.append(file)
    return kept
