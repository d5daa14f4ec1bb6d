"""`Figure`: a measured value with its interval and n."""

from typing import Any


def figure(metrics: dict[str, Any], *names: str) -> dict[str, Any] | None:
    """Return the figure at a place in metrics.json; None where it was not measured, or had too few photos."""
    part: Any = metrics
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part if isinstance(part, dict) and part.get("value") is not None else None
