"""EXIF, and what XMP repeats of it: which camera took the photo, how, and whether that fits the picture (Exif 3.0)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.evidence.bounds import short
from pipeline.evidence.file_parts.blocks import header_of, picture_in
from pipeline.evidence.file_parts.exif_tags import EXIF, IMAGE, ExifTags
from pipeline.evidence.file_parts.metadata import Metadata, metadata_of
from pipeline.evidence.finding import Evidence, Fact, Finding, Weight
from pipeline.photo import Photo

TITLE = "Camera (EXIF)"
ORDER = 10
HOW_TO_READ = (
    "Cameras and phones write how a photo was taken into its file. Chat apps, social networks, screenshots and many "
    "programs leave all of it out, so that none is ordinary and says nothing. Whatever stands there can be written by "
    "anybody with a free program. A size that differs from the picture's, or two different cameras, means that "
    "something wrote the file after the camera did: a crop or a scaling is enough."
)
MAKE, MODEL, FLASH, WIDTH, HEIGHT = 0x010F, 0x0110, 0x9209, 0xA002, 0xA003
TURNS = MappingProxyType({1: "upright", 2: "mirrored", 3: "turned by 180°", 4: "mirrored, turned by 180°",
                          5: "mirrored, turned by 90°", 6: "turned by 90°", 7: "mirrored, turned by 270°",
                          8: "turned by 270°"})  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One tag that is shown, how it is said, and whether it tells who somebody is."""

    name: str
    directory: str
    tag: int
    say: Callable[[ExifTags, str, int], str] = ExifTags.text
    private: bool = False


def _in(unit: str, before: str = "") -> Callable[[ExifTags, str, int], str]:
    """Return what says a number with its unit."""

    def say(exif: ExifTags, directory: str, tag: int) -> str:
        numbers = exif.numbers(directory, tag)
        return f"{before}{numbers[0]:g}{unit}" if numbers else ""

    return say


def _exposure(exif: ExifTags, directory: str, tag: int) -> str:
    seconds = next(iter(exif.numbers(directory, tag)), 0.0)
    return f"1/{1 / seconds:.0f} s" if 1e-9 < seconds < 0.5 else f"{seconds:g} s" if seconds else ""


def _flash(exif: ExifTags, directory: str, tag: int) -> str:
    numbers = exif.numbers(directory, tag)
    return ("fired" if int(numbers[0]) & 1 else "did not fire") if numbers else ""


def _turn(exif: ExifTags, directory: str, tag: int) -> str:
    numbers = exif.numbers(directory, tag)
    return TURNS.get(int(numbers[0]), f"{numbers[0]:g}, which has no meaning") if numbers else ""


LINES = (
    Line("Camera make", IMAGE, MAKE),
    Line("Camera model", IMAGE, MODEL),
    Line("Lens make", EXIF, 0xA433),
    Line("Lens", EXIF, 0xA434),
    Line("Camera firmware", EXIF, 0xA439),
    Line("Exposure", EXIF, 0x829A, _exposure),
    Line("Aperture", EXIF, 0x829D, _in("", "f/")),
    Line("Sensitivity", EXIF, 0x8827, _in("", "ISO ")),
    Line("Focal length", EXIF, 0x920A, _in(" mm")),
    Line("Focal length, as on 35 mm film", EXIF, 0xA405, _in(" mm")),
    Line("Flash", EXIF, FLASH, _flash),
    Line("Orientation", IMAGE, 0x0112, _turn),
    Line("Width, as EXIF says", EXIF, WIDTH, _in(" pixels")),
    Line("Height, as EXIF says", EXIF, HEIGHT, _in(" pixels")),
    Line("Serial number of the camera", EXIF, 0xA431, private=True),
    Line("Serial number of the lens", EXIF, 0xA435, private=True),
    Line("Camera's owner", EXIF, 0xA430, private=True),
    Line("Photographer", EXIF, 0xA437, private=True),
    Line("Artist", IMAGE, 0x013B, private=True),
    Line("Copyright", IMAGE, 0x8298, private=True),
    Line("Host computer", IMAGE, 0x013C, private=True),
    Line("Identifier of the photo", EXIF, 0xA420),
)
PROPERTIES = MappingProxyType(
    {
        "tiff:Make": ("Camera make (XMP)", False),
        "tiff:Model": ("Camera model (XMP)", False),
        "aux:Lens": ("Lens (XMP)", False),
        "exifEX:LensModel": ("Lens (XMP)", False),
        "aux:Firmware": ("Camera firmware (XMP)", False),
        "aux:SerialNumber": ("Serial number of the camera (XMP)", True),
        "exifEX:BodySerialNumber": ("Serial number of the camera (XMP)", True),
        "aux:LensSerialNumber": ("Serial number of the lens (XMP)", True),
        "exifEX:LensSerialNumber": ("Serial number of the lens (XMP)", True),
        "aux:OwnerName": ("Camera's owner (XMP)", True),
        "exifEX:CameraOwnerName": ("Camera's owner (XMP)", True),
    }
)
"""XMP properties to their names, and whether they tell who somebody is."""


def look(evidence: Evidence) -> Finding:
    """Show what EXIF and XMP say of the camera, and whether the size that they say is the picture's."""
    data = metadata_of(evidence.photo)
    facts = [*_facts_of_exif(data.exif), *_facts_of_xmp(data)]
    contradictions = list(_contradictions(data, evidence.photo))
    facts += [Fact("Does not fit", one) for one in contradictions]
    facts += [Fact("Note", note[:1].upper() + note[1:]) for note in data.notes]
    weight: Weight = "look" if contradictions else "ordinary" if facts else "nothing"
    return Finding("exif", TITLE, weight, _sentence(data, facts, contradictions), HOW_TO_READ, tuple(facts))


def _facts_of_exif(exif: ExifTags) -> Iterator[Fact]:
    for line in LINES:
        value = line.say(exif, line.directory, line.tag)
        if value:
            yield Fact(line.name, value, line.private)


def _facts_of_xmp(data: Metadata) -> Iterator[Fact]:
    for path, (name, private) in PROPERTIES.items():
        for one in data.properties(path):
            yield Fact(name, one.value, private)


def _contradictions(data: Metadata, photo: Photo) -> Iterator[str]:
    """Yield what cannot have been written by the camera that took this picture, in sentences."""
    width, height = (next(iter(data.exif.numbers(EXIF, tag)), 0) for tag in (WIDTH, HEIGHT))
    stored = _stored_size(photo)
    if width > 0 and height > 0 and stored and sorted((width, height)) != sorted(stored):
        yield f"EXIF says {width:.0f} × {height:.0f} pixels, the picture has {stored[0]} × {stored[1]}."
    for name, tag, path in (("make", MAKE, "tiff:Make"), ("model", MODEL, "tiff:Model")):
        ours, theirs = data.exif.text(IMAGE, tag), data.property(path)
        if ours and theirs and ours.casefold().split() != theirs.casefold().split():
            yield f"EXIF says that the camera's {name} is {short(ours)}, XMP that it is {short(theirs)}."


def _stored_size(photo: Photo) -> tuple[int, int] | None:
    """Return width and height of a picture as it is stored; None of a file of pages, or where no header tells."""
    picture, container = picture_in(photo.data)
    image = None if container == "TIFF" else header_of(picture)
    return image.size if image else None


def _sentence(data: Metadata, facts: list[Fact], contradictions: list[str]) -> str:
    """Say in one sentence, or two, what was seen; nothing private stands in it."""
    if not facts and not data.kinds:
        return "The file holds no EXIF, XMP or IPTC: it may never have had any, or was passed through an app."
    make, model = (data.exif.text(IMAGE, tag) for tag in (MAKE, MODEL))
    make, model = make or data.property("tiff:Make"), model or data.property("tiff:Model")
    camera = " ".join(map(short, filter(None, (make, model))))
    first = f"It says that {camera} took the photo." if camera else "No camera is named in the file."
    return f"{first} {len(contradictions)} of its entries do not fit." if contradictions else first
