"""Records as they leave the house: one JSON object a photo, or one row of a table. The same for every front end."""

from typing import Any

COLUMNS = ("path", "sha256", "verdict", "p_edited", "p_deepfake", "p_joint_real", "p_joint_deepfake",
           "p_joint_facetune", "reasons", "faces", "release", "ms", "error_code", "error_message")  # fmt: skip

_INTERNAL = ("index", "name", "kept", "release_sha256")


def public(record: dict[str, Any]) -> dict[str, Any]:
    """Return what the command line prints for a photo, from a run's own record of it."""
    if "error" in record:
        return {"path": record["name"], "error": record["error"]}
    shown = {key: value for key, value in record.items() if key not in _INTERNAL}
    shown["faces"] = [{key: value for key, value in face.items() if key != "kept"} for face in record["faces"]]
    return {"path": record["name"]} | shown


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """Return a public record as one row of `COLUMNS`; text that a spreadsheet would run as a formula is defused."""
    joint, error = record.get("probabilities", {}), record.get("error", {})
    row = {name: record.get(name, "") for name in COLUMNS}
    row |= {f"p_joint_{label}": joint.get(label) for label in ("real", "deepfake", "facetune")}
    row |= {"reasons": " ".join(record.get("reasons", [])), "faces": len(record.get("faces", []))}
    row |= {"error_code": error.get("code", ""), "error_message": error.get("message", "")}
    return {name: defused(value) for name, value in row.items()}


def defused(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value
