"""The photos of evaluations: looked for on this machine by their hash, and small, opened or outlined pictures."""

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from dashboard.session.evaluated_copies import OpenedCopy, Thumbnail, lighter
from dashboard.session.stamps import stamps_in
from pipeline.datasets.photo_index import INDEX, Photos, Search, data_folder
from pipeline.pictures.face_outline import face_outline
from pipeline.results.canonical import unpack_grid
from pipeline.results.evaluation import Evaluation
from pipeline.settings import settings


def search() -> Search | None:
    """Return what looks for evaluated photos on this machine, begun once a folder; None where no folder is named."""
    folder = data_folder()
    return _search(str(settings().home), folder) if folder else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _search(home: str, folder: Path) -> Search:
    looking = Search(Photos(Path(home) / INDEX, folder))
    looking.start()
    return looking


def evaluated_here(evaluation: Evaluation, looking: Search | None) -> int:
    """Return how many photos of an evaluation, or their originals, were found; 0 while they are being looked for.

    Raises:
        DamagedDatabase: the index of photos cannot be read.
    """
    if looking is None or looking.running or looking.problem:
        return 0
    return _evaluated_here(
        str(evaluation.path),
        stamps_in(evaluation.path),
        str(looking.photos.folder),
        looking.looks,
        evaluation,
        looking,
    )


@st.cache_resource(show_spinner=False, max_entries=12)
def _evaluated_here(path: str, stamps: str, folder: str, looks: int, _evaluation: Evaluation, _looking: Search) -> int:
    return int(_evaluation.predictions.sha256.isin(_looking.photos.hashes()).sum())


def thumbnails(hashes: Iterable[str], looking: Search | None) -> dict[str, Thumbnail]:
    """Return SHA-256 → small picture of those photos that are, or were, on this machine; hashed anew once changed.

    Raises:
        DamagedDatabase: the index of photos cannot be read.
    """
    if looking is None:
        return {}
    return {sha256: _thumbnail(sha256, stamp, looking) for sha256, stamp in looking.photos.stamps(hashes).items()}


@st.cache_resource(show_spinner=False, max_entries=2000)
def _thumbnail(sha256: str, stamp: str, _looking: Search) -> Thumbnail:
    return Thumbnail.of(_looking.photos.read(sha256))


def open_evaluated(sha256: str, looking: Search | None) -> OpenedCopy | None:
    """Return an evaluated photo with its faces, kept for the last that were opened; None where it is not known here.

    Raises:
        TriageError: the index of photos, or the photo, cannot be read.
    """
    stamps = looking.photos.stamps([sha256]) if looking else {}
    return _open_evaluated(sha256, stamps[sha256], looking) if looking and sha256 in stamps else None


@st.cache_resource(show_spinner=False, max_entries=12)
def _open_evaluated(sha256: str, stamp: str, _looking: Search) -> OpenedCopy:
    return OpenedCopy.of(_looking.photos.read(sha256))


@st.cache_resource(show_spinner=False, max_entries=4000)
def outline(packed: str, side: int, light: bool = False) -> bytes:
    """Return a coarse map on the canonical face's outline as PNG, in few colours if it is to be light.

    Raises:
        BadGrid: it is no packed map; "" is, and draws the outline alone.
    """
    drawn = face_outline(unpack_grid(packed) if packed else None, side=side)
    return lighter(drawn) if light else drawn
