"""Any folder with one subfolder per class: real/ and deepfake/, `Train/Fake`, `0_real` …, whatever the words.

`class_words.MEANINGS` says what a subfolder's name means. Another meaning, or one for an unknown name, is given by
`labels.json` ({"name": "label: kind"}) or `labels.csv` (columns folder, label) in the folder; "skip" leaves one out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.datasets import Dataset, Record, pictures
from pipeline.datasets.class_words import MEANINGS, label_and_kind, meaning, split_named
from pipeline.datasets.files import is_picture_name, say_path, subfolders, visible
from pipeline.datasets.index import rows
from pipeline.errors import BadDataset
from pipeline.storage.names import as_text

SKIP = "skip"


@dataclass(frozen=True)
class ClassFolder:
    """A folder of one class, in one split of the collection where it has any."""

    path: Path
    label: str
    kind: str
    split: str


def records(folder: Path) -> Iterator[Record]:
    """Read one subfolder per class; folders named as splits may lie above or right below them.

    The source is the folder's name, for every class; every picture is its own group, near duplicates are not looked
    for here.
    """
    home = _home(folder)
    source = as_text(folder.resolve().name)
    for one in class_folders(home):
        for path in pictures(one.path):
            inside = path.relative_to(one.path).parts
            split = one.split or (split_named(inside[0]) if len(inside) > 1 else "")
            group = f"{source}-{as_text(path.relative_to(home).as_posix())}"
            regions = "0000" if one.label == "real" else ""
            yield Record(path, one.label, one.kind, source, group, regions, split=split)


def class_folders(home: Path) -> list[ClassFolder]:
    """Return the folders of each class, in the order of their names.

    Raises:
        BadDataset: there is none, one is empty or of an unknown name, or a picture lies outside of them.
    """
    given, folders = _read_label_map(home), list[ClassFolder]()
    _refuse_strays(home)
    for path in subfolders(home):
        split = split_named(path.name) if path.name not in given else ""
        if split:
            _refuse_strays(path)
        inside = subfolders(path) if split else [path]
        folders += [one for each in inside if (one := _class_folder(home, each, split, given))]
    absent = set(given) - {path.name for path in [*subfolders(home), *_below(home)]}
    if absent:
        raise BadDataset(f"{say_path(home)}: its label map names {min(absent)!r}, but there is no such subfolder.")
    if not folders:
        raise BadDataset(
            f"{say_path(home)} has no subfolder with photos. Put each class in its own, like real/ and fake/."
        )
    return folders


def _class_folder(home: Path, path: Path, split: str, given: Mapping[str, str]) -> ClassFolder | None:
    meant = given.get(path.name) or meaning(path.name)
    if meant == SKIP:
        return None
    if meant is None:
        example = json.dumps({path.name: "deepfake: face swap"}, ensure_ascii=False)
        raise BadDataset(
            f"{say_path(path)}: {path.name!r} is no word for a class that is known here. Say what it holds in "
            f"{say_path(home / 'labels.json')}, like {example}; labels are real, deepfake, facetune; "
            '"skip" leaves it out.'
        )
    if next(pictures(path), None) is None:
        raise BadDataset(
            f"{say_path(path)} holds no picture: the collection is half there. Fill the folder or remove it."
        )
    return ClassFolder(path, *label_and_kind(meant, say_path(path)), split)


def _below(home: Path) -> list[Path]:
    return [inner for path in subfolders(home) if split_named(path.name) for inner in subfolders(path)]


def _refuse_strays(folder: Path) -> None:
    stray = next((name for name in visible(folder) if is_picture_name(Path(name)) and (folder / name).is_file()), None)
    if stray:
        raise BadDataset(f"{say_path(folder / stray)} lies in no class's subfolder: move it into one, or remove it.")


def _read_label_map(home: Path) -> dict[str, str]:
    """Return the owner's own label map, subfolder to "label: kind" or "skip"; empty where there is none.

    Raises:
        BadDataset: it cannot be read, or there are two.
    """
    tables = [path for name in ("labels.json", "labels.csv") if (path := home / name).is_file()]
    if len(tables) > 1:
        raise BadDataset(f"{say_path(home)} has labels.json and labels.csv: keep one of them.")
    if not tables:
        return {}
    table = tables[0]
    if table.suffix == ".csv":
        given: object = {row.need("folder"): row.need("label") for row in rows(table, ("folder", "label"))}
    else:
        given = _read_json(table)
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise BadDataset(
            f'{say_path(table)} must map each subfolder to a text, like {{"swaps": "deepfake: face swap"}}.'
        )
    for name, text in given.items():
        if text != SKIP:
            label_and_kind(text, f"{say_path(table)}, {name!r}")
    return given


def _read_json(table: Path) -> object:
    try:
        return json.loads(table.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise BadDataset(f"{say_path(table)} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:  # JSON that is none, or bytes that are no UTF-8
        raise BadDataset(f"{say_path(table)} is no JSON: {problem}.") from problem


def _home(folder: Path) -> Path:
    """Return the folder of the classes: inside folders that unpacking put around it, which hold nothing else."""
    for _ in range(3):
        names = visible(folder)
        inner = folder / names[0] if len(names) == 1 else folder
        if inner == folder or not inner.is_dir() or meaning(inner.name) or split_named(inner.name):
            return folder
        if not subfolders(inner):
            return folder
        folder = inner
    return folder


def looks_like(folder: Path) -> bool:
    """Tell whether every subfolder's name is a class's, known or explained."""
    if not folder.is_dir():
        return False
    try:
        return bool(class_folders(_home(folder)))
    except BadDataset:
        return False


DATASET = Dataset(
    name="folders",
    revision="as given",
    licence="the owner's",
    citation="none: the owner's own collection",
    obtain="any folder with one subfolder per class; labels.json in it maps unusual names to labels",
    labels=MEANINGS,
    records=records,
    looks_like=looks_like,
    generic=True,
)
