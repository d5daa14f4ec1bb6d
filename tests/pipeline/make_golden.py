"""Write golden/samples.json: what the newest release says of every sample. Run it after a new release, and read the
difference before it is committed: `python tests/pipeline/make_golden.py`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from models.release import release_names
from pipeline.cascade import Cascade, examine_many, load_cascade
from pipeline.photo import SUFFIXES, Photo

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "sample_data"
GOLDEN = Path(__file__).resolve().parent / "golden" / "samples.json"


def newest() -> str:
    """Return the newest release's name, "" where there is none; those that start with 0000 are for development."""
    return next((name for name in reversed(release_names()) if not name.startswith("0000")), "")


def sample_files() -> list[str]:
    """Return the samples' paths below sample_data, sorted."""
    return sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*") if path.suffix.lower() in SUFFIXES)


def examined(cascade: Cascade, files: list[str]) -> dict[str, dict[str, Any]]:
    """Return what is held to of each sample."""
    photos = [Photo.read((SAMPLES / name).read_bytes()) for name in files]
    found = [one.as_dict() for one in examine_many(photos, cascade, heatmaps=False)]
    kept = ("verdict", "p_edited", "p_deepfake", "reasons")
    return {
        name: {key: one[key] for key in kept} | {"box": one["faces"][0]["box"] if one["faces"] else None}
        for name, one in zip(files, found, strict=True)
    }


def main() -> None:
    """Write the file."""
    name = newest()
    if not name:
        sys.exit("There is no release to hold to: only those for development are here.")
    said = {"release": name, "photos": examined(load_cascade(name), sample_files())}
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(f"{GOLDEN.relative_to(PROJECT)}: {len(said['photos'])} photos, release {name}")


if __name__ == "__main__":
    main()
