"""`Source`: what a decoder is given of a file, and what the file says that decoders pass over."""

from dataclasses import dataclass, field

from pipeline.reading.coding import Coding

BROKEN_PROFILE = "colour profile is broken or does not fit: colours shown without it"


@dataclass(frozen=True)
class Source:
    """A file's bytes as a decoder gets them: the same pixels, without what it would trip over.

    Attributes:
        data: the file's own bytes, or a mended copy.
        container: what its first bytes say, one of `kinds.CONTAINERS`; "" if none.
        notes: what was done and seen, in plain words.
        frames: how many pictures can be asked for; None where the decoder is to count.
        profile: the colour profile where the decoder cannot unpack it; None leaves it to the decoder.
        claims_profile: the file has parts of a colour profile.
        coding: how its colours are coded by what is no profile.
        coding_first: the coding goes before a profile (as in PNG, third edition).
        unturned: its own properties turn it nowhere, so an EXIF orientation is not to be heeded (HEIF).
        stand_in: width and height of a picture that only `deep` decodes, upright; None where Pillow opens it.
        deep: its pixels have more than 8 bits, which the coding needs in full.
        extent: width and height to which its later frames may enlarge it; None where they do not.
        scans: how often a JPEG's decoder goes over the picture; over 1 it holds all coefficients meanwhile.
        cut: its end is missing, as its own sizes say.
    """

    data: bytes = field(repr=False)
    container: str
    notes: tuple[str, ...] = ()
    frames: int | None = None
    profile: bytes | None = field(default=None, repr=False)
    claims_profile: bool = False
    coding: Coding | None = None
    coding_first: bool = False
    unturned: bool = False
    stand_in: tuple[int, int] | None = None
    deep: bool = False
    extent: tuple[int, int] | None = None
    scans: int = 1
    cut: bool = False
