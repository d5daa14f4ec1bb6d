"""`read_json`: an object from a JSON file, or an error that names the file."""

import json
from pathlib import Path
from typing import Any

from pipeline.errors import TriageError


def read_json(path: Path, refusal: type[TriageError], noun: str) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Args:
        path: the file.
        refusal: the error to raise.
        noun: what the file belongs to, as the error says it: "evaluation".

    Raises:
        TriageError: a `refusal`: the file is not there, is no JSON, or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as problem:
        raise refusal(f"There is no {path.name} in {path.parent}: it is no whole {noun}.") from problem
    except OSError as problem:
        raise refusal(f"{path} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise refusal(f"{path} is no valid JSON: {problem}.") from problem
    if not isinstance(data, dict):
        raise refusal(f"{path} holds no {noun}.")
    return data
