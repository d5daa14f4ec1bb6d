"""The parts of a face that a detector may tell apart, apart from torch: whoever only shows them needs no network."""

REGION_NAMES = ("left eye", "right eye", "nose", "mouth")
