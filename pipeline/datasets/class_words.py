"""What people call the classes of their collections, and what is meant by it."""

import re

from pipeline.datasets import LABELS
from pipeline.errors import BadDataset

UNSAID = {"real": "camera", "deepfake": "unspecified", "facetune": "unspecified"}
"""The kind of a label that comes without one."""

_MEANINGS = {
    "real: camera": "real reals original originals authentic pristine genuine unedited untouched unaltered camera",
    "deepfake: unspecified": "deepfake deepfakes df",
    "deepfake: unspecified fake": "fake fakes",
    "deepfake: face swap": "faceswap faceswaps faceswapped swap swapped faceshifter",
    "deepfake: reenactment": "reenactment reenacted face2face neuraltextures",
    "deepfake: GAN": "gan gans stylegan stylegan2 stylegan3 progan",
    "deepfake: diffusion": "diffusion stablediffusion",
    "deepfake: synthetic": "synthetic synthesized synthesised generated aigenerated ai",
    "facetune: retouch": "facetune facetuned retouch retouched retouching beautified beautify smoothed",
    "facetune: unspecified": "edited photoshop photoshopped",
    "facetune: makeup": "makeup",
    "facetune: part composite": "composite composited spliced",
}
MEANINGS = {word: meaning for meaning, words in _MEANINGS.items() for word in words.split()}
"""Word, in lower case and without blanks, to "label: kind".

A bare "fake" is taken for a deepfake, as most collections with that word mean it; its kind says that it was not plain.
Words that may mean either kind of editing ("manipulated", "tampered", "altered") are not here: they must be explained.
"""

SPLIT_WORDS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip

FILLERS = {"image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "pic", "pics",
           "face", "faces", "portrait", "portraits", "class", "set", "data", "dataset", *SPLIT_WORDS}  # fmt: skip


def meaning(text: str) -> str | None:
    """Return what a class's name means, as "label: kind"; None where it is not known.

    Words that say nothing of the class ("Real Faces", "training_fake", "1_deepfake") are left out.
    """
    words = re.findall(r"[^\W_]+", text.lower())
    telling = [word for word in words if word not in FILLERS and not word.isdigit()]
    return MEANINGS.get("".join(words)) or MEANINGS.get("".join(telling))


def split_named(text: str) -> str:
    """Return the split ("train", "val", "test") that a name means, "" where it means none."""
    return SPLIT_WORDS.get(text.strip().lower(), "")


def label_and_kind(text: str, where: str) -> tuple[str, str]:
    """Take "label: kind", or a label alone, apart.

    Raises:
        BadDataset: the label is none; the message starts with `where`.
    """
    label, _, kind = (part.strip() for part in text.partition(":"))
    if label.lower() not in LABELS:
        raise BadDataset(f'{where}: {text!r} is no label; write "label: kind" with one of {", ".join(LABELS)}.')
    return label.lower(), kind or UNSAID[label.lower()]
