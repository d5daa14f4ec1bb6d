"""Deepfake faces: one 224 px face a video of DFDC, with the video that each fake was made from."""

from collections.abc import Iterator
from pathlib import Path, PurePath

from pipeline.datasets import Dataset, Record
from pipeline.datasets.index import Row, has_columns, read_index

COLUMNS = ("videoname", "label", "original")
NONE = ("", "nan", "none")


def records(folder: Path) -> Iterator[Record]:
    """Read metadata.csv beside faces_224/; a fake stays in the group of the video that it was made from."""
    return read_index(folder / "metadata.csv", COLUMNS, lambda row: [_record(folder / "faces_224", row)])


def _record(faces: Path, row: Row) -> Record:
    """Faces were cut at different moments, so a fake is no pixel-aligned pair of its original: there is no mask."""
    fake = row.one_of("label", ("real", "fake")) == "fake"
    video, original = _stem(row.need("videoname")), row["original"]
    if fake and original.lower() in NONE:
        raise row.wrong(f"the fake {video} names no original, which it must stay together with.")
    group = f"deepfake_faces-{_stem(original) if fake else video}"
    label, kind, regions = ("deepfake", "face swap", "1111") if fake else ("real", "camera", "0000")
    return Record(faces / f"{video}.jpg", label, kind, "deepfake_faces", group, regions, pair=group)


def _stem(video: str) -> str:
    return PurePath(video).stem


DATASET = Dataset(
    name="deepfake_faces",
    revision="224px-95634",
    licence="research use (DFDC terms)",
    citation="Dolhansky et al., arXiv 2006.07397; Deepfake Faces, kaggle.com/dagnelies",
    obtain="kaggle.com/datasets/dagnelies/deepfake-faces, unpacked: metadata.csv beside faces_224/",
    labels={"REAL": "real: camera", "FAKE": "deepfake: face swap"},
    records=records,
    looks_like=lambda folder: has_columns(folder / "metadata.csv", COLUMNS),
)
