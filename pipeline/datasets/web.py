"""Real faces from the web: parts of seven collections, three of which no weights were ever trained on.

**Not a truth of "unretouched".** `BEAUTIFIED` hold portraits that were beautified before they were collected, 5 to 15 %
by eye. For stage 1 they count as real: a camera took them, and calling them edited is a false alarm. The forge makes
edits of other photos only (`pipeline.crops.build.EDITS_A_PHOTO`), so no figure of retouching takes one of these for an
untouched original.
"""

from pathlib import Path

from pipeline.datasets import Dataset
from pipeline.datasets.published import first_source, read_published

SOURCES = ("allage", "mebeauty", "scut", "utk", "profiles", "press", "cacd")
NEVER_TRAINED_ON = ("profiles", "press", "cacd")
"""For thresholds and false alarms only: all their photos are of the split val."""
BEAUTIFIED = ("allage", "scut")
MAY_BE_BEAUTIFIED = "camera, may be beautified"


def looks_like(folder: Path) -> bool:
    """Tell by the index's columns and the source of its first row."""
    return first_source(folder) in SOURCES


DATASET = Dataset(
    name="web",
    revision="2090",
    licence="research use; profiles CC BY 4.0",
    citation="All-Age-Faces; MEBeauty; SCUT-FBP5500; UTKFace; CACD; profile and press portraits",
    obtain="the collections' own sites; here a part of each, one folder a source, with index.csv",
    labels=dict.fromkeys(SOURCES, "real: camera"),
    records=lambda folder: read_published(folder, SOURCES, dict.fromkeys(BEAUTIFIED, MAY_BE_BEAUTIFIED)),
    looks_like=looks_like,
    published=True,
)
