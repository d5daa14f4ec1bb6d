"""What tests of several packages share: the sample photos, small files made on the spot, and settings of their own."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.settings import settings

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"


def rows() -> list[dict[str, str]]:
    """Return the manifest's rows of the photos that are shown."""
    with (SAMPLES / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if "/" not in row["file"]]


def encoded(image: Image.Image | np.ndarray, form: str = "PNG", **options: Any) -> bytes:
    """Return a picture as a file's bytes."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Undo that a tested page becomes the process's main module: workers that a later test spawns would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """`encoded`, for modules that cannot import this one."""
    return encoded


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """Bytes of a sample by its file's name."""
    return lambda name: (SAMPLES / name).read_bytes()


@pytest.fixture(scope="session")
def sample_names() -> list[str]:
    return [row["file"] for row in rows()]


@pytest.fixture(scope="session")
def hopper(sample) -> Any:
    """A photo with one face, upright, 512 × 600."""
    from pipeline.photo import Photo

    return Photo.read(sample("hopper_real.jpg"))


@pytest.fixture(scope="session")
def collins(sample) -> Any:
    from pipeline.photo import Photo

    return Photo.read(sample("collins_real.jpg"))


@pytest.fixture(scope="session")
def cascade() -> Any:
    """The quick release, loaded once: most of what is tested is the same for all, and it is ten times as fast."""
    from pipeline.examining.loaded import load_cascade

    return load_cascade("quick")


@pytest.fixture(scope="session")
def newest() -> Any:
    """The release that is taken where none is named, loaded once."""
    from pipeline.examining.loaded import load_cascade

    return load_cascade()


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings by name for one test: `setting(max_faces=3)`."""

    def put(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"TELLTALE_{name.upper()}", str(value))
        settings.cache_clear()

    yield put
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def home(setting: Callable[..., None], tmp_path: Path) -> Path:
    """An empty home for runs and originals."""
    folder = tmp_path / "home"
    setting(home=folder)
    return folder


@pytest.fixture(scope="session")
def signals_once() -> Iterator[None]:
    """Look at the signals of each photo once for all tests of a process: they show the same, and take a second."""
    from pipeline.casebook import dossier

    known: dict[Any, Any] = {}
    look_at = dossier.look_at

    def once(photo: Any, name: str, faces: Any) -> Any:
        key = (photo.data, photo.frame, photo.partial, name, tuple(map(tuple, faces)))
        if key not in known:
            known[key] = look_at(photo, name, faces)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dossier, "look_at", once)
        yield
