"""How probabilities, times and sizes are said."""


def two_digits(value: float | None) -> str:
    """Return a probability with two digits, never rounded up to certainty; a dash where there is none."""
    if value is None:
        return "–"
    return ">0.99" if value >= 0.995 else "<0.01" if value < 0.005 else f"{value:.2f}"


def cell(value: float | None) -> float | None:
    """Return a probability as a number in a table of two digits: between 0.01 and 0.99, never rounded to certainty."""
    return None if value is None else min(max(value, 0.01), 0.99)


def duration(seconds: float | None) -> str:
    """Say a time left, coarsely."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 3600:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def say_spent(ms: float) -> str:
    """Say a time that something took."""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def size(count: int) -> str:
    """Say a number of bytes."""
    return f"{count} bytes" if count < 1000 else f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"
