"""What sharing services leave of a photo, as far as it is published: the one table that `sharing_chains` reads.

No service promises any of it, and each changes it without notice; so each row says where it is from. What is not known
stands empty: it is neither for nor against. Sizes coincide between services, and anybody can give a file any name.
"""

import re
from dataclasses import dataclass

DATE, TIME = r"\d{4}-\d\d-\d\d", r"\d\d-\d\d-\d\d"


@dataclass(frozen=True)
class Chain:
    """One service.

    Attributes:
        name: of the service.
        file_names: patterns of whole file names without their ending, whatever the case.
        vague: its file names are so short of features that they count only beside another mark.
        long_sides: pixels of the longer side to which larger pictures are shrunk; smaller ones stay as they are.
        widths: pixels of the width to which wider pictures are shrunk.
        qualities: IJG qualities of its tables; others are no mark against it, as programs of one service differ.
        progressive: its JPEGs are progressive, as far as is known; None where nothing is.
        strips: it leaves neither Exif nor XMP.
        writes: bytes that it writes into the IPTC block of a JPEG; empty where none are known.
        source: where the row is from.
    """

    name: str
    source: str
    file_names: tuple[str, ...] = ()
    vague: bool = False
    long_sides: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()
    qualities: tuple[int, ...] = ()
    progressive: bool | None = None
    strips: bool = False
    writes: bytes = b""

    def has_name(self, stem: str) -> bool:
        """Tell whether a file name without its ending is one that this service gives."""
        return any(re.fullmatch(pattern, stem, re.IGNORECASE) for pattern in self.file_names)


CHAINS = (
    Chain(
        "WhatsApp",
        "file names: Forensic Focus, “WhatsApp media file naming convention”; long sides: D. Wieckiewicz, “A better "
        "way to send photos via WhatsApp” (1280, 1600), Spider's Web, June 2024 (1280), reports on its tests of "
        "2021 (2048) "
        "and 2023 (4096); metadata: Risemberg, thesis, University of Colorado Denver, 2020",
        (r"IMG-\d{8}-WA\d{4,}", rf"WhatsApp Image {DATE} at \d\d?[.:]\d\d[.:]\d\d( ?[AP]M)?(_[0-9a-f]{{8}})?"),
        long_sides=(1280, 1599, 1600, 2048, 4096),
        strips=True,
    ),
    Chain(
        "Facebook",
        "long sides: Facebook Help, “High-quality photos” (720, 960, 2048); file names and metadata: Castiglione, "
        "Cattaneo & De Santis, 2011; Moltisanti et al., 2015; the mark FBMD: reported by E. Jusupovic, July 2019; "
        "FB_IMG_ and received_: as they stand in public collections, not documented",
        (r"(\d{5,}_){1,4}[nosbtqa]", r"FB_IMG_\d{13,}", r"received_\d{10,}"),
        long_sides=(720, 960, 2048),
        strips=True,
        writes=b"FBMD",
    ),
    Chain(
        "Instagram",
        "widths: Instagram Help, “Photo resolution” (320 to 1080); recompression and metadata: Douglas, thesis, "
        "University of Colorado Denver, 2018; file names as Facebook's, whose servers it shares",
        (r"(\d{5,}_){1,4}n",),
        widths=(1080,),
        strips=True,
        writes=b"FBMD",
    ),
    Chain(
        "X (Twitter)",
        "long sides: X API, media sizes small, medium and large (680, 1200, 2048); metadata: N. O'Brien of Twitter, "
        "December 2019, as the press told it; file names: as in the addresses that the API gives. Since then JPEGs "
        "sent "
        "from a browser may stay as they were",
        (r"(?=.*\d)(?=.*[a-z])[A-Z][A-Za-z0-9_-]{14}([-_](small|medium|large|orig|4096x4096))?",),
        vague=True,
        long_sides=(680, 1200, 2048),
        strips=True,
    ),
    Chain(
        "Telegram",
        "source code of Telegram Desktop (localimageloader.cpp: 1280, on request 2560, quality 87, progressive; "
        "photo_ and "
        "its date: file_utilities.cpp); Telegram API, sizes of images (800, 1280, 2560)",
        (rf"photo_{DATE}_{TIME}", rf"photo_\d+@\d\d-\d\d-\d{{4}}_{TIME}"),
        long_sides=(800, 1280, 2560),
        qualities=(87,),
        progressive=True,
        strips=True,
    ),
    Chain(
        "Signal",
        "source code of Signal for Android (PushMediaConstraints: long sides and qualities 70 and 75; "
        "SaveAttachmentTask: "
        "file names)",
        (rf"signal-{DATE}-{TIME}-\d{{3}}(-\d+)?", rf"signal-(attachment-)?{DATE}-\d{{6}}(_\d+)?"),
        long_sides=(512, 768, 1024, 1600, 2048, 3072, 4096),
        qualities=(70, 75),
        strips=True,
    ),
    Chain(
        "a screenshot",
        "file names: Android open source (“Screenshot_” and the time), Apple Support (“Screenshot … at …”), Microsoft "
        "Support (“Screenshot (1)”)",
        (r"Screen ?shot([ _(-].{1,80})?",),
    ),
)
