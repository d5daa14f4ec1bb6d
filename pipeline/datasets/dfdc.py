"""DFDC face crops: one real and one face-swapped fake of the same video, by person (Dolhansky et al., 2020)."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record
from pipeline.datasets.index import Row, has_columns, read_index

COLUMNS = ("real", "fake", "person", "pixel_aligned")


def records(folder: Path) -> Iterator[Record]:
    """Read index.csv beside real/ and fake/; both pictures of a row share `pair` and the person's group."""
    return read_index(folder / "index.csv", COLUMNS, lambda row: _both(folder, row))


def _both(folder: Path, row: Row) -> tuple[Record, Record]:
    real, fake = row.need("real"), row.need("fake")
    group, pair = f"dfdc-{row.need('person')}", f"dfdc-{real}-{fake}"
    mask = "pair" if row.one_of("pixel_aligned", ("0", "1")) == "1" else ""
    return (
        Record(folder / "real" / f"{real}.jpg", "real", "camera", "dfdc", group, "0000", pair=pair),
        Record(folder / "fake" / f"{fake}.jpg", "deepfake", "face swap", "dfdc", group, "1111", pair=pair, mask=mask),
    )


DATASET = Dataset(
    name="dfdc",
    revision="224px-q75-4000pairs",
    licence="research use (DFDC terms)",
    citation="Dolhansky et al., The DeepFake Detection Challenge Dataset, arXiv 2006.07397",
    obtain="ai.meta.com/datasets/dfdc, one face crop a video; here 4,000 pairs with index.csv",
    labels={"real": "real: camera", "fake": "deepfake: face swap"},
    records=records,
    looks_like=lambda folder: has_columns(folder / "index.csv", COLUMNS),
)
