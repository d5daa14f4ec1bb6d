"""What decoders raise, and the sentences that tell why a file is not read."""

import struct
import zlib

from pipeline.reading.kinds import Kind

# A programmer's bug mostly raises these too, hence the small try blocks around what meets a file's bytes.
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, ArithmeticError, LookupError,
          TypeError, NotImplementedError, RuntimeError)  # fmt: skip

KNOWN = "JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC and AVIF are"
CUT = "The picture could not be decoded. It is cut short: the end is missing. Get the original again."
TOO_MANY_PARTS = "The file is made of more parts than any camera or program writes. Get the original again."
ON_REQUEST = "What is left of it is examined on request: --partial on the command line, a button in the app."


def refusal(kind: Kind | None) -> str:
    """Say that a file cannot be read, and what to do about its kind, if that is known."""
    if kind is None:
        return f"This is not a photo that can be read. {KNOWN}."
    what = "which is not read" if kind.picture else "not a photo"
    return " ".join(filter(None, (f"This looks like {kind.name}, {what}.", kind.advice, f"{KNOWN} read.")))


def headless(container: str) -> str:
    """Say that a file begins as a picture of a container does, and that nothing can be made of the rest."""
    return f"The file begins as {container} does, but what follows is damaged or missing. Get the original again."


def say_damaged(problem: BaseException) -> str:
    """Say that a picture is damaged, in the decoder's own words."""
    detail = " ".join(str(problem).split())[:120] or "no detail"
    detail = "".join(letter if letter.isprintable() else "?" for letter in detail)
    return f"The picture could not be decoded. It is damaged ({detail}). Get the original again."
