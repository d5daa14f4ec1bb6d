"""Records as they leave the house: one JSON object a photo, or one row of a table. The same for every front end."""

from typing import Any

from pipeline.errors import CutShort, TriageError

COLUMNS = ("path", "sha256", "verdict", "p_edited", "p_deepfake", "p_joint_real", "p_joint_deepfake",
           "p_joint_facetune", "reasons", "faces", "release", "ms", "error_code", "error_message", "faces_account",
           "partial", "notes")  # fmt: skip

_INTERNAL = ("index", "name", "kept", "release_sha256", "revision", "found_how")


def failure(problem: TriageError, count: int = 1) -> dict[str, Any]:
    """Return what is recorded of an error.

    Args:
        problem: the error; of a photo that is cut short the record says so, as it may be examined on request.
        count: how many files it stands for, said where it is more than one.
    """
    record: dict[str, Any] = {"code": problem.code, "message": str(problem)}
    if isinstance(problem, CutShort):
        record["cut_short"] = True
    return record | ({"count": count} if count > 1 else {})


def begin_record(name: str, raw: bytes = b"") -> dict[str, Any]:
    """Return how a public record begins: the name, and its own bytes in hex where the name is a guess at them."""
    return {"path": name} | ({"name_bytes": raw.hex()} if raw else {})


def public(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the command line prints for a photo, from a run's own record of it."""
    begin = begin_record(record["name"], bytes.fromhex(record.get("name_bytes", "")))
    if "error" in record:
        return begin | {"error": record["error"]}
    kept = {key: value for key, value in record.items() if key not in _INTERNAL}
    kept["faces"] = [{key: value for key, value in face.items() if key != "kept"} for face in record["faces"]]
    return begin | kept


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """Return a public record as one row of `COLUMNS`; text that a spreadsheet would run as a formula is defused."""
    joint, error = record.get("probabilities", {}), record.get("error", {})
    row = {name: record.get(name, "") for name in COLUMNS}
    row |= {f"p_joint_{label}": joint.get(label) for label in ("real", "deepfake", "facetune")}
    row |= {"reasons": " ".join(record.get("reasons", [])), "faces": len(record.get("faces", []))}
    row |= {"error_code": error.get("code", ""), "error_message": error.get("message", "")}
    row |= {"notes": "; ".join(record.get("notes", []))}
    return {name: defuse(value) for name, value in row.items()}


def defuse(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value
