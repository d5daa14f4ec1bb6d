"""What a photo's file holds besides the picture that is seen: bytes behind its end, second pictures, a video."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.evidence.bounds import cut
from pipeline.evidence.exhibits import show_picture, shrink
from pipeline.evidence.file_parts.metadata import metadata_of
from pipeline.evidence.file_parts.second_pictures import ORIGINAL, SecondPicture, second_pictures
from pipeline.evidence.file_parts.tail import Piece, pieces
from pipeline.evidence.finding import Evidence, Exhibit, Fact, Finding, Weight
from pipeline.evidence.pixels.likeness import compare
from pipeline.photo import Photo
from pipeline.reading.trailing import ENDS

TITLE = "Hidden content"
ORDER = 30
HOW_TO_READ = (
    "Viewers show one picture of a file and pass over the rest. Phones keep previews, brightness and depth maps and "
    "short videos there, which is ordinary; programs append notes. A second picture that shows something else, the "
    "rest of a longer file, another kind of file, or bytes that nobody can name are worth a look: they may show what "
    "the picture was before, or carry what was meant to pass unseen."
)
FEW = 64
"""Bytes of an unknown kind up to which they are what sloppy programs leave."""
MOST_EXHIBITS = 8
OTHER = frozenset(("other", "part", "whole"))
"""Relations to the photo in which a second picture shows something that the photo does not."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A second picture and what it is to the photo.

    Attributes:
        picture: as it is shown, shrunk: a file may hold many, and all of them together fill a memory.
        relation: to the photo; "" where they were not compared.
        size: before it was shrunk, in words.
    """

    picture: SecondPicture
    relation: str
    size: str


def look(evidence: Evidence) -> Finding:
    """Show what is in the file besides the picture, and the pictures among it."""
    photo = evidence.photo
    around, ends = pieces(photo.data)
    pictures = [_compared(picture, photo) for picture in second_pictures(photo, around)]
    facts = [*map(_fact, around), *map(_fact_of_picture, pictures), *_container_items(photo)]
    if not ends:
        facts.append(Fact("End of the picture", _say_no_end(photo)))
    odd = [piece for piece in around if _is_odd(piece)]
    telling = [one.picture for one in pictures if _is_telling(one.picture, one.relation)]
    anything = pictures or any(piece.sort != "zeros" for piece in around)
    weight: Weight = "look" if odd or telling else "ordinary" if anything else "nothing"
    shows = _sentence(around, odd, telling, len(pictures)) or _say_nothing(around, ends)
    return Finding("hidden_content", TITLE, weight, shows, HOW_TO_READ, tuple(facts), tuple(_exhibits(pictures)))


def _is_odd(piece: Piece) -> bool:
    return piece.telling or piece.sort == "file" or (piece.sort == "unknown" and len(piece.data) > FEW)


def _compared(picture: SecondPicture, photo: Photo) -> Compared:
    if picture.rgb is None:
        return Compared(picture, "", "not decoded")
    size = f"{picture.rgb.shape[1]} × {picture.rgb.shape[0]} pixels"
    return Compared(replace(picture, rgb=shrink(picture.rgb)), _relation(picture, photo), size)


def _relation(picture: SecondPicture, photo: Photo) -> str:
    """Return what a second picture is to the photo; "" of a map, of a frame, and of one that does not decode."""
    if picture.is_map or picture.is_frame or picture.rgb is None:
        return ""
    return compare(picture.rgb, photo.rgb).relation


def _is_telling(picture: SecondPicture, relation: str) -> bool:
    """Tell whether a second picture shows something else than the photo, or says that it is what the photo was."""
    return relation in OTHER or picture.words.startswith(ORIGINAL)


def _fact(piece: Piece) -> Fact:
    return Fact(f"From byte {piece.start:,} on", f"{len(piece.data):,} bytes, {piece.words}")


def _fact_of_picture(one: Compared) -> Fact:
    words = {
        "same": "it shows the same as the photo",
        "part": "it shows more than the photo does",
        "whole": "it shows a part of the photo",
        "other": "it shows something else than the photo does",
        "flat": "it is too even to compare",
        "": "",
    }
    problem = cut(one.picture.problem, 200)
    return Fact("Picture", "; ".join(filter(None, (one.picture.words, one.size, words[one.relation], problem))))


def _container_items(photo: Photo) -> Iterator[Fact]:
    """Yield what the file says, in XMP, to hold: Google's container of a photo, its maps and its video."""
    for one in metadata_of(photo).xmp:
        if one.path.endswith(("Item:Semantic", "GCamera:MotionPhoto", "GCamera:MicroVideo")):
            yield Fact("Named in XMP", f"{one.path.rpartition('/')[2]}: {one.value}")


def _say_no_end(photo: Photo) -> str:
    if photo.format in ENDS or photo.format == "AVIF":
        return "is missing or cannot be followed, so that nothing can be told of what lies behind it"
    return f"cannot be told in a {photo.format}: its parts may lie in any order, so that bytes between them pass unseen"


def _exhibits(pictures: list[Compared]) -> Iterator[Exhibit]:
    for one in [one for one in pictures if one.picture.rgb is not None][:MOST_EXHIBITS]:
        picture = one.picture
        assert picture.rgb is not None
        caption = "It may look like anything." if picture.is_map else "It was not examined."
        doubt = " It shows something that the photo does not." if one.relation in OTHER else ""
        title = picture.words[:1].upper() + picture.words[1:]
        yield show_picture(picture.rgb, title, caption + doubt)


def _sentence(around: tuple[Piece, ...], odd: list[Piece], telling: list[SecondPicture], count: int) -> str:
    """Say what is there, what asks for a look first; "" where nothing is."""
    parts = []
    if odd:
        size = sum(len(piece.data) for piece in odd)
        parts.append(f"{size:,} bytes lie in the file beside the picture: {odd[0].words}.")
    if telling:
        parts.append(f"A second picture shows something that the photo does not: {telling[0].words}.")
    videos = [len(piece.data) for piece in around if piece.sort == "video"]
    if videos:
        parts.append(f"A video of {sum(videos):,} bytes is attached.")
    usual = count - len(telling)
    if usual:
        parts.append(f"{usual} more pictures are in the file." if usual > 1 else "One more picture is in the file.")
    return " ".join(parts)


def _say_nothing(around: tuple[Piece, ...], ends: bool) -> str:
    few = sum(len(piece.data) for piece in around if piece.sort != "zeros")
    if few:
        return f"{few:,} bytes lie beside the picture: as much as a program's own note."
    return "Nothing lies beside the picture." if ends else "No second picture is there; what else is cannot be told."
