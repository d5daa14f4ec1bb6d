"""Write golden/<word>.json: what each release in use says of every sample. Run it after a new release, and read the
difference before it is committed: `python tests/pipeline/make_golden.py`.
"""

import json
from pathlib import Path
from typing import Any

from models.in_use import releases_in_use
from pipeline.cascade import examine_many
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.photo import SUFFIXES, Photo

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "sample_data"
GOLDEN = Path(__file__).resolve().parent / "golden"


def path_of(word: str) -> Path:
    """Return where it stands what the release in use under a word says."""
    return GOLDEN / f"{word}.json"


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
    """Write the files."""
    GOLDEN.mkdir(exist_ok=True)
    for word, name in releases_in_use().items():
        said = {"release": name, "photos": examined(load_cascade(name), sample_files())}
        path_of(word).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        print(f"{path_of(word).relative_to(PROJECT)}: {len(said['photos'])} photos, release {name}")


if __name__ == "__main__":
    main()
