"""The photos of `sample_data`: rebuilt from `sample_data/originals` by `python -m sample_data.make`.

Every sample, real or edited, passes the same encoder at its original's quality, so the file does not tell the label.
"""

import argparse
import csv
import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.errors import NoFace
from pipeline.examining.find_faces import faces_in
from pipeline.forge.geometry.donors import tint_donor
from pipeline.forge.operation import Edit, Subject, operation
from pipeline.photo import Photo
from pipeline.settings import PROJECT

FOLDER = PROJECT / "sample_data"


@dataclass(frozen=True)
class Original:
    """One picture that samples are made from: where it is from, and the JPEG quality of all samples made from it."""

    file: str
    quality: int
    person: str
    source: str
    package: str
    licence: str


ORIGINALS = {
    "collins": Original(
        "collins.jpg", 92, "Eileen Collins",
        "NASA portrait of astronaut Eileen M. Collins, as skimage.data.astronaut(); saved once as JPEG, quality 95",
        "scikit-image 0.26.0, skimage/data/astronaut.png; https://flic.kr/p/r9qvLn",
        "public domain (work of NASA, a US federal agency; 17 U.S.C. § 105)",
    ),
    "hopper": Original(
        "hopper.jpg", 90, "Grace Hopper",
        "US Navy portrait of Commodore Grace M. Hopper by James S. Davis, 1984; the package's file, untouched",
        "matplotlib 3.11.2, mpl-data/sample_data/grace_hopper.jpg; https://commons.wikimedia.org/wiki/File:Grace_Hopper.jpg",
        "public domain (work of a US Navy employee on duty; 17 U.S.C. § 105)",
    ),
    "coffee": Original(
        "coffee.jpg", 92, "",
        "A cup of coffee by Rachel Michetti, as skimage.data.coffee(); saved once as JPEG, quality 95",
        "scikit-image 0.26.0, skimage/data/coffee.png",
        "CC0 1.0",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One file to make. Without an operation it is the original, re-encoded as the edited ones are."""

    file: str
    original: str
    operation: str = ""
    donor: str = ""
    seed: int = 0
    strength: float = 0.0


@dataclass(frozen=True)
class ManifestLine:
    """One line of `manifest.csv`."""

    file: str
    sha256: str
    label: str
    kind: str
    made_by: str
    seed: str
    source: str
    source_url_or_package: str
    licence: str
    person: str


SAMPLES = (
    Sample("collins_real.jpg", "collins"),
    Sample("collins_smooth_skin.jpg", "collins", "smooth_skin", seed=4, strength=1.0),
    Sample("collins_reshape.jpg", "collins", "reshape", seed=7, strength=1.0),
    Sample("collins_makeup.jpg", "collins", "makeup", seed=3, strength=1.0),
    Sample("collins_blemish.jpg", "collins", "blemish", seed=2, strength=1.0),
    Sample("collins_skin_tone.jpg", "collins", "skin_tone", seed=1, strength=1.0),
    Sample("collins_part_composite.jpg", "collins", "part_composite", "hopper", seed=3, strength=1.0),
    Sample("collins_face_swap.jpg", "collins", "face_swap", "hopper", seed=6, strength=0.5),
    Sample("collins_self_blend.jpg", "collins", "self_blend", seed=7, strength=1.0),
    Sample("collins_resynthesis.jpg", "collins", "resynthesis", seed=8, strength=0.8),
    Sample("hopper_real.jpg", "hopper"),
    Sample("hopper_smooth_skin.jpg", "hopper", "smooth_skin", seed=7, strength=1.0),
    Sample("hopper_reshape.jpg", "hopper", "reshape", seed=1, strength=1.0),
    Sample("hopper_makeup.jpg", "hopper", "makeup", seed=1, strength=0.8),
    Sample("hopper_blemish.jpg", "hopper", "blemish", seed=2, strength=1.0),
    Sample("hopper_skin_tone.jpg", "hopper", "skin_tone", seed=5, strength=1.0),
    Sample("hopper_part_composite.jpg", "hopper", "part_composite", "collins", seed=3, strength=1.0),
    Sample("hopper_face_swap.jpg", "hopper", "face_swap", "collins", seed=8, strength=0.5),
    Sample("hopper_self_blend.jpg", "hopper", "self_blend", seed=1, strength=1.0),
    Sample("hopper_resynthesis.jpg", "hopper", "resynthesis", seed=1, strength=0.8),
    Sample("coffee_no_face.jpg", "coffee"),
)


def read_subject(path: Path) -> Subject:
    """Read a photo and the landmarks of its largest face.

    Raises:
        NoFace: there is none.
    """
    rgb = Photo.read(path.read_bytes()).rgb
    faces = faces_in(rgb)
    if not faces:
        raise NoFace(f"No face was found in {path.name}.")
    return Subject(rgb, faces[0].landmarks)


def make_edit(sample: Sample, originals: Path) -> Edit:
    """Make the edit of a sample that has an operation. A donor's photo is tinted to the subject's skin first."""
    subject, donor = read_subject(originals / ORIGINALS[sample.original].file), None
    if sample.donor:
        donor = tint_donor(read_subject(originals / ORIGINALS[sample.donor].file), subject)
    edit = operation(sample.operation).run(subject, donor, np.random.default_rng(sample.seed), sample.strength)
    if not edit.changed:
        raise ValueError(f"{sample.file}: nothing was edited: {edit.steps}")
    return edit


def encode_sample(rgb: np.ndarray, quality: int) -> bytes:
    """Encode (H, W, 3) uint8 RGB as JPEG, 4:2:0, without any metadata."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, subsampling="4:2:0", optimize=True)
    return buffer.getvalue()


def make(sample: Sample, originals: Path) -> tuple[bytes, ManifestLine]:
    """Make one sample: its file's bytes and its line of the manifest."""
    original = ORIGINALS[sample.original]
    if sample.operation:
        edit = make_edit(sample, originals)
        data, made_by = encode_sample(edit.rgb, original.quality), _made_by(sample, edit)
        label, kind = str(operation(sample.operation).label), operation(sample.operation).kind
    else:
        data = encode_sample(Photo.read((originals / original.file).read_bytes()).rgb, original.quality)
        made_by, label, kind = "original", "real", "photo" if original.person else "no face"
    return data, _row(sample, data, label, kind, made_by)


def _made_by(sample: Sample, edit: Edit) -> str:
    facts: dict[str, Any] = {"operation": sample.operation, "strength": sample.strength, "steps": edit.steps}
    if sample.donor:
        facts["donor"] = ORIGINALS[sample.donor].file
    return json.dumps(facts, ensure_ascii=False)


def _row(sample: Sample, data: bytes, label: str, kind: str, made_by: str) -> ManifestLine:
    """Fill a line of the manifest; an edit names both people and both sources."""
    parts = [ORIGINALS[name] for name in (sample.original, sample.donor) if name]
    return ManifestLine(
        sample.file,
        hashlib.sha256(data).hexdigest(),
        label,
        kind,
        made_by,
        str(sample.seed) if sample.operation else "",
        " + ".join(part.source for part in parts),
        " + ".join(part.package for part in parts),
        " + ".join(dict.fromkeys(part.licence for part in parts)),
        " + ".join(part.person for part in parts if part.person),
    )


def _original_rows(originals: Path) -> list[ManifestLine]:
    """Return the manifest's lines of the originals themselves."""
    rows = []
    for original in ORIGINALS.values():
        digest = hashlib.sha256((originals / original.file).read_bytes()).hexdigest()
        kind = "photo" if original.person else "no face"
        facts = (original.source, original.package, original.licence, original.person)
        rows.append(ManifestLine(f"originals/{original.file}", digest, "real", kind, "original", "", *facts))
    return rows


def make_samples(originals: Path, out: Path) -> list[ManifestLine]:
    """Make every sample and `manifest.csv`.

    Args:
        originals: folder of the originals.
        out: folder for the samples and the manifest; made where absent.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = _original_rows(originals)
    for sample in SAMPLES:
        data, row = make(sample, originals)
        (out / sample.file).write_bytes(data)
        rows.append(row)
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, fieldnames=list(asdict(rows[0])), lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in rows)
    return rows


def main() -> None:
    """Rebuild the samples from the command line."""
    parser = argparse.ArgumentParser(description="Rebuild the edited sample photos from their originals.")
    parser.add_argument("--originals", type=Path, default=FOLDER / "originals")
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args()
    for row in make_samples(given.originals, given.out):
        print(f"{row.label:9} {row.kind:28} {row.file}")


if __name__ == "__main__":
    main()
