"""`Item`: one thing handed over, or several of a kind that are not looked at one by one."""

from dataclasses import dataclass

from pipeline.errors import TriageError


@dataclass(frozen=True)
class Item:
    """One thing handed over: its bytes, or why there are none.

    Attributes:
        name: as the user knows it, for showing only: never used as a path.
        data: the bytes; empty where `error`, `left_out` or `known` is set.
        error: why it could not be taken.
        left_out: its kind, where it is no photo, by bytes and by name: it is passed over then, which is no error.
        count: how many things it stands for.
        raw_name: the name's own bytes where `name` is a guess at them; else empty.
        known: whether it was passed over, as the caller has an answer for this name.
    """

    name: str
    data: bytes = b""
    error: TriageError | None = None
    left_out: str = ""
    count: int = 1
    raw_name: bytes = b""
    known: bool = False
