"""Names of programs that write photos, by what people do with them; a name alone shows no edit of a face."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Sort = Literal["generator", "retouching app", "editor", "developer", "library", "service"]
"""What a program is for: to make pictures, to beautify faces, to edit, to develop raw files, to convert, to share."""
WORTH_A_LOOK: frozenset[Sort] = frozenset(("generator", "retouching app", "editor"))
SAYS: Mapping[Sort, str] = MappingProxyType(
    {
        "generator": "makes pictures by a generative model",
        "retouching app": "beautifies or swaps faces",
        "editor": "edits pictures",
        "developer": "develops and sorts photos, and can retouch",
        "library": "converts pictures",
        "service": "shares pictures and writes them anew",
    }
)
NAMES: Mapping[Sort, str] = MappingProxyType(
    {
        "generator": r"Midjourney|Stable Diffusion|ComfyUI|InvokeAI|NovelAI|AUTOMATIC1111|Fooocus|SwarmUI|SD\.Next|"
        r"DALL[-·. ]?E|OpenAI|ChatGPT|GPT-4o|Sora|Adobe Firefly|Firefly|Google AI|Gemini|Nano Banana|Leonardo\.Ai|"
        r"Ideogram|DreamStudio|Draw Things|NightCafe|Artbreeder|Generated Photos|StyleGAN|Bing Image Creator|"
        r"Microsoft Designer|Doubao|Jimeng|Seedream|Kling|Recraft|Grok|Krea",
        "retouching app": r"FaceApp|Facetune2?|MeituPic|Meitu|BeautyPlus|BeautyCam|AirBrush|YouCam(?: Perfect| Makeup)?"
        r"|Remini|Reface|Perfect365|Peachy|Lensa|Evoto|SNOW|B612|Ulike|Faceu|FaceSwap|DeepFaceLab|DeepFaceLive|Roop|"
        r"FaceFusion|InSwapper|Portrait ?Pro|Anthropics|Retouch4me|Beauty ?Camera|Hypic|EPIK|BodyTune|Retouch Me|"
        r"Avatarify|MSQRD|Visage Lab",
        "editor": r"Photoshop(?: Express| Elements| Fix| Mix)?|Adobe Express|GIMP|Snapseed|Pixelmator(?: Pro)?|"
        r"Affinity(?: Photo)?|Paint\.NET|PaintShop|Paint Shop Pro|Corel|PicsArt|VSCO|Canva|Pixlr|Photopea|Krita|"
        r"Polarr|Fotor|BeFunky|PhotoScape|InShot|CapCut|VivaVideo|Prisma|PhotoDirector|Luminar|Procreate|Acorn|"
        r"Photo ?Editor|Microsoft Photo|Skylum|PhotoFiltre|PhotoImpact|TouchRetouch|Afterlight|Photo ?Lab|LightX|"
        r"Picnik|Aviary|MS Paint",
        "developer": r"Lightroom(?: Classic| Mobile)?|Camera Raw|Capture One|Capture NX|darktable|RawTherapee|ON1|DxO|"
        r"ACDSee|digiKam|Digital Photo Professional|ViewNX|Silkypix|Picasa|Apple Photos|Photos \d|Google Photos|"
        r"Google|Shotwell|XnView|IrfanView|FastStone|Photo Mechanic|Windows Photo Gallery|Adobe Bridge",
        "library": r"ImageMagick|GraphicsMagick|Pillow|PIL|libvips|ffmpeg|Lavc\d*|OpenCV|gd-jpeg|libgd|ExifTool|Exiv2"
        r"|LEAD Technologies|Intel\(R\) JPEG Library|Matplotlib|CoreGraphics|ACD Systems",
        "service": r"Instagram|Facebook|Twitter|WhatsApp|Telegram|WeChat|Flickr|Imgur|Shutterstock|TikTok|Snapchat",
    }
)
PATTERNS: Mapping[Sort, "re.Pattern[str]"] = MappingProxyType(
    {
        sort: re.compile(
            rf"(?<![A-Za-z0-9])(?:{names})(?![A-Za-z])", 0 if sort in ("generator", "library") else re.IGNORECASE
        )
        for sort, names in NAMES.items()
    }
)
FULL_NAME = re.compile(r"Photoshop(?:®|\(R\))? (?=Lightroom|Camera Raw)", re.IGNORECASE)
"""The part of a developer's full name that is another program's."""
MOST_SEARCHED = 4000


@dataclass(frozen=True)
class Program:
    """A program by its name as a file spells it, and what it is for."""

    name: str
    sort: Sort


def programs(text: str) -> tuple[Program, ...]:
    """Return the programs that a text names in its first `MOST_SEARCHED` characters, each once, generators first."""
    text = FULL_NAME.sub("", text[:MOST_SEARCHED])
    named = [Program(match[0], sort) for sort, pattern in PATTERNS.items() for match in pattern.finditer(text)]
    every: dict[str, Program] = {}
    for program in named:
        every.setdefault(program.name.casefold(), program)
    return tuple(every.values())
