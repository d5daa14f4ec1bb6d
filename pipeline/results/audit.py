"""`Audit`: what the shortcut audit wrote, typed for those who show it; its form is in `pipeline.evaluation.audit`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pipeline.datasets.sources import is_forged_name
from pipeline.errors import BadAudit, BadEvaluation
from pipeline.results.figure import Figure
from pipeline.storage.read_json import read_json

SCHEMA = 1
HOME = "audits"
SAME = "same originals"
OPEN = ("still told", "less, but still told", "told", "told only in the crop")
"""Outcomes of a shortcut that is left in what a detector sees."""
GONE = "gone"
ASKED = ("audit", "task", "scope", "stage", "by")
SPLIT = ("split", "against", "measure", "threshold", "standing", "verdict")


@dataclass(frozen=True)
class Comparison:
    """One question to a classifier that must not see the edit, under every condition that was measured.

    Attributes:
        audit, task, scope, stage, by: what was asked of which photos, and what was looked at.
        chance: what guessing reaches.
        figures: condition → balanced accuracy.
        outcome: what became of the shortcut; "" with one condition.
        said: all of it in words.
    """

    audit: str
    task: str
    scope: str
    stage: str
    by: str
    chance: float
    figures: Mapping[str, Figure]
    outcome: str
    said: str

    @property
    def after(self) -> Figure | None:
        """The figure in the fixed container: what a detector sees."""
        return self.figures.get("after")

    @property
    def earlier(self) -> tuple[str, Figure] | None:
        """The condition before it in which most is told, and its figure."""
        others = [(name, figure) for name, figure in self.figures.items() if name != "after"]
        return max(others, key=lambda pair: pair[1].value or 0.0, default=None)

    @property
    def open(self) -> bool:
        """Whether it can be told in what a detector sees."""
        return self.outcome in OPEN

    @property
    def same_originals(self) -> bool:
        """Whether edited photos were made of the unedited ones: what is told there is the edit, not the collection."""
        return self.scope == SAME or is_forged_name(self.scope)

    @property
    def excess(self) -> float:
        """How far the figure after equalising, or the only one there is, lies from chance (0) to certain (1)."""
        figure = self.after or (self.earlier[1] if self.earlier else None)
        return -1.0 if figure is None or figure.value is None else (figure.value - self.chance) / (1 - self.chance)


@dataclass(frozen=True)
class Leak:
    """How many photos of a split have a near twin among those learned from, by one way of being near.

    Attributes:
        split, against: which photos have near ones among which.
        measure, threshold: what near means.
        n, near: photos of the split, and those with a near one.
        share, unrelated, same_group: of the split, of photos known to be unrelated, and of those known to be related.
        standing, verdict: what follows, in a word and in a sentence.
        examples: the nearest pairs: first digits of both hashes, sources, bits apart, cosine.
    """

    split: str
    against: str
    measure: str
    threshold: str
    n: int
    near: int
    share: Figure
    unrelated: Figure
    same_group: Figure
    standing: str
    verdict: str
    examples: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Audit:
    """One audit of one manifest.

    Attributes:
        path: the file.
        conditions: what it was made under.
        comparisons: the questions, as they were asked.
        areas: (audit, stage, scope, by) → AUC in the fixed container.
        leakage: of every split.
        consequences: stage → sentences.
    """

    path: Path
    conditions: dict[str, Any]
    comparisons: tuple[Comparison, ...]
    areas: Mapping[tuple[str, str, str, str], Figure]
    leakage: tuple[Leak, ...]
    consequences: Mapping[str, tuple[str, ...]]

    @property
    def manifest_sha256(self) -> str:
        """The hash of the manifest that it is about."""
        return str(self.conditions["manifest_sha256"])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that `audit` wrote.

        Raises:
            BadAudit: it is not there, damaged, of another schema, or something else.
        """
        data = read_json(path, BadAudit, "audit")
        if data.get("schema") != SCHEMA:
            raise BadAudit(
                f"{path.name} is of schema {data.get('schema', 'unknown')}, this version reads {SCHEMA}: "
                "make the audit again."
            )
        try:
            return cls(
                path,
                {**data["conditions"], "manifest_sha256": str(data["conditions"]["manifest_sha256"])},
                tuple(_comparison(row) for row in data["comparisons"]),
                _areas(data["entries"]),
                tuple(_leak(row) for row in data["leakage"]),
                {str(stage): tuple(map(str, lines)) for stage, lines in data["consequences"].items()},
            )
        except (BadEvaluation, AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as problem:
            raise BadAudit(f"{path.name} is damaged: {problem!r}. Make the audit again.") from problem


@dataclass(frozen=True)
class AuditFile:
    """A file where audits are kept.

    Attributes:
        path: the file.
        audit: what it holds; None where it cannot be read.
        problem: why not.
    """

    path: Path
    audit: Audit | None
    problem: str = ""


def audits(home: Path) -> list[AuditFile]:
    """Return what stands where audits are kept, damaged files too; the newest first.

    Args:
        home: the folder of all evaluations.
    """
    files = []
    for path in sorted((home / HOME).glob("*.json")):
        try:
            files.append(AuditFile(path, Audit.read(path)))
        except BadAudit as trouble:
            files.append(AuditFile(path, None, str(trouble)))
    return sorted(files, key=lambda one: str(one.audit.conditions.get("date", "")) if one.audit else "", reverse=True)


def _comparison(row: dict[str, Any]) -> Comparison:
    chance = float(row["chance"])
    if not 0 <= chance < 1:
        raise ValueError(f"a chance of {chance}")
    figures = {name: Figure.read(row[name], name) for name in CONDITIONS if name in row}
    known = {name: figure for name, figure in figures.items() if figure.value is not None}
    asked = {name: str(row[name]) for name in ASKED}
    return Comparison(**asked, chance=chance, figures=known, outcome=str(row["outcome"]), said=str(row["said"]))


def _areas(entries: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], Figure]:
    return {
        (str(entry["audit"]), str(entry["stage"]), str(entry["scope"]), str(entry["by"])): Figure.read(
            entry["AUC"], "AUC"
        )
        for entry in entries
        if entry["condition"] == "after" and entry.get("AUC") is not None
    }


def _leak(row: dict[str, Any]) -> Leak:
    named: dict[str, Any] = {name: str(row[name]) for name in SPLIT}
    return Leak(
        **named,
        n=int(row["n"]),
        near=int(row["near"]),
        share=Figure.read(row["share"], "share"),
        unrelated=Figure.read(row["unrelated"], "unrelated"),
        same_group=Figure.read(row["same group"], "same group"),
        examples=tuple(_example(pair) for pair in row["examples"]),
    )


def _example(pair: dict[str, Any]) -> dict[str, Any]:
    words = {
        "photo": str(pair["sha256"]),
        "near": str(pair["near"]),
        "sources": " and ".join(map(str, pair["sources"])),
    }
    return words | {"bits apart": _number(pair["bits"]), "cosine": _number(pair["cosine"])}


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(float(value)) else float(value)


CONDITIONS = ("published", "before", "cropped", "after")
