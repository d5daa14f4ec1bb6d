"""Real portraits from four sources; two of them are held out whole, to tell how an unseen source fares."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.datasets import Dataset, Record, pictures
from pipeline.datasets.files import require_subfolders, say_path, subfolders
from pipeline.errors import BadDataset
from pipeline.storage.names import as_text

SOURCES = ("congress", "ffhq", "london", "stock_cc0")
HELD_OUT = ("london", "stock_cc0")


def records(folder: Path) -> Iterator[Record]:
    """Read one folder a source, those of `SOURCES` that are there; London's names start with the person's number."""
    names = [home.name for home in subfolders(folder)]
    other = [name for name in names if name not in SOURCES]
    if other or not names:
        holding = f"the folder {other[0]}/" if other else "no folder"
        raise BadDataset(
            f"{say_path(folder)} has {holding}; portraits are in {', '.join(SOURCES)}. For others use folders=."
        )
    for home in require_subfolders(folder, *names):
        for path in pictures(home):
            person = path.stem.split("_")[0] if home.name == "london" else path.stem
            group = f"{home.name}-{as_text(person)}"
            yield Record(path, "real", "camera", home.name, group, regions="0000", held_out=home.name in HELD_OUT)


def looks_like(folder: Path) -> bool:
    """Tell whether all subfolders are named as sources."""
    names = {home.name for home in subfolders(folder)} if folder.is_dir() else set()
    return bool(names) and names <= set(SOURCES)


DATASET = Dataset(
    name="portraits",
    revision="560",
    licence="FFHQ CC BY-NC-SA (set); congress public domain; london CC BY 4.0; stock CC0",
    citation="Karras et al., 2019 (FFHQ); US Congress portraits; DeBruine & Jones, Face Research Lab London Set, 2017",
    obtain="the four collections' own sites; one folder a source",
    labels=dict.fromkeys(SOURCES, "real: camera"),
    records=records,
    looks_like=looks_like,
)
