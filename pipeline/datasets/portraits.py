"""Real portraits from four sources; two of them are held out whole, to tell how an unseen source fares."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record, pictures

HELD_OUT = ("london", "stock_cc0")


def records(folder: Path) -> Iterator[Record]:
    """Read one folder a source; London's file names start with the person's number."""
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in pictures(home):
            person = path.stem.split("_")[0] if home.name == "london" else path.stem
            group = f"{home.name}-{person}"
            yield Record(path, "real", "camera", home.name, group, regions="0000", held_out=home.name in HELD_OUT)


DATASET = Dataset(
    name="portraits",
    revision="560",
    licence="FFHQ CC BY-NC-SA (set); congress public domain; london CC BY 4.0; stock CC0",
    citation="Karras et al., 2019 (FFHQ); US Congress portraits; DeBruine & Jones, Face Research Lab London Set, 2017",
    records=records,
)
