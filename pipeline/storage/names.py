"""Names of files as text that can be written anywhere."""


def as_text(name: str) -> str:
    """Return a file's name as text that can be written anywhere: bytes that are none are spelt out."""
    return name.encode("utf-8", "backslashreplace").decode()
