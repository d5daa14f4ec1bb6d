"""What the signals beside the networks show in a photo of a run, looked for when it is first asked for."""

import hashlib
from typing import Any

import streamlit as st

from dashboard.session.widgets import keep, recall
from pipeline.casebook.report.parts import Part
from pipeline.casebook.runs import Run
from pipeline.face import Box
from pipeline.photo import Photo

ASKED = "file-evidence"

Evidence = tuple[tuple[Part, ...], dict[str, bytes]]
"""Findings as a dossier holds them, and SHA-256 → picture of their exhibits."""


def is_asked(sha256: str) -> bool:
    """Tell whether the evidence of a photo was asked for in this session."""
    return sha256 in (recall(ASKED) or ())


def ask(sha256: str) -> None:
    """Remember that the evidence of a photo is asked for."""
    keep(ASKED, {*(recall(ASKED) or ()), sha256})


def evidence_of(run: Run, record: dict[str, Any]) -> Evidence:
    """Return what the signals show in a photo of a run.

    Args:
        run: the run.
        record: the photo's, from `run.results()`.

    Raises:
        UnreadablePhoto: the original is gone, altered, or cannot be read.
    """
    how = (bool(record.get("partial", False)), int(record.get("frame", 0)))
    faces = tuple(tuple(face["box"]) for face in record.get("faces", ()))
    return _evidence_of(record["sha256"], record["name"], how, faces, run, record["index"])


@st.cache_resource(show_spinner=False, max_entries=12)
def _evidence_of(
    sha256: str, name: str, how: tuple[bool, int], faces: tuple[Box, ...], _run: Run, _index: int
) -> Evidence:
    from pipeline.evidence.scan import look_at

    data = _run.original(next(entry for entry in _run.inputs() if entry.index == _index))
    findings, pictures = [], {}
    for finding in look_at(Photo.read(data, *how), name, faces):
        kept = finding.as_dict()
        for exhibit, facts in zip(finding.exhibits, kept["exhibits"], strict=True):
            facts["sha256"] = hashlib.sha256(exhibit.data).hexdigest()
            pictures[facts["sha256"]] = exhibit.data
        findings.append(Part(kept))
    return tuple(findings), pictures
